"""Many pictures, layers or classes, method beside method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...methods import Method
from ...metrics import Faithfulness
from ...pages import GalleryAtlas
from ...study import MOST_ROWS, Models, Summary, filled, in_words, several, standing
from ..checks import model_options, require_pictures
from ..explorer.widget import ExplainerWidget
from ..live_view import refuse_unknown
from ..worker import Worker
from .answering import Answering
from .filing import Filing
from .following import ExplorerLink, follow_selection, selected_picture
from .offer import USUAL, Offer, asked_methods, unusual
from .outputs import GalleryOutputs
from .saving import Saving
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
        if isinstance(cache_bytes, bool) or not isinstance(cache_bytes, int) or cache_bytes < 0:
            raise ValueError(f"cache_bytes is {cache_bytes!r}; expected a number of bytes")
        asked = asked_methods(methods)
        models = Models(
            model_or_explainer,
            images,
            class_names=class_names,
            layers=layers,
            also=unusual(asked),
            cache_bytes=cache_bytes // 4,
            **options,
        )
        exploration = models.explored(models.names[0])
        require_pictures(exploration, "GalleryWidget")
        self._explored = (model_or_explainer, images, class_names, options)
        index, kept = choices.get("image_index", 0), cache_bytes // 2
        self.work, index = several(models, labels, batch_size, kept, exact=exact, image_index=index)
        self.offer = Offer.of(self.work, index, asked)
        self._worker = Worker("xcnn-gallery")
        self._saved = GalleryAtlas()
        self._answering = Answering(self, self.offer, self._worker)
        self._filing = Filing(self, self.work, self._worker)
        self._saving = Saving(self, self.offer, self._worker, self._saved, self._filing)
        self._link = ExplorerLink(self, self.explorer)
        self.turn = self._answering.turn
        given = {"layer": layer, "page_size": page_size, **choices}
        given = {name: value for name, value in given.items() if value is not None}
        if target == "predicted" and not exploration.answers.reading.has_winner:
            del given["target"]
        super().__init__(**{**self.offer.state(), "methods": self.offer.first_methods(), **given})
        self._defaults = {name: getattr(self, name) for name in (*CHOICES, *LOOKS)}
        self.is_open = True
        self.observe(self._follow, (*CHOICES, "painted"))
        self.observe(self._read_again, "activation")
        self.observe(self._cancel_work, "_cancel")
        self.observe(self._summarise, "_summary_wanted")
        self.observe(self._measure_all, "_trust_wanted")
        self.observe(self._open_explorer, "_explorer_wanted")
        self._answering.open()

    def wait(self, timeout: float | None = None) -> None:
        """Block until the page is complete, and raise what went wrong with it as a whole.

        Raises
        ------
        TimeoutError
            If it takes longer than `timeout` seconds.
        """
        self._worker.wait(timeout)

    def summary(self) -> Summary:
        """How well the model does on all pictures: accuracy, how many it got wrong, and which classes it takes for which.

        Also how its probabilities are spread, and how far the first two methods disagree where all are explained.

        What the model has not seen yet it sees now, without any gradient; it is asked once.

        Raises
        ------
        RuntimeError
            If that was cancelled.
        """
        self._answering.summarise()
        self._filing.finish_page()
        if self.summary_is_missing():
            raise RuntimeError(f"there is no summary: {self.error or self.status}")
        return Summary.of(self.work, self.request().ask)

    def trust(self) -> Faithfulness:
        """What the `metrics` say of the methods on all pictures that pass the filters: means, intervals, sentences.

        What was not measured yet is measured now. A picture that could not be measured is left out.

        Raises
        ------
        ValueError
            If no metric is chosen.
        RuntimeError
            If that was cancelled.
        """
        if not self.metrics:
            raise ValueError(
                "metrics is empty; choose some: gallery.metrics = ['deletion', 'road']"
            )
        self._answering.measure_all()
        self._filing.finish_page()
        if self._trust is None:
            raise RuntimeError(f"not all was measured: {self.error or self.status}")
        request = self.request()
        page = filled(self.work, replace(request, measure_all=True))
        assert page.trust is not None
        return page.trust[0]

    def explorer(self) -> ExplainerWidget:
        """Make an `ExplainerWidget` on the same model and pictures that follows the selection, until either is closed.

        In a comparison of layers or classes it also follows to the layer or class of the selected row. What it cannot
        show is told in its own `error`.
        """
        model, images, class_names, options = self._explored
        explorer = ExplainerWidget(
            model,
            images,
            class_names,
            **{**options, "activation": self.activation, **self._first_model()},
            methods=self.offer.beside(),
            image_index=selected_picture(self) or 0,
            layer=self.layer,
        )
        follow_selection(explorer, self)
        return explorer

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

    def _first_model(self) -> dict[str, Any]:
        return {} if self.work.name is None else {"model": self.work.name}

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
        self.work.forget()
