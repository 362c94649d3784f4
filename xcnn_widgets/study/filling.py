"""Filling one page, as it was asked for: plans it, announces it, and places its rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..widgets.gallery.view import MOST_ROWS
from ..widgets.live_view import in_words
from .asking import Answer, Ask, Failure
from .order import Selection, in_order, passing, with_text
from .rows import Row, compared, comparison_rows, failed_row, picture_row
from .work import GalleryWork

# On a processor rows come sooner in small batches, and larger ones would not be faster.
_PAGE_BATCH = 8


@dataclass(frozen=True)
class Request:
    """The choices of a moment; what is changed while they are worked on is another request."""

    rows: str
    image_index: int
    page: int
    page_size: int
    ask: Ask
    selection: Selection


@dataclass(frozen=True)
class Filling:
    """One page on its way.

    Attributes
    ----------
    work, request
        Who answers, and what is asked.
    announce
        Takes the page before its rows come.
    place
        Takes a position and its row.
    tell
        Takes ``status``, ``note`` and ``progress``.
    cancelled
        Whether to stop.
    """

    work: GalleryWork
    request: Request
    announce: Callable[[dict[str, int]], None]
    place: Callable[[int, Row], None]
    tell: Callable[..., None]
    cancelled: Callable[[], bool]

    def fill(self) -> None:
        """Work until the page is complete, or cancelled."""
        if self.request.rows == "pictures":
            self._fill_with_pictures()
        else:
            self._fill_with_comparison()

    def _fill_with_pictures(self) -> None:
        work, ask, size = self.work, self.request.ask, self.request.page_size
        # What failed before gets another chance when it is looked at, what fails now does not.
        failed_before = set(work.failures)
        matches = self._matches()
        if matches is None or self.cancelled():
            return
        pages = max(1, -(-len(matches) // size))
        page = min(self.request.page, pages - 1)
        shown = list(matches[page * size : (page + 1) * size])
        self._announce_page(len(shown), page, pages, len(matches))
        places = {index: position for position, index in enumerate(shown)}
        failed, missing = 0, []
        for index in shown:
            cause = None if index in failed_before else work.failure(index, ask)
            if cause is not None:
                failed += 1
                self.place(places[index], failed_row(work, index, cause))
            elif not self._place_if_known(places[index], index):
                missing.append(index)

        def explained() -> Iterator[Collection[int]]:
            nonlocal failed
            for answers in work.explain(missing, ask, self.cancelled, _PAGE_BATCH):
                for index, answer in answers.items():
                    failed += answer is None
                    self.place(places[index], self._row(index, answer))
                yield answers

        self._go_through("Explained", missing, explained())
        bad = f"; {failed} could not be read or explained" if failed else ""
        self._tell_done(f"{len(shown)} of {counted(len(matches))} shown{bad}")

    def _matches(self) -> Sequence[int] | None:
        """The pictures that pass the filters, in order; None if it was cancelled."""
        work, ask, selection = self.work, self.request.ask, self.request.selection
        pictures = work.exploration.pictures
        matches = with_text(len(pictures), selection.show_text, pictures.name)
        if selection.needs_predictions:
            unknown = [
                i for i in matches if i not in work.verdicts and work.failure(i, ask) is None
            ]
            asked = work.predict(unknown, self.cancelled)
            if not self._go_through("Asked the model about", unknown, asked):
                return None
            matches = passing(matches, selection, work.verdicts)
        if selection.needs_disagreements:
            known = work.disagreements(ask)
            unknown = [i for i in matches if i not in known and work.failure(i, ask) is None]
            compared = work.explain(unknown, ask, self.cancelled)
            if not self._go_through("Compared", unknown, compared):
                return None
        if selection.order == "given":
            return matches
        return in_order(matches, selection.order, work.verdicts, work.disagreements(ask))

    def _fill_with_comparison(self) -> None:
        work, ask, index = self.work, self.request.ask, self.request.image_index
        try:
            wanted = compared(work, self.request.rows, index, ask)
        except Exception as error:
            work.failures[index] = Failure(in_words(error), ask)
            raise
        most = wanted[:MOST_ROWS]
        self._announce_page(len(most), 0, 1, len(most))
        failures = []
        for position, row in enumerate(comparison_rows(work, index, ask, most)):
            if self.cancelled():
                return
            self.place(position, row)
            self.tell(progress=(position + 1) / len(most))
            if row["error"]:
                failures.append(row["error"])
        if failures and len(failures) == len(most):
            raise RuntimeError(failures[0])
        of = "" if len(most) == len(wanted) else f" of {len(wanted)}"
        bad = f"; {len(failures)} could not be explained" if failures else ""
        name = work.exploration.pictures.name(index)
        self._tell_done(f"{len(most)}{of} {self.request.rows} of {name} shown{bad}")

    def _announce_page(self, rows: int, page: int, pages: int, matches: int) -> None:
        total = len(self.work.exploration.pictures)
        self.announce(
            {"rows": rows, "page": page, "pages": pages, "matches": matches, "total": total}
        )

    def _place_if_known(self, position: int, index: int) -> bool:
        tiles = self.work.tiles(index, self.request.ask)
        if tiles is None:
            return False
        try:
            prepared = self.work.exploration.prepared(index)
        except Exception:  # It is read once more, and then its row tells why it cannot be.
            return False
        self.place(position, self._row(index, Answer(prepared, tiles)))
        return True

    def _row(self, index: int, answer: Answer | None) -> Row:
        work, ask = self.work, self.request.ask
        if answer is None:
            return failed_row(work, index, work.failure(index, ask) or "it could not be explained")
        return picture_row(work, index, ask, answer)

    def _go_through(
        self, verb: str, indices: Sequence[int], batches: Iterable[Collection[int]]
    ) -> bool:
        """Do work on pictures batch by batch, and tell how far it is and how long it will take; False if cancelled."""
        if indices:
            self.tell(progress=0.0, status=f"{verb} 0 of {counted(len(indices))}")
        started, done = time.monotonic(), 0
        for batch in batches:
            done += len(batch)
            left = (time.monotonic() - started) / done * (len(indices) - done)
            self.tell(
                progress=round(done / len(indices), 3),
                status=f"{verb} {done} of {counted(len(indices))}, about {_duration(left)} left",
            )
        return not self.cancelled()

    def _tell_done(self, status: str) -> None:
        self.tell(status=status, note=self.work.batch_size.note)


def counted(count: int) -> str:
    """So many pictures."""
    return f"{count} picture{'' if count == 1 else 's'}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
