"""The panel "Can I trust it?": random networks, pixels that go, and another class."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol

from traitlets import Bunch

from ...methods import Progress, method_named
from ...network import Cancelled
from ...study import (
    Choice,
    Doubted,
    Doubts,
    Exploration,
    Trust,
    attempt,
    doubted_state,
    in_words,
    other_state,
    randomised_state,
    removed_state,
)
from ..worker import Job, Worker


class Screen(Protocol):
    """What the panel knows of the widget."""

    error: str
    trust_open: bool
    _trust: dict[str, Any] | None
    _trust_progress: float | None

    @property
    def exploration(self) -> Exploration:
        """The model that is asked, with its pictures."""

    def choice(self) -> Choice:
        """What is chosen."""

    def turn(self) -> AbstractContextManager[None]:
        """One thread at a time sets traits."""

    def hold_sync(self) -> AbstractContextManager[None]:
        """While open, what is set goes to the pages in one message."""


class TrustPanel:
    """Follows what is shown while it is open, on a thread of its own, where the latest choice wins.

    Parameters
    ----------
    screen
        The widget.
    """

    traits: tuple[str, ...] = ("trust_open", "_trust_wanted", "_trust_cancel")

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._worker = Worker("xcnn-trust")
        # What the numbers on the pages are about.
        self._about: tuple[object, ...] | None = None

    def trust(self) -> Trust:
        """As `ExplainerWidget.trust`."""
        return Doubts(self._screen.exploration).trust(self._screen.choice())

    def save(self) -> None:
        """Find out what is shown of the map chosen, for a page without a kernel."""
        self._begin(self._screen.choice())
        self._worker.wait()

    def changed(self, change: Bunch, *, by_page: bool) -> None:  # noqa: ARG002 (code does not wait either)
        """Open or close, begin again, or leave off."""
        if change.name == "_trust_cancel" or not self._screen.trust_open:
            self._cancel()
        elif change.name == "_trust_wanted":
            self._begin(self._screen.choice())
        else:
            self._catch_up(self._screen.choice())

    def follow(self, choice: Choice, *, by_page: bool) -> None:  # noqa: ARG002 (code does not wait either)
        """Ask about what is shown."""
        if self._screen.trust_open:
            self._catch_up(choice)

    def wait(self, timeout: float | None) -> None:
        """Block until nothing is at work."""
        self._worker.wait(timeout)

    def close(self) -> None:
        """Leave off."""
        self._worker.cancel()

    def _catch_up(self, choice: Choice) -> None:
        """Ask about a map unless that was done; of a method with many passes, which takes minutes, only show nothing of another."""
        is_known = self._screen._trust is not None and self._about == self._key(choice)
        if not method_named(choice.method).is_slow:
            if not is_known:
                self._begin(choice)
        elif self._about != self._key(choice):
            self._cancel()
            self._about = self._screen._trust = None

    def _key(self, choice: Choice) -> tuple[object, ...]:
        exploration = self._screen.exploration
        activation = exploration.answers_on(choice.image_index).reading.activation
        return choice.model, activation, choice.question

    def _cancel(self) -> None:
        if self._worker.busy:
            self._worker.cancel()
            self._about = None
            self._screen._trust_progress = None

    def _begin(self, choice: Choice) -> None:
        self._about = self._key(choice)
        self._screen._trust_progress = 0.0
        doubts = Doubts(self._screen.exploration)
        self._worker.start(lambda job: self._work(job, doubts, choice))

    def _work(self, job: Job, doubts: Doubts, choice: Choice) -> None:
        try:
            self._find(job, doubts, doubts.doubted(choice, job.cancelled))
        except Cancelled:
            raise
        except Exception as error:
            with self._screen.turn():
                if self._worker.is_latest(job):
                    self._about = self._screen._trust = self._screen._trust_progress = None
                    self._screen.error = in_words(error)

    def _find(self, job: Job, doubts: Doubts, about: Doubted) -> None:
        explained = about.explained
        checks: dict[str, Callable[[Progress], dict[str, Any]]] = {
            # The largest is found last, for what is known so far goes with each.
            "other": lambda _: other_state(doubts.other(about, job.cancelled), explained),
            "removed": lambda tell: removed_state(
                doubts.removed(about, tell, job.cancelled), explained
            ),
            "randomised": lambda tell: randomised_state(
                doubts.randomised(about, tell, job.cancelled)
            ),
        }
        why: dict[str, str] = {}
        state = {**doubted_state(about), **dict.fromkeys(checks), "why": why}
        self._show(job, state, 0.0)
        for number, (name, check) in enumerate(checks.items()):

            def tell(share: float, done: int = number) -> None:
                with self._screen.turn():
                    if self._worker.is_latest(job):
                        self._screen._trust_progress = round((done + share) / len(checks), 3)

            found = attempt(name, why, partial(check, tell))
            state = {**state, name: found, "why": {**why}}
            whole = number == len(checks) - 1
            self._show(job, state, None if whole else (number + 1) / len(checks))

    def _show(self, job: Job, state: dict[str, Any], progress: float | None) -> None:
        with self._screen.turn():
            if self._worker.is_latest(job):
                with self._screen.hold_sync():
                    self._screen._trust, self._screen._trust_progress = state, progress
