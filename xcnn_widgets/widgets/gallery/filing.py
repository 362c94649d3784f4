"""Pictures of a gallery as files, written on another thread: those on the page, those that pass the filters, or all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from ...study import Files, Looks, Source, Summary, counted, save_pictures
from ..worker import Job, Worker
from .view import GalleryView

WHICH = ("all", "page", "filtered")


class Filing:
    """Writes files, and says how many of how many pictures they are.

    Parameters
    ----------
    screen
        The widget.
    source
        Where its answers come from.
    worker
        Where the widget's pages are filled.
    """

    def __init__(self, screen: GalleryView, source: Source, worker: Worker) -> None:
        self._screen = screen
        self._source = source
        self._worker = worker

    def save(self, folder: Path, pictures: str, looks: Looks, *, arrays: bool) -> list[Path]:
        """Save pictures; returns the files.

        Raises
        ------
        ValueError
            If `pictures` is none of `WHICH`.
        OSError
            If the folder cannot be made or written.
        """
        check_which(pictures)
        self.finish_page()
        files = Files(folder, arrays=arrays)
        if pictures == "page":
            files.save_rows(self._screen.finished_rows(), self._source.pictures, looks)
            files.save_table()
            self._tell(files)
            return files.written
        screen = self._screen
        with screen.turn():
            screen.progress = 0.0
            screen.status = f"Saving pictures in {folder} ..."
            job = self._worker.start(lambda job: self._write(job, files, pictures, looks))
        try:
            self._worker.wait_or_stop(job)
        finally:
            files.save_table()
            with screen.turn():
                screen.progress = None
            self._tell(files, cancelled=job.cancelled())
        return files.written

    def tell_written(self, path: str | PathLike[str], saved: Sequence[int]) -> None:
        """Tell how many of how many pictures are on a page that was written: those saved, or else the rows shown."""
        total = self._source.count
        rows = {row["index"] for row in self._screen.finished_rows()}
        shown = len(saved) or len(rows)
        more = "" if shown == total else "; pictures='all' takes all"
        with self._screen.turn():
            self._screen.status = f"{shown} of {counted(total)} in {Path(path).name}{more}"

    def finish_page(self) -> None:
        """Wait for the page; what is wrong with it is told on screen, and concerns no other."""
        with suppress(Exception):
            self._worker.wait()

    def indices(self, pictures: str) -> list[int]:
        """The pictures that a word stands for, in the order in which they are shown.

        Raises
        ------
        ValueError
            If it is none of `WHICH`.
        RuntimeError
            If somebody cancelled what has to be found out first.
        """
        check_which(pictures)
        self.finish_page()
        if pictures == "page":
            return list(dict.fromkeys(row["index"] for row in self._screen.finished_rows()))
        found: list[int] = []
        job = self._worker.start(lambda job: found.extend(self._found(job, pictures)))
        self._worker.wait_or_stop(job)
        if job.cancelled():
            raise RuntimeError("finding the pictures that pass the filters was cancelled")
        return found

    def _found(self, job: Job, pictures: str) -> Sequence[int]:
        if pictures == "all":
            return range(self._source.count)
        return self._source.matching(self._screen.request(), _Told(self._screen, job)) or []

    def _write(self, job: Job, files: Files, pictures: str, looks: Looks) -> None:
        indices, screen = self._found(job, pictures), self._screen
        ask = screen.request().ask
        explained = partial(self._source.explained, indices, ask, job.cancelled)
        for share in save_pictures(files, explained, len(indices), self._source.pictures, looks):
            with screen.turn():
                if self._worker.is_latest(job):
                    screen.progress = round(share, 3)

    def _tell(self, files: Files, *, cancelled: bool = False) -> None:
        total = counted(self._source.count)
        written = "1 file" if len(files.written) == 1 else f"{len(files.written)} files"
        bad = f"; {files.failed} could not be read or explained" if files.failed else ""
        stopped = "Cancelled; " if cancelled else ""
        with self._screen.turn():
            self._screen.status = f"{stopped}{written} of {files.pictures} of {total} saved{bad}"


class _Told:
    """Tells on the screen how finding pictures gets on; it shows no page."""

    def __init__(self, screen: GalleryView, job: Job) -> None:
        self._screen, self._job = screen, job

    def announce(self, page: dict[str, int]) -> None:
        """Show nothing."""

    def place(self, rows: Any) -> None:
        """Show nothing."""

    def summarise(self, summary: Summary) -> None:
        """Show nothing."""

    def measured(self, numbers: Any) -> None:
        """Show nothing."""

    def trusted(self, found: Any, left_out: int) -> None:
        """Show nothing."""

    def tell(self, **told: Any) -> None:
        """Tell how far it is."""
        with self._screen.turn():
            for name, value in told.items():
                if not self._job.cancelled():
                    setattr(self._screen, name, value)

    def cancelled(self) -> bool:
        """Whether to stop."""
        return self._job.cancelled()


def check_which(pictures: str) -> None:
    """Refuse what is none of `WHICH`."""
    if pictures not in WHICH:
        raise ValueError(f"pictures is {pictures!r}; choose one of {', '.join(map(repr, WHICH))}")
