"""The model that a gallery asks, and explorers of it beside the gallery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...methods import Method
from ...study import Models, Work, several
from ..checks import require_pictures
from ..explorer.widget import ExplainerWidget
from .following import follow_selection, selected_picture
from .offer import unusual
from .view import GalleryView


@dataclass(frozen=True)
class Asked:
    """A model with its pictures, and what an explorer of both is made of.

    Attributes
    ----------
    work
        The first model's; it is opened.
    index
        A picture that it takes.
    made_of
        The model or models, the pictures and the class names, as they were given.
    options
        How the models are asked.
    methods
        Those of an explorer beside the gallery; None for the usual ones.
    """

    work: Work
    index: int
    made_of: tuple[Any, Any, Any]
    options: dict[str, Any]
    methods: list[Method] | None

    @classmethod
    def of(
        cls,
        model: Any,
        images: Any,
        class_names: Any,
        options: dict[str, Any],
        *,
        methods: Sequence[Method] = (),
        layers: Sequence[str] | None = None,
        labels: Any = None,
        batch_size: int | None = None,
        exact: bool = False,
        cache_bytes: int,
        image_index: int = 0,
    ) -> Asked:
        """One model or several with pictures; parameters and errors as of `GalleryWidget`."""
        if isinstance(cache_bytes, bool) or not isinstance(cache_bytes, int) or cache_bytes < 0:
            raise ValueError(f"cache_bytes is {cache_bytes!r}; expected a number of bytes")
        also = unusual(methods)
        models = Models(
            model,
            images,
            class_names=class_names,
            layers=layers,
            also=also,
            cache_bytes=cache_bytes // 4,
            **options,
        )
        exploration = models.explored(models.names[0])
        require_pictures(exploration, "GalleryWidget")
        kept = cache_bytes // 2
        work, index = several(
            models, labels, batch_size, kept, exact=exact, image_index=image_index
        )
        beside = exploration.methods(index) if also else None
        return cls(work, index, (model, images, class_names), options, beside)

    def explorer(self, gallery: GalleryView) -> ExplainerWidget:
        """An explorer that follows what is selected in a gallery."""
        index = selected_picture(gallery)
        explorer = ExplainerWidget(
            *self.made_of,
            **{**self.options, "activation": gallery.activation, **self._first_model()},
            methods=self.methods,
            image_index=self.index if index is None else index,
            layer=gallery.layer,
        )
        follow_selection(explorer, gallery, self.work)
        return explorer

    def _first_model(self) -> dict[str, Any]:
        return {} if self.work.name is None else {"model": self.work.name}
