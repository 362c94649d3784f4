"""Many pictures, layers or classes, method beside method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from os import PathLike
from typing import TYPE_CHECKING, Any

from ...pages import GalleryAtlas, page, write_whole
from ...study import MOST_ROWS, Exploration, Work, failures_by_name, standing, table
from ..checks import model_options, require_pictures
from ..explorer.widget import ExplainerWidget
from ..live_view import refuse_unknown
from ..worker import Worker
from .answering import Answering
from .following import follow_selection, selected_picture
from .offer import USUAL, Offer
from .saving import Saving
from .view import CHOICES, LOOKS, GalleryView

if TYPE_CHECKING:
    import pandas as pd


class GalleryWidget(GalleryView):
    """Compare methods over many pictures, over the layers of a network, or over the classes of one picture.

    Every choice is a trait that can be set, observed and linked. A choice that does not fit raises at once;
    what it asks for is computed in the background, row by row, and `wait` blocks until the page is complete; do so
    before showing it if the stored notebook is to have a picture for those who see it without a kernel. Only what is
    looked at is computed: a page, or, for an order or a filter by the model's answers, one forward pass over all
    pictures, once.

    Parameters
    ----------
    model_or_explainer, class_names
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
        methods: Sequence[str] = USUAL,
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
        exploration = Exploration(
            model_or_explainer,
            images,
            class_names,
            layers=layers,
            cache_bytes=cache_bytes // 4,
            **options,
        )
        require_pictures(exploration, "GalleryWidget")
        self._explored = (model_or_explainer, images, class_names, options)
        self.work = Work(exploration, labels, batch_size, cache_bytes // 2, exact=exact)
        self.offer = Offer.of(self.work, self.work.open(choices.get("image_index", 0)))
        self._worker = Worker("xcnn-gallery")
        self._saved = GalleryAtlas()
        self._answering = Answering(self, self.offer, self._worker)
        self._saving = Saving(self, self.offer, self._worker, self._saved)
        self.turn = self._answering.turn
        given = {"layer": layer, "page_size": page_size, **choices}
        given = {name: value for name, value in given.items() if value is not None}
        if target == "predicted" and not exploration.answers.reading.has_winner:
            del given["target"]
        super().__init__(
            **{**self.offer.state(), "methods": self.offer.first_methods(methods), **given}
        )
        self._defaults = {name: getattr(self, name) for name in (*CHOICES, *LOOKS)}
        self.is_open = True
        self.observe(self._follow, CHOICES)
        self.observe(self._read_again, "activation")
        self.observe(self._cancel_work, "_cancel")
        self._answering.open()

    def wait(self, timeout: float | None = None) -> None:
        """Block until the page is complete, and raise what went wrong with it as a whole.

        Raises
        ------
        TimeoutError
            If it takes longer than `timeout` seconds.
        """
        self._worker.wait(timeout)

    @property
    def failures(self) -> dict[str, str]:
        """The pictures that could not be read, or not be explained as they are asked now, by name, and why."""
        return failures_by_name(self.work, self.request().ask)

    def to_dataframe(self) -> pd.DataFrame:
        """Return what is known of each picture as a table, in the order given.

        Columns: name, label, prediction, probability (or value, where the model's numbers are no probabilities),
        disagreement (of the first two columns, at the layer and target shown). Pictures that the model has not seen yet are left out; choosing an order by confidence makes it see all.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return table(self.work, self.request().ask)

    def precompute(
        self,
        layers: Sequence[str] | None = None,
        targets: Sequence[int | str] | None = None,
        methods: Sequence[str] | None = None,
        images: Sequence[int] | None = None,
    ) -> int:
        """Compute maps ahead, for `to_html`, for a saved notebook, and for rows that come at once.

        `status` says how large they will be at most, and what they became. With the Cancel button or an interrupt,
        what is done so far stays. A picture that cannot be read or explained says so on the page.
        Fifty pictures of 224 x 224 take 1.7 MB with Grad-CAM and Guided Grad-CAM at one layer (their page 2.5 MB),
        and 6.7 MB with all five methods (9.2 MB).

        Parameters
        ----------
        layers
            Names of layers that are offered; by default all of them for up to 12 pictures, of more the one chosen.
        targets
            ``predicted``, ``label``, ``likeliest`` (the classes that a comparison of classes shows), and classes by
            index or name; by default the prediction, the label where there are labels, and the class chosen.
        methods
            Names of methods that are offered; by default all of them.
        images
            Indices of pictures; by default all up to 50, of more those on the page shown. Others are not on the page.

        Returns
        -------
        int
            The bytes of all maps saved so far, with their pictures.

        Raises
        ------
        TypeError, ValueError
            If there is no such layer, class, method or picture.
        """
        self._finish_page()
        return self._saving.precompute(layers, targets, methods, images)

    def to_html(
        self, path: str | PathLike[str], title: str | None = None, precompute: bool = True
    ) -> None:
        """Write one HTML file that shows the gallery, opens from disk, and needs neither kernel nor network.

        Its pictures are those of which maps were computed ahead: there they are paged, sorted, filtered and compared as
        with a kernel. Of a layer, a class or a method that was not computed it says that it needs one. A file that is
        there is replaced in one step.

        Parameters
        ----------
        path
            Where to write it.
        title
            What stands above the gallery and in the browser's tab.
        precompute
            Whether to `precompute` by default, unless something was already. If not, the rows shown are all there is.

        Raises
        ------
        OSError
            If the file cannot be written; one that was there stays as it was.
        RuntimeError
            If computing ahead was cancelled, or there is nothing to show; nothing is written.
        """
        self._finish_page()
        if precompute:
            self._saving.precompute_unless_saved()
        if not (self._saved.indices or self.finished_rows()):
            raise RuntimeError(
                f"there is nothing to show on a page: {self.error or self.status or 'no picture was explained'}"
            )
        write_whole(path, page(title, self.page_state()))

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
            **{**options, "activation": self.activation},
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

    def _follow(self, _: Any) -> None:
        self._answering.follow()

    def _read_again(self, _: Any) -> None:
        self._saved.clear()
        self._atlas = None
        self._answering.read_again()

    def _cancel_work(self, _: Any) -> None:
        self._answering.cancel()

    def _free(self) -> None:
        self.work.forget()

    def _finish_page(self) -> None:
        """Wait for the page; what is wrong with it is told on screen, and concerns no other."""
        with suppress(Exception):
            self.wait()
