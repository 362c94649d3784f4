"""A gallery that outlives its kernel: computed ahead, and written into a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from os import PathLike
from typing import Any

from ...pages.atlas import bytes_in_words
from ...pages.gallery_atlas import GalleryAtlas
from ...pages.gallery_saving import Plan, Saving
from ...study.asking import Target
from ...study.filling import counted
from ...study.rows import Row, jpeg
from ..checks import checked, listed
from ..saved_page import SavedPage
from ..worker import Job
from .answering import GalleryAnswers
from .view import MOST_ROWS

# Of more pictures, those on the page shown are computed ahead unless others are asked for.
_MOST_IMAGES = 50
# Of more pictures, the layer chosen is computed ahead unless others are asked for.
_MOST_IN_ALL_LAYERS = 12
_KINDS = ("predicted", "label", "likeliest")


class GallerySavedViews(SavedPage, GalleryAnswers):
    """Computes maps ahead, and writes them into a page that needs no kernel."""

    _first_index: int
    """A picture that the model takes."""

    def __init__(self, **state: Any) -> None:
        self._saved = GalleryAtlas()
        super().__init__(**state)

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
        self._compute_ahead(self._plan(layers, targets, methods, images))
        return self._saved.bytes

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
            self._save_unless_saved()
        if not (self._saved.indices or self._finished_rows()):
            raise RuntimeError(
                f"there is nothing to show on a page: {self.error or self.status or 'no picture was explained'}"
            )
        self._write_page(path, title)

    def _save_by_default(self) -> bool:
        return self._compute_ahead(self._plan(None, None, None, None))

    def _free(self) -> None:
        self._work.forget()

    def _finish_page(self) -> None:
        """Wait for the page; what is wrong with it is told on screen, and concerns no other."""
        with suppress(Exception):
            self.wait()

    def _plan(
        self,
        layers: Sequence[str] | None,
        targets: Sequence[int | str] | None,
        methods: Sequence[str] | None,
        images: Sequence[int] | None,
    ) -> Plan:
        count = len(self._work.exploration.pictures)
        everything = list(range(count)) if count <= _MOST_IMAGES else self._shown_pictures()
        chosen = everything if images is None else checked("images", images, range(count))
        known = [layer["name"] for layer in self._layers]
        usual = (
            known if len(chosen) <= _MOST_IN_ALL_LAYERS else [name for name in [self.layer] if name]
        )
        offered = [method["name"] for method in self._methods]
        return Plan(
            list(dict.fromkeys(chosen)),
            self._usual_targets() if targets is None else self._checked_targets(targets),
            offered if methods is None else checked("methods", methods, offered),
            usual if layers is None else checked("layers", layers, known),
        )

    def _shown_pictures(self) -> list[int]:
        rows = [row["index"] for row in self._finished_rows()]
        return list(dict.fromkeys(rows)) or [self.image_index]

    def _usual_targets(self) -> list[Target]:
        with_labels: list[Target] = ["predicted", *(["label"] if self._has_labels else [])]
        return list(dict.fromkeys([*with_labels, self.target]))

    def _checked_targets(self, targets: Sequence[int | str]) -> list[Target]:
        found: list[Target] = []
        for target in listed("targets", targets):
            if target == "label" and not self._has_labels:
                raise ValueError("targets holds 'label'; the pictures have no labels")
            if target in _KINDS:
                found.append(target)
                continue
            try:
                found.append(self._class_index(target))
            except (TypeError, ValueError) as error:
                kinds = ", ".join(map(repr, _KINDS))
                raise type(error)(f"targets holds {target!r}: {error}; or give {kinds}") from error
        return found

    def _compute_ahead(self, plan: Plan) -> bool:
        """Carry a plan out on the worker; whether it came to its end."""
        most = bytes_in_words(self._most_bytes(plan))
        pictures = counted(len(plan.images))
        failed: list[str] = []
        with self._telling:
            self.progress = 0.0
            self.status = f"Saving up to {plan.views} maps of {pictures}, at most about {most} ..."
            job = self._worker.start(lambda job: self._save_ahead(job, plan, failed))
        try:
            self._wait_or_stop(job)
        finally:
            done = not job.cancelled()
            maps = "1 map" if len(self._saved) == 1 else f"{len(self._saved)} maps"
            saved = f"{maps} of {counted(len(self._saved.indices))} saved"
            bad = f"; {len(failed)} could not be read or explained" if failed else ""
            with self._telling:
                self.progress = None
                self._atlas = self._saved.state()
                self.status = f"{'' if done else 'Cancelled; '}{saved}, {bytes_in_words(self._saved.bytes)}{bad}."
        return done

    def _save_ahead(self, job: Job, plan: Plan, failed: list[str]) -> None:
        through = 0
        for causes in Saving(self._work, self._saved, plan, job.cancelled).run():
            through += len(causes)
            failed += filter(None, causes)
            self._tell(job, {"progress": round(through / len(plan.images), 2)})

    def _most_bytes(self, plan: Plan) -> int:
        """The size of a plan if all pictures are as large as the first, and nothing can be made smaller."""
        grids = {layer["name"]: (layer["shape"][1], layer["shape"][2]) for layer in self._layers}
        picture = self._work.exploration.prepared(self._first_index).picture
        return plan.most_bytes(picture.shape[:2], grids, len(jpeg(picture)))

    def _page_state(self) -> dict[str, Any]:
        """Rows that the page can make of what is saved are left out."""
        state = super()._page_state()
        for position in range(MOST_ROWS):
            row = state[f"_row_{position}"]
            if row is not None and self._saved.holds_row(row):
                state[f"_row_{position}"] = None
        return state

    def _finished_rows(self) -> list[Row]:
        """The rows of the page that are there and could be explained."""
        page = self._page or {"rows": 0, "generation": 0}
        rows = [self._row(position) for position in range(page["rows"])]
        return [
            row
            for row in rows
            if row is not None and not row["error"] and row["generation"] == page["generation"]
        ]
