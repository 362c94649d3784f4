"""Filling one page, as it was asked for: plans it, announces it, and places its rows."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .asking import MOST_ROWS, Answer, Ask, Failure, Request
from .chosen import asked_of, facts_of, numbers_in_columns
from .measures import measure, trust_of, unmeasured
from .order import in_order, passing, with_text
from .page_screen import Page, Screen
from .rows import compared, comparison_rows, picture_rows
from .summary import Summary
from .words import in_words, noted
from .work import Work

# On a processor rows come sooner in small batches, and larger ones would not be faster.
_PAGE_BATCH = 8


def filled(work: Work, request: Request) -> Page:
    """A page as code takes it.

    Raises
    ------
    Exception
        What keeps a comparison from being made at all; a row that fails tells so itself.
    """
    page = Page()
    fill(work, request, page)
    return page


def fill(work: Work, request: Request, screen: Screen) -> None:
    """Work until a page is complete, or cancelled.

    Raises
    ------
    Exception
        What keeps a comparison from being made at all; a row that fails tells so itself.
    """
    filling = _Filling(work, request, screen)
    shown = filling.with_pictures() if request.rows == "pictures" else filling.with_comparison()
    if shown:
        filling.summarise(shown)


def matching(work: Work, request: Request, screen: Screen) -> Sequence[int] | None:
    """The pictures that pass a request's filters, in its order, on all pages; None if it was cancelled."""
    return _Filling(work, request, screen).matches()


def known_matches(work: Work, request: Request) -> Sequence[int] | None:
    """The same, if the model need not be asked for it; else None."""
    filling = _Filling(work, request, Page())
    return None if filling.unknown() else filling.matches()


