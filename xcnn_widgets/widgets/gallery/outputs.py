"""What leaves a gallery: figures, files, tables and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ...metrics import Faithfulness
from ...pages import GalleryAtlas, page, write_whole
from ...study import Looks, Page, Summary, page_figure, sheets_of
from ..worker import Worker
from .answering import Answering
from .filing import Filing
from .saving import Saving
from .saving_rows import SavingRows
from .view import GalleryView

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_STANDING_ROWS = 6


class GalleryOutputs(GalleryView):
    """A gallery that draws figures, writes files and pages, and makes tables."""

    _answering: Answering
    _worker: Worker
    _filing: Filing
    _saving: Saving | SavingRows
    _saved: GalleryAtlas

    def figure(self, sheet: int = 1) -> Figure:
        """Draw the page as it stands as a matplotlib figure: a row for each row, a column for each method.

        Parameters
        ----------
        sheet
            A page of more than ten rows is drawn in several sheets, so that names can be read; 1 is the first.

        Raises
        ------
        RuntimeError
            If there is no row yet that could be explained.
        ValueError
            If there is no such sheet.
        """
        rows = self.finished_rows()
        if not rows:
            raise RuntimeError(
                f"there is nothing to draw yet: {self.error or self.status or 'wait() for the page'}"
            )
        return page_figure(rows, self.source.pictures, self._looks(), sheet)

    def figures(self) -> list[Figure]:
        """Draw all sheets of the page, as `figure` draws one."""
        sheets = max(1, sheets_of(self.finished_rows()))
        return [self.figure(sheet) for sheet in range(1, sheets + 1)]

    def save_png(self, folder: str | Path, pictures: str = "page") -> list[Path]:
        """Save every tile as it is drawn, once the page is complete: ``003-cat-grad_cam.png``; returns the files.

        The number is the picture's own, whatever page it is on. A file that is there is never written over: the new
        one is called ``003-cat-2-grad_cam.png``. `status` says how many of how many pictures they are.

        Parameters
        ----------
        folder
            Where to write them; it is made.
        pictures
            ``page``: the rows shown. ``filtered``: the pictures on all pages, as they are filtered and ordered.
            ``all``: every picture. What is not explained yet is then, with progress and Cancel.

        Raises
        ------
        ValueError
            If `pictures` is none of these.
        OSError
            If the folder cannot be made or written.
        """
        return self._filing.save(Path(folder), pictures, self._looks(), arrays=False)

    def save(self, folder: str | Path, pictures: str = "all") -> list[Path]:
        """Save pictures with their maps: tiles as `save_png`, arrays, and one table; returns the files.

        ``003-cat.npz`` has for each method its map ``(h, w)`` in its own values, to a 255th of its range, and as
        ``grad_cam_heatmap`` the heatmap ``float32`` ``(H, W)`` in [0, 1]. ``pictures.csv`` has a line for each picture:
        name, label, prediction, what is said of it, right or wrong, the class explained, its files, and why it failed.

        Parameters
        ----------
        folder, pictures
            As for `save_png`; by default all pictures. When it is cancelled, what is written by then stays.

        Raises
        ------
        ValueError, OSError
            As for `save_png`.
        """
        return self._filing.save(Path(folder), pictures, self._looks(), arrays=True)

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
        return self.source.summary(self.request().ask)

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
        page = Page()
        self.source.fill(replace(self.request(), measure_all=True), page)
        assert page.trust is not None
        return page.trust[0]

    @property
    def failures(self) -> dict[str, str]:
        """The pictures that could not be read, or not be explained as they are asked now, by name, and why."""
        return self.source.failures(self.request().ask)

    def to_dataframe(self) -> pd.DataFrame:
        """Return what is known of each picture as a table, in the order given.

        Columns: name, label, prediction, probability (or value, where the model's numbers are no probabilities),
        disagreement (of the first two columns, at the layer and target shown). Pictures that the model has not seen
        yet are left out. Of several models all is what the chosen `model` says. Of each of `metrics` and each method there is a column such as ``deletion grad_cam``, with what was
        measured so far; `trust` measures all. `summary`, or an order by confidence, makes it see all.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return self.source.table(self.model, self.request().ask, self.metrics)

    def precompute(
        self,
        layers: Sequence[str] | None = None,
        targets: Sequence[int | str] | None = None,
        methods: Sequence[str] | None = None,
        images: Sequence[int] | str | None = None,
        *,
        trust: bool = False,
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
            Names of methods that are offered; by default all quick ones, and those that have a column.
        images
            Indices of pictures; ``all``, ``page`` or ``filtered``, as for `save_png`; by default all up to 50, of more
            those on the page shown. Others are not on the page.
        trust
            Whether to measure the maps too, by `metrics` or, if none is chosen, by all: they are then shown, and sorted
            by, without a kernel. What was measured already is saved in any case.

        Returns
        -------
        int
            The bytes of all maps saved so far, with their pictures.

        Raises
        ------
        TypeError, ValueError
            If there is no such layer, class, method or picture.
        """
        self._filing.finish_page()
        return self._saving.precompute(layers, targets, methods, images, trust=trust)

    def to_html(
        self,
        path: str | PathLike[str],
        title: str | None = None,
        precompute: bool = True,
        pictures: str | None = None,
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
        pictures
            Which pictures to `precompute` first: ``all``, ``page`` or ``filtered``.

        Raises
        ------
        OSError
            If the file cannot be written; one that was there stays as it was.
        RuntimeError
            If computing ahead was cancelled, or there is nothing to show; nothing is written.
        """
        self._filing.finish_page()
        if precompute:
            self._saving.precompute_unless_saved(pictures)
        if not (self._saved.indices or self.finished_rows()):
            raise RuntimeError(
                f"there is nothing to show on a page: {self.error or self.status or 'no picture was explained'}"
            )
        write_whole(path, page(title, self.page_state()))
        self._filing.tell_written(path, self._saved.indices)

    def _looks(self) -> Looks:
        return Looks(
            self.display, self.opacity, self.colormap, self.common_range, self.blend, self.painted
        )

    def _standing_picture(self) -> Figure | None:
        # Of a long page the beginning: all of it in one picture would be too small to see anything.
        rows = self.finished_rows()[:_STANDING_ROWS]
        return page_figure(rows, self.source.pictures, self._looks()) if rows else None
