"""Which views to compute ahead, how large they are at most, and computing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ..methods import method_named
from ..network import Cancelled
from ..study import (
    Answers,
    Choice,
    Exploration,
    Shown,
    in_words,
    matched_class,
    picture_state,
)
from .atlas import Atlas
from .most_bytes import most_map_bytes

# So many classes of each picture, where nobody says which.
LIKELIEST = 5


@dataclass(frozen=True)
class Plan:
    """What to compute ahead.

    Attributes
    ----------
    targets
        Classes; None are the likeliest of each picture.
    patch, stride
        Of occlusion, in pixels.
    every_class
        Whether to keep what answers every class, where the model's head allows it.
    likely_elsewhere
        Of each picture the classes that other models find likely, each with what that model answers with; they are
        computed beside this model's own likeliest.
    """

    images: list[int]
    targets: list[Any] | None
    methods: list[str]
    layers: list[str]
    patch: int
    stride: int
    every_class: bool = False
    likely_elsewhere: dict[int, list[tuple[Answers, int]]] = field(default_factory=dict)
    style: str | None = None

    @property
    def views(self) -> int:
        """How many views it has, if the model has so many classes."""
        return len(self.images) * self._classes * self._views_of_a_class

    def most_bytes(self, atlas: Atlas, exploration: Exploration, like: int) -> int:
        """Its size if all pictures are as large as the one given, and nothing can be made smaller."""
        prepared = exploration.prepared(like)
        grids = [exploration.layer_shapes(like)[layer][1:] for layer in self.layers]
        channels = len(prepared.input)
        maps = most_map_bytes(self.methods, grids, prepared.size, channels, self.style)
        views = len(self.images) * (
            maps * self._classes + len(picture_state(prepared, like, "")["data"])
        )
        every = atlas.every_class.most_bytes(len(self.images), like) if self.every_class else 0
        return views + every

    def fill(
        self,
        atlas: Atlas,
        exploration: Exploration,
        cancelled: Callable[[], bool],
        left_out: list[str],
    ) -> Iterator[float]:
        """Compute what the atlas does not hold.

        Parameters
        ----------
        cancelled
            Asked before every view.
        left_out
            Takes the reason why, of each picture that cannot be read, and of classes that cannot be answered.

        Yields
        ------
        float
            The share done, after every view.
        """
        for position, image in enumerate(self.images):
            try:
                exploration.prepared(image)
            except (OSError, TypeError, ValueError) as error:
                left_out.append(f"Left out: {in_words(error)}.")
                continue
            targets = self._targets(exploration, image)
            views = self._views_of_a_class * len(targets)
            for done, choice in enumerate(self._choices(image, targets), start=1):
                if cancelled():
                    return
                if not atlas.holds(choice):
                    explanation = exploration.explain(choice, None, cancelled)
                    if method_named(choice.method).is_slow and cancelled():
                        # It may be an estimate.
                        return
                    atlas.add(Shown.of(exploration, choice, explanation))
                yield (position + done / views) / len(self.images)
            if self.every_class:
                try:
                    why_not = atlas.add_every_class(image, cancelled)
                except Cancelled:
                    return
                reason = f"Not every class: {why_not}."
                if why_not and reason not in left_out:
                    left_out.append(reason)

    @property
    def _classes(self) -> int:
        return LIKELIEST if self.targets is None else len(self.targets)

    @property
    def _views_of_a_class(self) -> int:
        return sum(len(self._layers_of(method)) for method in self.methods)

    def _layers_of(self, method: str) -> Sequence[str | None]:
        return self.layers if method_named(method).uses_layer else [None]

    def _targets(self, exploration: Exploration, image: int) -> list[int]:
        if self.targets is None:
            own = [found.index for found in exploration.predictions(image, LIKELIEST)]
            others = [
                matched_class(index, answers, exploration.answers)
                for answers, index in self.likely_elsewhere.get(image, ())
            ]
            return list(dict.fromkeys([*own, *(each for each in others if each is not None)]))
        return [exploration.class_index(target, image) for target in self.targets]

    def _choices(self, image: int, targets: list[int]) -> Iterator[Choice]:
        for target, method in product(targets, self.methods):
            for layer in self._layers_of(method):
                options = (self.patch, self.stride)
                yield Choice(image, method, layer, target, *options, painted=self.style)
