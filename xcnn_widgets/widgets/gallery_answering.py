"""Filling a gallery's page: row by row, in the background, and the latest choice wins."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .gallery_choices import CHOICES, GalleryChoices
from .gallery_order import selected_pictures
from .gallery_rows import Row, comparison_rows, picture_row, row_count, unreadable_row
from .gallery_view import MOST_ROWS
from .live_view import in_words
from .worker import Job, Worker

# On a processor rows come sooner in small batches, and larger ones would not be faster.
_PAGE_BATCH = 8


class GalleryAnswers(GalleryChoices):
    """Follows the choices: plans the page, announces it, and fills its rows."""

    def __init__(self, **state: Any) -> None:
        self._worker = Worker("xcnn-gallery")
        self._generation = 0
        self._following = True
        super().__init__(**state)

    def _start_answering(self) -> None:
        self.observe(self._follow, CHOICES)
        self.observe(self._cancel_work, "_cancel")
        self._begin()

    def wait(self, timeout: float | None = None) -> None:
        """Block until the page is complete, and raise what went wrong with it as a whole.

        Raises
        ------
        TimeoutError
            If it takes longer than `timeout` seconds.
        """
        self._worker.wait(timeout)

    def _follow(self, change: Any) -> None:
        if self._following:
            if change.name not in ("page", "image_index") and self.page:
                # Another order or filter makes other pages; one starts again with the first.
                self._following = False
                self.page = 0
                self._following = True
            self._begin()

    def _begin(self) -> None:
        self.error = ""
        self._generation += 1
        self._worker.start(self._fill)

    def _fill(self, job: Job) -> None:
        generation = self._generation
        try:
            if self.rows == "pictures":
                self._fill_with_pictures(job, generation)
            else:
                self._fill_with_comparison(job, generation)
        except Exception as error:
            if self._worker.is_latest(job):
                self.error = in_words(error)
            raise
        finally:
            if self._worker.is_latest(job):
                self.progress = None

    def _fill_with_pictures(self, job: Job, generation: int) -> None:
        work, ask, selection = self._work, self._ask(), self._selection()
        everything = range(len(work.exploration.pictures))
        if selection.needs_predictions:
            unknown = [i for i in everything if i not in work.verdicts and i not in work.failures]
            self._go_through(
                job,
                "Asked the model about",
                unknown,
                lambda these: work.predict(these, job.cancelled),
            )
        if selection.needs_disagreements:
            unknown = [
                i
                for i in everything
                if work.disagreement(i, ask) is None and i not in work.failures
            ]
            self._go_through(
                job, "Compared", unknown, lambda these: work.explain(these, ask, job.cancelled)
            )
        if job.cancelled():
            return
        disagreements = (
            {i: work.disagreement(i, ask) or 0.0 for i in work.verdicts}
            if selection.needs_disagreements
            else {}
        )
        matches = selected_pictures(
            len(everything), selection, work.exploration.pictures.name, work.verdicts, disagreements
        )
        shown = list(matches[self.page * self.page_size : (self.page + 1) * self.page_size])
        self._announce(generation, len(shown), len(matches))
        places = {index: position for position, index in enumerate(shown)}
        missing = [
            index for index in shown if not self._place_if_known(places[index], index, generation)
        ]

        def explained(these: Sequence[int]) -> Iterable[list[int]]:
            for batch in work.explain(these, ask, job.cancelled, at_once=_PAGE_BATCH):
                for index in batch:
                    self._place_if_known(places[index], index, generation)
                yield batch

        self._go_through(job, "Explained", missing, explained)
        for index in missing:
            if index in work.failures and not job.cancelled():
                row = unreadable_row(work, index, work.failures[index])
                self._place(places[index], row, generation)
        self._tell_done(job, f"{len(shown)} of {len(matches)} pictures")

    def _fill_with_comparison(self, job: Job, generation: int) -> None:
        work, ask = self._work, self._ask()
        if isinstance(ask.target, str):
            list(work.predict([self.image_index], job.cancelled))
            if self.image_index in work.failures:
                raise ValueError(work.failures[self.image_index])
        count = min(row_count(work, self.rows, self.image_index, ask), MOST_ROWS)
        self._announce(generation, count, count)
        for position, row in comparison_rows(work, self.rows, self.image_index, ask):
            if job.cancelled() or position == count:
                return
            self._place(position, row, generation)
            self.progress = (position + 1) / count
        self._tell_done(
            job, f"{count} {self.rows} of {work.exploration.pictures.name(self.image_index)}"
        )

    def _announce(self, generation: int, rows: int, matches: int) -> None:
        """Tell the browser how the page will look, before its rows come."""
        self._page = {
            "generation": generation,
            "rows": rows,
            "page": self.page,
            "pages": max(1, -(-matches // self.page_size)) if self.rows == "pictures" else 1,
            "matches": matches,
            "total": len(self._work.exploration.pictures),
        }
        for position in range(rows, MOST_ROWS):
            self._set_row(position, None)

    def _place_if_known(self, position: int, index: int, generation: int) -> bool:
        ask = self._ask()
        tiles = None if index in self._work.failures else self._work.tiles(index, ask)
        if tiles is not None:
            self._place(position, picture_row(self._work, index, ask, tiles), generation)
        return tiles is not None

    def _place(self, position: int, row: Row, generation: int) -> None:
        if generation == self._generation:
            self._set_row(position, {**row, "generation": generation})

    def _set_row(self, position: int, row: Row | None) -> None:
        if row is not None or self._row(position) is not None:
            setattr(self, f"_row_{position}", row)

    def _go_through(
        self,
        job: Job,
        verb: str,
        indices: Sequence[int],
        work: Callable[[Sequence[int]], Iterable[list[int]]],
    ) -> None:
        """Do work on pictures batch by batch, and tell how far it is and how long it will take."""
        if not indices:
            return
        started, done = time.monotonic(), 0
        self.progress = 0.0
        for batch in work(indices):
            done += len(batch)
            if not self._worker.is_latest(job):
                return
            left = (time.monotonic() - started) / done * (len(indices) - done)
            self.progress = round(done / len(indices), 3)
            self.status = f"{verb} {done} of {len(indices)} pictures, about {_duration(left)} left"

    def _tell_done(self, job: Job, what: str) -> None:
        if self._worker.is_latest(job):
            self.note = self._work.batch_size.note
            failed = len(self._work.failures)
            self.status = f"{what} shown" + (
                f"; {failed} could not be read or explained" if failed else ""
            )

    def _cancel_work(self, _: Any) -> None:
        if self._worker.busy:
            self._worker.cancel()
            self.progress = None
            self.status = "Cancelled; what is there stays"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
