"""Filling a gallery's page: row by row, in the background, and the latest choice wins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

from ...study.filling import Filling, Request
from ..live_view import in_words
from ..worker import Job, Worker
from .choices import CHOICES, LOOKS, GalleryChoices
from .view import MOST_ROWS

_SETTABLE = frozenset((*CHOICES, *LOOKS, "selected"))


class GalleryAnswers(GalleryChoices):
    """Follows the choices: freezes them into a request, and shows what comes of it."""

    _opened: bool

    def __init__(self, **state: Any) -> None:
        self._worker = Worker("xcnn-gallery")
        # Whoever holds the traits back, and takes them back if they do not fit, must hold no row of another thread.
        self._telling = threading.RLock()
        self._generation = 0
        self._request: Request | None = None
        self._following = True
        super().__init__(**state)

    def __setattr__(self, name: str, value: Any) -> None:
        # While one thread sets traits, traitlets takes what another sets for part of that.
        with self._telling if name in _SETTABLE else nullcontext():
            super().__setattr__(name, value)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser sends, when it is its turn."""
        with self._telling:
            super().set_state(sync_data)

    @contextmanager
    def hold_trait_notifications(self) -> Iterator[None]:
        """Bundle changes of several traits; rows that are done meanwhile wait for the end."""
        with self._telling, super().hold_trait_notifications():
            yield

    def wait(self, timeout: float | None = None) -> None:
        """Block until the page is complete, and raise what went wrong with it as a whole.

        Raises
        ------
        TimeoutError
            If it takes longer than `timeout` seconds.
        """
        self._worker.wait(timeout)

    def _start_answering(self) -> None:
        self.observe(self._follow, CHOICES)
        self.observe(self._cancel_work, "_cancel")
        self._begin()

    def _follow(self, _: Any) -> None:
        with self._telling:
            if not (self._following and self._opened):
                return
            self._following = False
            try:
                self._settle()
            finally:
                self._following = True
            # Several choices that were made together are one request.
            if self._request is None or self._asked() != self._request:
                self._begin()

    def _settle(self) -> None:
        """Let the other choices fit the one that changed."""
        before, now = self._request, self._asked()
        assert before is not None
        if self.layer is None:
            self.layer = self._first_layer
        if self.order == "disagreement" and len(self.methods) < 2:
            self.order = "given"
        if before.rows != now.rows:
            # What is selected is another thing now; the picture that was looked at is the one to compare.
            chosen = self.selected if before.rows == "pictures" else None
            if chosen is not None and before.image_index == now.image_index:
                self.image_index = chosen
            self.selected = None
        if before.page == now.page:
            reordered = now.selection != before.selection or (
                now.selection.needs_disagreements and now.ask.pair != before.ask.pair
            )
            # Another order begins with its first page; another page size keeps the first row in sight.
            first = 0 if reordered else before.page * before.page_size
            self.page = first // self.page_size

    def _asked(self) -> Request:
        return Request(
            rows=self.rows,
            image_index=self.image_index,
            page=self.page,
            page_size=self.page_size,
            ask=self._ask(),
            selection=self._selection(),
        )

    def _begin(self) -> None:
        with self._telling:
            self.error = ""
            self._generation += 1
            request = self._request = self._asked()
            generation = self._generation
            self._worker.start(lambda job: self._fill(job, request, generation))

    def _fill(self, job: Job, request: Request, generation: int) -> None:
        def tell(**shown: Any) -> None:
            self._tell(job, shown)

        def place(position: int, row: dict[str, Any]) -> None:
            self._tell(job, {f"_row_{position}": {**row, "generation": generation}})

        def announce(page: dict[str, int]) -> None:
            self._announce(job, {**page, "generation": generation})

        try:
            Filling(self._work, request, announce, place, tell, job.cancelled).fill()
        except Exception as error:
            tell(error=in_words(error))
            raise
        finally:
            tell(progress=None)

    def _tell(self, job: Job, shown: dict[str, Any]) -> bool:
        """Set traits, unless something else was asked for since, or it was cancelled; also by who watches them."""
        with self._telling:
            for name, value in shown.items():
                if self._worker.is_latest(job):
                    setattr(self, name, value)
            return self._worker.is_latest(job)

    def _announce(self, job: Job, page: dict[str, int]) -> None:
        """Tell the browser how the page will look, before its rows come."""
        with self._telling:
            if not self._tell(job, {"_page": page}):
                return
            for position in range(page["rows"], MOST_ROWS):
                if self._row(position) is not None:
                    setattr(self, f"_row_{position}", None)
            asked = self._request
            assert asked is not None
            # Another page may have been chosen by now, whose turn comes when this lock is free.
            if self.rows == "pictures" and page["page"] != asked.page == self.page:
                # There are fewer pages than was thought.
                self._following = False
                try:
                    self.page = page["page"]
                finally:
                    self._following = True
                self._request = replace(asked, page=self.page)

    def _cancel_work(self, _: Any) -> None:
        with self._telling:
            if self._worker.busy:
                self._worker.cancel()
                self.progress = None
                self.status = "Cancelled; what is there stays"
