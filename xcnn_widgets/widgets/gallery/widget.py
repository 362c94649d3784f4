"""Many pictures, layers or classes, method beside method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from ...datasets import WITHOUT_MODEL, Results, StoredSource
from ...methods import Method
from ...pages import GalleryAtlas
from ...study import MOST_ROWS, Work, in_words, standing
from ..checks import model_options
from ..explorer.widget import ExplainerWidget
from ..live_view import refuse_unknown
from ..worker import Worker
from .answering import Answering
from .asked import Asked
from .filing import Filing
from .following import ExplorerLink
from .offer import USUAL, Offer, asked_methods
from .opened import opened
from .opening import Opening
from .outputs import GalleryOutputs
from .saving import Saving
from .saving_rows import SavingRows
from .view import CHOICES, LOOKS


class GalleryWidget(GalleryOutputs):
    """Compare methods over many pictures, over the layers of a network, or over the classes of one picture.

    Every choice is a trait that can be set, observed and linked. A choice that does not fit raises at once;
    what it asks for is computed in the background, row by row, and `wait` blocks until the page is complete; do so
    before showing it if the stored notebook is to have a picture for those who see it without a kernel. Only what is
    looked at is computed: a page, or, for an order or a filter by the model's answers, one forward pass over all
    pictures, once.

    Parameters
    ----------
    model_or_explainer, class_names
        As for `ExplainerWidget`; a dict of models, or `checkpoints`, has a column for each method and model. What is
        said of one model (orders by confidence, right and wrong, a class predicted, the confusion matrix, metrics) is of
        the trait `model`, the first by default; what changed is from the first to the last. All stay in memory.
    images
        As for `ExplainerWidget`: also a folder tree in `ImageFolder` layout, a `Dataset`, or any sequence; pictures are
        opened when they are looked at.
    labels
        True labels: one for each picture (class index or name), or a dict from picture name to label. By default those
        that come with the images.
    methods
        The columns to start with: names in `METHODS`, or methods made by `method`, `from_captum` and their like. Those
        that are not among the usual quick ones are offered beside them.
    layer
        The target layer; by default the last one offered.
    target
        ``predicted``, ``label``, one class by index or name, or a callable from the model's output to one scalar a
        sample.
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
        The most bytes of pictures and maps to keep.
    **choices
        Any other trait, to start with: ``rows="layers"``, ``order="disagreement"``, ``opacity=0.7``; and how the model
        is asked, as for `ExplainerWidget`.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError, TraitError
        If an argument does not fit; the message names it, what was expected and the way out.

    Examples
    --------
    >>> import torch
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
        methods: Sequence[str | Method] = USUAL,
        layer: str | None = None,
        target: Any = "predicted",
        layers: Sequence[str] | None = None,
        batch_size: int | None = None,
        page_size: int | None = None,
        exact: bool = False,
        cache_bytes: int = 256 * 2**20,
        **choices: Any,
    ) -> None:
        choices["target"] = target
        options = model_options(choices)
        refuse_unknown(choices, (*CHOICES, *LOOKS))
        asked_for = asked_methods(methods)
        asked = Asked.of(
            model_or_explainer,
            images,
            class_names,
            options,
            methods=asked_for,
            layers=layers,
            labels=labels,
            batch_size=batch_size,
            exact=exact,
            cache_bytes=cache_bytes,
            image_index=choices.get("image_index", 0),
        )
        given = {"layer": layer, "page_size": page_size, **choices}
        offer = Offer.of(asked.work, asked.index, asked_for)
        if target == "predicted" and not offer.source.reading["has_winner"]:
            del given["target"]
        self._begin(offer, asked, given)

    @classmethod
    def _of_results(
        cls,
        results: Results | str | PathLike[str],
        model: Any = None,
        images: Any = None,
        **choices: Any,
    ) -> GalleryWidget:
        """Open what `explain_dataset` wrote, of ten pictures or of a million, without its model.

        Orders, filters, search, pages, metrics and the summary are answered from the files. What was not saved (other
        methods, layers, targets and metrics, comparisons of layers or classes, the explorer) needs the model.

        Parameters
        ----------
        results
            The results, or their folder.
        model
            The model that they are of, to compute what was not saved.
        images
            The pictures that were explained, in their order; by default the files that the results name.
        **choices
            As for `GalleryWidget`; ``activation`` is that of the results.

        Raises
        ------
        FileNotFoundError
            If these are no results.
        TypeError, ValueError, TraitError
            If an argument does not fit, there is no row, or the model is another one.
        """
        offer, asked = opened(results, model, images, choices)
        gallery = cls.__new__(cls)
        gallery._begin(offer, asked, choices)
        return gallery

    open: Any = Opening(lambda gallery: gallery._of_results)

    def _begin(self, offer: Offer, asked: Asked | StoredSource, given: Mapping[str, Any]) -> None:
        """Open the first page of what a model, or results without one, offer."""
        self.offer, self.source = offer, offer.source
        self._asked = asked if isinstance(asked, Asked) else None
        self._worker = Worker("xcnn-gallery")
        self._saved = GalleryAtlas()
        self._answering = Answering(self, offer, self._worker)
        self._filing = Filing(self, offer.source, self._worker)
        self._saving = (
            Saving(self, offer, asked, worker=self._worker, atlas=self._saved, filing=self._filing)
            if isinstance(asked, Asked)
            else SavingRows(
                self, asked, worker=self._worker, atlas=self._saved, filing=self._filing
            )
        )
        self._link = ExplorerLink(self, self.explorer)
        self.turn = self._answering.turn
        given = {name: value for name, value in given.items() if value is not None}
        super().__init__(**{**offer.state(), "methods": offer.first_methods(), **given})
        self._defaults = {name: getattr(self, name) for name in (*CHOICES, *LOOKS)}
        self.is_open = True
        self.observe(self._follow, (*CHOICES, "painted"))
        self.observe(self._read_again, "activation")
        self.observe(self._cancel_work, "_cancel")
        self.observe(self._summarise, "_summary_wanted")
        self.observe(self._measure_all, "_trust_wanted")
        self.observe(self._open_explorer, "_explorer_wanted")
        self._answering.open()

    @property
    def work(self) -> Work:
        """The first model with its pictures, and everything that was found out about them.

        Raises
        ------
        RuntimeError
            If results were opened without their model.
        """
        return self._model_asked().work

    def wait(self, timeout: float | None = None) -> None:
        """Block until the page is complete, and raise what went wrong with it as a whole.

        Raises
        ------
        TimeoutError
            If it takes longer than `timeout` seconds.
        """
        self._worker.wait(timeout)

    def explorer(self) -> ExplainerWidget:
        """Make an `ExplainerWidget` on the same model and pictures that follows the selection, until either is closed.

        In a comparison of layers or classes it also follows to the layer or class of the selected row. What it cannot
        show is told in its own `error`.

        Raises
        ------
        RuntimeError
            If results were opened without their model.
        """
        return self._model_asked().explorer(self)

    def close(self) -> None:
        """Close the widget on every page and free what it holds; the model stays as it was."""
        was_open, self.is_open = self.is_open, False
        super().close()
        # Python also closes what its constructor refused to make, and what was closed already.
        if was_open:
            self._link.close()
            with self.turn():
                self._answering.close()
                self._saved.clear()
                self._atlas = None

    def page_state(self) -> dict[str, Any]:
        """What a page without a kernel has to know; rows that it can make of what was computed ahead are left out."""
        state = super().page_state() | {"_reading": standing(self._reading)}
        for position in range(MOST_ROWS):
            row = self.row(position)
            if row is not None and self._saved.holds_row(row):
                state[f"_row_{position}"] = None
        return state

    def _model_asked(self) -> Asked:
        if self._asked is None:
            raise RuntimeError(WITHOUT_MODEL)
        return self._asked

    def _follow(self, _: Any) -> None:
        self._answering.follow()

    def _read_again(self, _: Any) -> None:
        self._saved.clear()
        self._atlas = None
        self._answering.read_again()

    def _cancel_work(self, _: Any) -> None:
        self._answering.cancel()

    def _summarise(self, _: Any) -> None:
        self._answering.summarise()

    def _measure_all(self, _: Any) -> None:
        self._answering.measure_all()

    def _open_explorer(self, _: Any) -> None:
        try:
            self._link.open()
        except Exception as error:
            self.error = in_words(error)

    def _free(self) -> None:
        self.source.forget()