@dataclass(frozen=True)
class _Filling:
    """One page on its way."""

    work: Work
    request: Request
    screen: Screen

    def with_pictures(self) -> str:
        """Place the rows of a page; returns what is shown then, nothing if it was cancelled before it was known."""
        findings, ask, size = self.work.findings, self.request.ask, self.request.page_size
        # What failed before gets another chance when it is looked at, what fails now does not.
        failed_before = set(findings.failures)
        matches = self.matches()
        if matches is None or self.screen.cancelled():
            return ""
        pages = max(1, -(-len(matches) // size))
        page = min(self.request.page, pages - 1)
        shown = list(matches[page * size : (page + 1) * size])
        self._announce(len(shown), page, pages, len(matches))
        places = {index: position for position, index in enumerate(shown)}
        tried = {i for i in findings.failures.keys() - failed_before if findings.failure(i, ask)}
        failed = self._place(places, {index: None for index in shown if index in tried})
        missing = [index for index in shown if index not in tried]
        for known in self.work.known(missing, ask, _PAGE_BATCH):
            self._place(places, known)
            missing = [index for index in missing if index not in known]

        def explained() -> Iterator[Collection[int]]:
            nonlocal failed
            for answers in self.work.explain(missing, ask, self.screen.cancelled, _PAGE_BATCH):
                failed += self._place(places, answers)
                yield answers

        self._go_through("Explained", missing, explained())
        self._measure(shown, ask)
        bad = f"; {failed} could not be read or explained" if failed else ""
        status = self._tell_done(f"{len(shown)} of {counted(len(matches))} shown{bad}")
        if self.request.page >= pages:
            raise ValueError(
                f"page = {self.request.page + 1}: there {'is 1 page' if pages == 1 else f'are {pages} pages'}, "
                "counted from 1; the last one is shown"
            )
        return status

    def matches(self) -> Sequence[int] | None:
        """The pictures that pass the filters, in order; None if it was cancelled."""
        work, ask, selection = self.work, self.request.ask, self.request.selection
        findings, matches = work.findings, self._named()
        if selection.needs_predictions:
            if not self._ask_about(self._unseen(matches)):
                return None
            known = facts_of(work, selection.model, ask)
            matches = passing(matches, selection.before_explaining, known)
        if selection.needs_disagreements:
            apart = findings.disagreements(ask)
            unknown = [i for i in matches if i not in apart and findings.failure(i, ask) is None]
            explained = work.explain(unknown, ask, self.screen.cancelled)
            if not self._go_through("Compared", unknown, explained):
                return None
            matches = passing(matches, selection, facts_of(work, selection.model, ask))
        if selection.needs_map_changes:
            unknown = [i for i in matches if not work.others[-1].change(i, ask).compared]
            unknown = [i for i in unknown if findings.failure(i, ask) is None]
            explained = work.explain(unknown, ask, self.screen.cancelled)
            if not self._go_through("Compared", unknown, explained):
                return None
        if selection.needs_metric:
            first = replace(ask, methods=ask.methods[:1])
            if not self._measured(matches, first, [selection.order]):
                return None
        return in_order(matches, selection.order, facts_of(work, selection.model, ask))

    def _measure(self, shown: Sequence[int], ask: Ask) -> None:
        """Measure what is asked for: the maps of the page, or of all pictures that match."""
        metrics = self.request.metrics
        if not metrics:
            return
        model = self.request.selection.model
        self.screen.measured(numbers_in_columns(self.work, model, shown, ask, metrics))
        self._measured(shown, ask, metrics)
        if self.request.measure_all:
            matches = self.matches() or []
            if self._measured(matches, ask, metrics):
                work, own = asked_of(self.work, model, ask)
                self.screen.trusted(*trust_of(work, matches, own, metrics))

    def _measured(self, indices: Sequence[int], ask: Ask, metrics: Sequence[str]) -> bool:
        """Measure what is not known of some pictures; False if it was cancelled."""
        model = self.request.selection.model
        work, own = asked_of(self.work, model, ask)
        # What is explained on a picture is what the first model says of it.
        if work is not self.work and not self._ask_about(self._unseen(indices)):
            return False
        todo = unmeasured(work, indices, own, metrics)

        def measured() -> Iterator[list[int]]:
            for done in measure(work, todo, own, metrics, self.screen.cancelled):
                self.screen.measured(numbers_in_columns(self.work, model, done, ask, metrics))
                yield done

        return self._go_through("Measured", todo, measured())

    def unknown(self) -> bool:
        """Whether the model must be asked before it is known which pictures match, and in which order."""
        selection = self.request.selection
        return (
            selection.needs_disagreements
            or selection.needs_map_changes
            or selection.needs_metric
            or (selection.needs_predictions and bool(self._unseen(self._named())))
        )

    def summarise(self, status: str) -> None:
        """Tell how well the model does, once it has seen all pictures, which it does if that is asked for."""
        findings, count = self.work.findings, len(self.work.exploration.pictures)
        if not self.request.summarise and len(findings.verdicts) + len(findings.failures) < count:
            return
        unseen = self._unseen(range(count))
        if unseen and not (self.request.summarise and self._ask_about(unseen)):
            return
        if not self.screen.cancelled():
            self.screen.summarise(Summary.of(self.work, self.request.ask))
            self._tell_done(status)

    def _named(self) -> Sequence[int]:
        """The pictures whose names pass."""
        pictures = self.work.exploration.pictures
        return with_text(len(pictures), self.request.selection.show_text, pictures.name)

    def _unseen(self, indices: Sequence[int]) -> list[int]:
        """Those of the pictures that the model has not seen, and that did not fail."""
        findings, ask = self.work.findings, self.request.ask
        return [
            i for i in indices if not self.work.has_seen(i) and findings.failure(i, ask) is None
        ]

    def _ask_about(self, unseen: Sequence[int]) -> bool:
        """Let the model see pictures; False if it was cancelled."""
        asked = self.work.predict(unseen, self.screen.cancelled)
        return self._go_through("Asked the model about", unseen, asked)

    def with_comparison(self) -> str:
        """Place the rows of a comparison; returns as `with_pictures` does."""
        work, ask, index = self.work, self.request.ask, self.request.image_index
        try:
            wanted = compared(work, self.request.rows, index, ask)
        except Exception as error:
            work.findings.failures[index] = Failure(in_words(error), ask)
            raise
        most = wanted[:MOST_ROWS]
        self._announce(len(most), 0, 1, len(most))
        failures = []
        rows = comparison_rows(work, index, ask, most, self.screen.cancelled)
        for position, row in enumerate(rows):
            if self.screen.cancelled():
                return ""
            self.screen.place({position: row})
            self.screen.tell(progress=(position + 1) / len(most))
            if row["error"]:
                failures.append(row["error"])
        if failures and len(failures) == len(most):
            raise RuntimeError(failures[0])
        of = "" if len(most) == len(wanted) else f" of {len(wanted)}"
        bad = f"; {len(failures)} could not be explained" if failures else ""
        name, kind = work.exploration.pictures.name(index), self.request.rows
        kind = kind if len(wanted) != 1 else {"layers": "layer", "classes": "class"}[kind]
        return self._tell_done(f"{len(most)}{of} {kind} of {name} shown{bad}")

    def _announce(self, rows: int, page: int, pages: int, matches: int) -> None:
        total = len(self.work.exploration.pictures)
        self.screen.announce(
            {"rows": rows, "page": page, "pages": pages, "matches": matches, "total": total}
        )

    def _place(self, places: Mapping[int, int], answers: Mapping[int, Answer | None]) -> int:
        """Place the rows of some pictures; tells how many of them have failed."""
        rows = picture_rows(self.work, self.request.ask, answers)
        self.screen.place({places[index]: row for index, row in rows.items()})
        return sum(answer is None for answer in answers.values())

    def _go_through(
        self, verb: str, indices: Sequence[int], batches: Iterable[Collection[int]]
    ) -> bool:
        """Do work on pictures batch by batch, and tell how far it is and how long it will take; False if cancelled."""
        if indices:
            self.screen.tell(progress=0.0, status=f"{verb} 0 of {counted(len(indices))}")
        started, done = time.monotonic(), 0
        for batch in batches:
            done += len(batch)
            left = (time.monotonic() - started) / done * (len(indices) - done)
            self.screen.tell(
                progress=round(done / len(indices), 3),
                status=f"{verb} {done} of {counted(len(indices))}, about {_duration(left)} left",
            )
        return not self.screen.cancelled()

    def _tell_done(self, status: str) -> str:
        work, _ = asked_of(self.work, self.request.selection.model, self.request.ask)
        unmeasured = work.findings.unmeasured.items() if self.request.metrics else ()
        causes = [f"{metric} of {method}: {cause}" for (metric, method), cause in unmeasured]
        self.screen.tell(status=status, note=noted(self.work.batch_size.note, *causes))
        return status


def counted(count: int) -> str:
    """So many pictures."""
    return f"{count} picture{'' if count == 1 else 's'}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
