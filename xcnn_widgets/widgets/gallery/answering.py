"""Following the choices: a page is filled row by row, in the background, and the latest choice wins."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ...metrics import Faithfulness
from ...study import Numbers, Request, Row, Source, Summary, in_words
from ..worker import Job, Worker
from .offer import Offer
from .view import GalleryView


class Answering:
    """Freezes the choices into a request, and shows what comes of it.

    Parameters
    ----------
    screen
        The widget.
    offer
        What there is to choose from.
    worker
        Where they are computed.
    """

    def __init__(self, screen: GalleryView, offer: Offer, worker: Worker) -> None:
        self._screen = screen
        self._offer = offer
        self._source: Source = offer.source
        self._worker = worker
        # Whoever holds the traits back, and takes them back if they do not fit, must hold no row of another thread.
        self._lock = threading.RLock()
        self._is_open = self._is_settling = self._wants_summary = self._wants_trust = False
        self._asked: Request | None = None
        self._generation = 0
        self._rows = 0

    def open(self) -> None:
        """Fill the page that is chosen, and follow the choices from then on."""
        self._is_open = True
        self._begin()

    def close(self) -> None:
        """Follow nothing from now on; what was found is forgotten, and no page shows it."""
        with self.turn():
            self._is_open = False
            if self._worker.busy:
                # A batch that is under way would be kept; so its thread clears up when it is done.
                self._worker.start(lambda _: self._source.clear())
            else:
                self._source.clear()
            self._screen.present_page(None)
            self._clear_rows(0)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One thread at a time sets traits."""
        with self._lock:
            yield

    def follow(self) -> None:
        """Answer a change of the choices."""
        with self.turn():
            asked = self._asked
            if not self._is_open or self._is_settling or asked is None:
                return
            with self._settling():
                self._settle(asked)
            # Several choices that were made together are one request.
            if self._screen.request() != self._asked:
                self._begin()

    def read_again(self) -> None:
        """Ask the model again, and read what it says in the way that is chosen now."""
        with self.turn():
            if self._is_open:
                self._source.reread()
                self._screen.present_summary(None)
                with self._settling():
                    # What it says is on another scale now.
                    self._screen.show_value = None
                if self._screen.target == "predicted" and not self._source.reading["has_winner"]:
                    with self._settling():
                        self._screen.target = self._source.first_target()
                self._begin()

    def summarise(self) -> None:
        """Let the model see all pictures, after the page, unless somebody cancels it."""
        with self.turn():
            if self._is_open and self._screen.summary_is_missing():
                self._wants_summary = True
                self._begin()

    def measure_all(self) -> None:
        """Measure the maps of all pictures that pass the filters, after the page, unless somebody cancels it."""
        with self.turn():
            if self._is_open and self._screen.metrics:
                self._wants_trust = True
                self._begin()

    def measured(self, job: Job, numbers: Mapping[int, Numbers]) -> None:
        """Show metrics of pictures."""
        with self.turn():
            if self._worker.is_latest(job):
                self._screen.present_numbers(numbers)

    def trusted(self, job: Job, found: Faithfulness, left_out: int) -> None:
        """Show what the metrics say of all pictures."""
        with self.turn():
            if self._worker.is_latest(job):
                self._wants_trust = False
                self._screen.present_trust(found, left_out, self._screen.model)

    def cancel(self) -> None:
        """Give up work that is under way."""
        with self.turn():
            self._wants_summary = self._wants_trust = False
            if self._worker.busy:
                self._worker.cancel()
                self._screen.progress = None
                self._screen.status = "Cancelled; what is there stays"

    def tell(self, job: Job, **told: Any) -> bool:
        """Tell on the screen how a job is getting on, unless something else was asked for; returns whether not."""
        with self.turn():
            for name, value in told.items():
                # Whoever watches one of them may ask for something else.
                if self._worker.is_latest(job):
                    setattr(self._screen, name, value)
            return self._worker.is_latest(job)

    def announce(self, job: Job, page: dict[str, int]) -> None:
        """Tell how the page of a job will look, before its rows come."""
        with self.turn():
            if not self._worker.is_latest(job):
                return
            self._screen.present_page(page)
            if not self._worker.is_latest(job):
                return
            self._clear_rows(page["rows"])
            asked = self._asked
            assert asked is not None
            # Another page may have been chosen by now, whose turn comes when this lock is free.
            if (
                self._screen.rows == "pictures"
                and page["page"] != asked.page == self._screen.request().page
            ):
                # There are fewer pages than was thought.
                with self._settling():
                    self._screen.page = page["page"] + 1
                self._asked = replace(asked, page=page["page"])

    def place(self, job: Job, rows: Mapping[int, Row]) -> None:
        """Show rows of the page of a job."""
        with self.turn():
            for position, row in rows.items():
                if not self._worker.is_latest(job):
                    return
                self._rows = max(self._rows, position + 1)
                self._screen.present_row(position, row)

    def summarised(self, job: Job, summary: Summary) -> None:
        """Show how well the model does on all pictures."""
        with self.turn():
            if self._worker.is_latest(job):
                self._wants_summary = False
                self._screen.present_summary(summary)

    def _begin(self) -> None:
        with self.turn():
            self._screen.error = ""
            self._screen.present_reading()
            self._generation += 1
            before, request = self._asked, self._screen.request()
            self._asked = request
            if before is None or _measured_by(before) != _measured_by(request):
                # What was measured was of other maps.
                self._screen.present_numbers({}, anew=True)
                self._screen.present_trust(None)
            if before is None or before.ask.pair != request.ask.pair:
                self._screen.forget_disagreements()
            page = partial(_Page, self, generation=self._generation)
            request = replace(request, summarise=self._wants_summary, measure_all=self._wants_trust)
            self._worker.start(lambda job: self._fill(request, page(job)))

    def _fill(self, request: Request, page: _Page) -> None:
        try:
            self._source.fill(request, page)
        except Exception as error:
            page.tell(error=in_words(error))
            raise
        finally:
            page.tell(progress=None)

    def _settle(self, before: Request) -> None:
        """Let the other choices fit the one that changed."""
        screen, now = self._screen, self._screen.request()
        if screen.layer is None:
            screen.layer = self._offer.first_layer
        if len(screen.methods) < 2:
            screen.order = "given" if screen.order == "disagreement" else screen.order
            screen.show_disagreement = None
        self._settle_model(before, now)
        if before.rows != now.rows:
            # What is selected is another thing now; the picture that was looked at is the one to compare.
            chosen = screen.selected if before.rows == "pictures" else None
            if chosen is not None and before.image_index == now.image_index:
                screen.image_index = chosen
            screen.selected = None
        if before.page == now.page:
            reordered = now.selection.as_it_matters != before.selection.as_it_matters or (
                now.selection.needs_disagreements and now.ask.pair != before.ask.pair
            )
            # Another order begins with its first page; another page size keeps the first row in sight.
            first = 0 if reordered else before.page * before.page_size
            screen.page = first // screen.page_size + 1

    def _settle_model(self, before: Request, now: Request) -> None:
        """Another model has other indices for the classes that are filtered by."""
        if self._screen.model is None:
            self._screen.model = next(iter(self._source.models), None)
        models = before.selection.model, self._screen.model
        if models[0] == models[1]:
            return
        for name in ("show_class", "show_label"):
            index = getattr(now.selection, name)
            if index is not None and index == getattr(before.selection, name):
                setattr(self._screen, name, self._source.class_in(index, *models))

    @contextmanager
    def _settling(self) -> Iterator[None]:
        """What is set meanwhile is no choice."""
        self._is_settling = True
        try:
            yield
        finally:
            self._is_settling = False

    def _clear_rows(self, first: int) -> None:
        """Empty the places from one on."""
        for position in range(first, self._rows):
            self._screen.present_row(position, None)
        self._rows = min(self._rows, first)


def _measured_by(request: Request) -> tuple[object, ...]:
    """What metrics depend on, and which pictures are measured together."""
    return request.ask, request.metrics, replace(request.selection, order="given"), request.rows


@dataclass(frozen=True)
class _Page:
    """The page of one request; nothing of it shows once something else was asked for."""

    answering: Answering
    job: Job
    generation: int

    def announce(self, page: dict[str, int]) -> None:
        self.answering.announce(self.job, {**page, "generation": self.generation})

    def place(self, rows: Mapping[int, Row]) -> None:
        marked = {place: {**row, "generation": self.generation} for place, row in rows.items()}
        self.answering.place(self.job, marked)

    def tell(self, **told: Any) -> None:
        self.answering.tell(self.job, **told)

    def summarise(self, summary: Summary) -> None:
        self.answering.summarised(self.job, summary)

    def measured(self, numbers: Mapping[int, Numbers]) -> None:
        self.answering.measured(self.job, numbers)

    def trusted(self, found: Faithfulness, left_out: int) -> None:
        self.answering.trusted(self.job, found, left_out)

    def cancelled(self) -> bool:
        return self.job.cancelled()
