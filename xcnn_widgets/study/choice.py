"""One choice of everything that an answer depends on."""

from __future__ import annotations

from dataclasses import dataclass

from ..methods import method_named


@dataclass(frozen=True)
class Choice:
    """What a person chose to look at; `target` None is the predicted class, `painted` None the method's usual one.

    Of several models, `model` is the one that is asked, and `beside` one that is asked the same.
    """

    image_index: int
    method: str
    layer: str | None
    target: int | None
    patch: int
    stride: int
    model: str | None = None
    beside: str | None = None
    painted: str | None = None

    @property
    def question(self) -> tuple[object, ...]:
        """What the answer depends on: a layer or an option that the method ignores is left out."""
        method = method_named(self.method)
        layer = self.layer if method.uses_layer else None
        options = tuple(self.options().items())
        return self.image_index, self.method, layer, self.target, options

    @property
    def view(self) -> tuple[object, ...]:
        """What tells what is seen from what else could be."""
        return self.model, self.beside, self.painted, self.question

    @property
    def picture(self) -> tuple[str | None, int]:
        """What decides which picture is seen: each model has its own cut of it."""
        return self.model, self.image_index

    def options(self) -> dict[str, int]:
        """The method's own options among `patch` and `stride`."""
        takes = method_named(self.method).options
        return {name: getattr(self, name) for name in ("patch", "stride") if name in takes}
