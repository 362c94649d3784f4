"""Many pictures, layers or classes, method beside method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from traitlets import TraitError

from ...methods.table import method_named
from ...pages.gallery_atlas import GalleryAtlas
from ...study.exploration import Exploration
from ...study.wire import layer_states, method_states
from ...study.work import GalleryWork
from ..live_view import refuse_unknown
from .choices import CHOICES, LOOKS
from .results import GalleryResults
from .view import MOST_ROWS

if TYPE_CHECKING:
    from ..explorer.widget import ExplainerWidget


_USUAL = ("grad_cam", "guided_grad_cam")
_FOLLOWED = ["selected", "image_index", "rows"]


class GalleryWidget(GalleryResults):
    """Compare methods over many pictures, over the layers of a network, or over the classes of one picture.

    Every choice is a trait that can be set, observed and linked. A choice that does not fit raises at once;
    what it asks for is computed in the background, row by row, and `wait` blocks until the page is complete; do so
    before showing it if the stored notebook is to have a picture for those who see it without a kernel. Only what is
    looked at is computed: a page, or, for an order or a filter by the model's answers, one forward pass over all
    pictures, once.

    Parameters
    ----------
    model_or_explainer, class_names, transform, device
        As for `ExplainerWidget`.
    images
        As for `ExplainerWidget`: also a folder tree in `ImageFolder` layout, a `Dataset`, or any sequence; pictures are
        opened when they are looked at.
    labels
        True labels: one for each picture (class index or name), or a dict from picture name to label. By default those
        that come with the images.
    methods
        The columns to start with.
    layer
        The target layer; by default the last one offered.
    target
        ``predicted``, ``label``, or one class by index or name.
    layers
        The layers to offer and, with ``rows="layers"``, to compare; by default the ends of the network's stages.
    batch_size
        How many pictures go through the model at once; by default as many as memory allows, 32 at most. It halves itself
        when memory runs out.
    page_size
        Rows a page, 1 to 100; by default 12.
    exact
        Whether batches run the model as it stands. By default they run the faster way of `ForwardPass`, whose heatmaps
        are within 2 of 255 grey levels of the exact ones at 99.5 % of the pixels.
    cache_bytes
        The most bytes of pictures and maps to keep; what was looked at longest ago is forgotten first.
    **choices
        Any other trait, to start with: ``rows="layers"``, ``order="disagreement"``, ``opacity=0.7``.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError, TraitError
        If an argument does not fit; the message names it, what was expected and the way out.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1),
    ...                             torch.nn.Flatten())
    >>> gallery = GalleryWidget(model, torch.rand(30, 3, 48, 64), page_size=10)
    >>> gallery.wait()
    >>> gallery
    GalleryWidget(30 pictures, methods=['grad_cam', 'guided_grad_cam'], layer='1', target='predicted')
    >>> gallery.status
    '10 of 30 pictures shown'
    """

    def __init__(
        self,
        model_or_explainer: Any,
        images: Any,
        class_names: Sequence[str] | Mapping[int, str] | None = None,
        *,
        labels: Sequence[Any] | Mapping[Any, Any] | None = None,
        methods: Sequence[str] = _USUAL,
        layer: str | None = None,
        target: int | str = "predicted",
        transform: Callable[[Any], Any] | None = None,
        device: str | torch.device | None = None,
        layers: Sequence[str] | None = None,
        batch_size: int | None = None,
        page_size: int | None = None,
        exact: bool = False,
        cache_bytes: int = 256 * 2**20,
        **choices: Any,
    ) -> None:
        self._opened = False
        refuse_unknown(choices, (*CHOICES, *LOOKS))
        self._model, self._source, self._names, self._transform = (
            model_or_explainer,
            images,
            class_names,
            transform,
        )
        if isinstance(cache_bytes, bool) or not isinstance(cache_bytes, int) or cache_bytes < 0:
            raise ValueError(f"cache_bytes is {cache_bytes!r}; expected a number of bytes")
        self._exploration = Exploration(
            model_or_explainer,
            images,
            class_names,
            transform=transform,
            layers=layers,
            device=device,
            cache_bytes=cache_bytes // 4,
        )
        self._work = GalleryWork(self._exploration, labels, batch_size, cache_bytes // 2, exact)
        self._first_index = self._work.open(choices.get("image_index", 0))
        given = {
            "methods": self._offered(methods),
            "target": target,
            "page_size": page_size,
            "layer": layer,
            **choices,
        }
        super().__init__(**self._opening_state({k: v for k, v in given.items() if v is not None}))
        self._defaults = {name: getattr(self, name) for name in (*CHOICES, *LOOKS)}
        self._opened = True
        self._start_answering()

    def explorer(self) -> ExplainerWidget:
        """Make an `ExplainerWidget` on the same model and pictures that follows the selection, until either is closed.

        In a comparison of layers or classes it also follows to the layer or class of the selected row. What it cannot
        show is told in its own `error`.
        """
        from ..explorer.widget import ExplainerWidget

        explorer = ExplainerWidget(
            self._model,
            self._source,
            self._names,
            transform=self._transform,
            image_index=self._selected_picture() or 0,
            layer=self.layer,
        )

        def follow(_: Any) -> None:
            if not explorer._opened:
                self.unobserve(follow, _FOLLOWED)
            elif self._opened:
                try:
                    for name, value in self._selected_view().items():
                        setattr(explorer, name, value)
                except TraitError as error:
                    explorer.error = str(error)

        self.observe(follow, _FOLLOWED)
        follow(None)
        return explorer

    def close(self) -> None:
        """Close the widget on every page and free what it holds; the model stays as it was."""
        # Python also closes what its constructor refused to make.
        if not self._opened:
            super().close()
            return
        self._opened = False
        super().close()
        with self._telling:
            if self._worker.busy:
                # A batch that is under way would be kept; so its thread clears up when it is done.
                self._worker.start(lambda _: self._work.clear())
            else:
                self._work.clear()
            self._page = self._atlas = None
            self._saved = GalleryAtlas()
            for position in range(MOST_ROWS):
                setattr(self, f"_row_{position}", None)

    def __repr__(self) -> str:
        if not self._opened:
            return "GalleryWidget(closed)"
        count = len(self._exploration.pictures)
        what = (
            f"{count} picture{'' if count == 1 else 's'}"
            if self.rows == "pictures"
            else f"{self.rows} of {self._exploration.pictures.name(self.image_index)!r}"
        )
        return f"GalleryWidget({what}, methods={self.methods}, layer={self.layer!r}, target={self.target!r})"

    def _offered(self, methods: Sequence[str]) -> list[str]:
        """The methods asked for; of the usual ones, which nobody may have asked for, those that the model allows."""
        if isinstance(methods, str):
            raise TypeError(f"methods is {methods!r}; expected a list of names: [{methods!r}]")
        for name in methods:
            method_named(name)
        offered = [m.name for m in self._exploration.methods(self._first_index) if not m.is_slow]
        usual = tuple(methods) == _USUAL and not set(methods) <= set(offered)
        return offered[:2] if usual else list(methods)

    def _opening_state(self, choices: dict[str, Any]) -> dict[str, Any]:
        exploration, index = self._exploration, self._first_index
        methods = [method for method in exploration.methods(index) if not method.is_slow]
        self._first_layer = exploration.default_layer(index)
        state = {
            "layer": self._first_layer,
            "_images": {"total": len(exploration.pictures)},
            "_methods": method_states(methods),
            "_layers": layer_states(exploration.layer_shapes(index)),
            "_class_names": exploration.class_names.as_list(),
            "_has_labels": self._work.labels.are_known(index),
        }
        return {**state, **choices}

    def _selected_picture(self) -> int | None:
        return self.selected if self.rows == "pictures" else self.image_index

    def _selected_view(self) -> dict[str, Any]:
        """What is selected, as an explorer's choices."""
        index = self._selected_picture()
        view = {} if index is None else {"image_index": index}
        row = None if self.rows == "pictures" or self.selected is None else self._row(self.selected)
        for state in row["maps"].values() if row is not None else ():
            view["target"] = state["target"]["index"]
            if state["layer"] is not None:
                view["layer"] = state["layer"]
        return view
