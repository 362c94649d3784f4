"""Answering choices: at once where it is quick, in the background where it is not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from traitlets import TraitError

from ...methods import method_named
from ...pages import Atlases
from ...study import Choice, Comparison, Exploration, Models, Shown, image_state, in_words
from ..worker import Job, Worker
from .ahead import Ahead
from .screen import Screen
from .second_model import SecondModel


class Answering:
    """Follows the choices and shows what they ask for.

    What Python sets is computed before it returns, and raises if that fails. What comes from a page never raises:
    the cause stands in the widget's `error`, and the last good picture stays.

    Parameters
    ----------
    screen
        The widget.
    models
        Where answers come from.
    worker
        Where slow answers are computed.
    atlases
        Views that need not be computed.
    ahead
        What begins after a choice on a page, if anything does.
    tell
        Those called with each choice that has been answered, and with whether code waits for it.
    """

    def __init__(
        self,
        screen: Screen,
        models: Models,
        worker: Worker,
        atlases: Atlases,
        ahead: Ahead | None,
        *,
        tell: Sequence[Callable[[Choice, bool], None]],
    ) -> None:
        self._screen = screen
        self._models = models
        self._worker = worker
        self._atlases = atlases
        self._second = SecondModel(models, atlases)
        self._ahead = ahead
        self._tell = tell
        self._following = False
        # While one thread sets traits, traitlets takes what another sets for part of that. Nobody waits for work
        # with this in hand, so that Cancel is always heard.
        self._lock = threading.RLock()
        self._own = threading.local()

    def open(self) -> None:
        """Show the first answer, and follow the choices from then on."""
        choice = self._screen.choice()
        exploration = self._explored(choice)
        shown = Shown.of(exploration, choice, exploration.explain(choice))
        self._show(shown, code_waits=True)
        self._following = True

    def close(self) -> None:
        """Follow nothing from now on, and hold nothing."""
        self._following = False
        self._worker.cancel()
        self.leave_off()
        self._screen.shown = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One thread at a time; then, with nothing in hand, wait for the slow work that code has asked for."""
        own = self._own
        depth = getattr(own, "depth", 0)
        if depth == 0:
            own.awaited = None
        own.depth = depth + 1
        try:
            with self._lock:
                yield
        finally:
            own.depth = depth
        if depth == 0 and own.awaited is not None:
            self._await(*own.awaited)

    @property
    def follows(self) -> bool:
        """Whether a change of the choices is a wish."""
        return self._following

    @contextmanager
    def held(self) -> Iterator[None]:
        """While open, choices are set and nothing is answered."""
        following, self._following = self._following, False
        try:
            yield
        finally:
            self._following = following

    def follow(self, change: Any) -> None:
        """Answer a change of the choices."""
        with self.turn():
            if not self._following:
                return
            by_page = self._screen.by_page
            try:
                self.leave_off()
                self._answer(change, by_page=by_page)
            except Exception as error:
                if not by_page:
                    raise self._refused(change, error) from error
                self._screen.error = in_words(error)
            except KeyboardInterrupt:
                self._stop_work()
                self._go_back()
                raise

    def read_again(self) -> None:
        """Show the same answer, read in another way."""
        with self.turn():
            shown = self._screen.shown
            if not self._following or shown is None:
                return
            choice = shown.choice
            exploration = self._explored(choice)
            if choice.target is None and not exploration.answers.reading.has_winner:
                choice = replace(choice, target=shown.map["target"]["index"])
            self._show(
                Shown.of(exploration, choice, exploration.explain(choice)),
                code_waits=True,
                anew=True,
            )
            if choice != shown.choice:
                self._go_back()

    def cancel(self) -> None:
        """Give up work that is under way."""
        if self._worker.busy:
            self._stop_work()
            self._go_back()
            self._screen.status = f"Cancelled; still shown: {self._shown_status}"

    def leave_off(self) -> None:
        """Make way for a person: what was begun ahead is left off."""
        if self._ahead is not None:
            self._ahead.stop()

    def _answer(self, change: Any, *, by_page: bool) -> None:
        choice = self._screen.choice()
        exploration = self._explored(choice)
        if self._is_shown(choice):
            self._stop_work()
            self._tell_all(choice, not by_page)
            return
        explanation = exploration.found(choice)
        saved = self._atlases.get(choice) if explanation is None else None
        is_known = explanation is not None or saved is not None
        if method_named(choice.method).is_slow and not (is_known and self._second.is_known(choice)):
            job = self._answer_slowly(choice)
            if not by_page:
                self._own.awaited = change, job
            return
        self._stop_work()
        if saved is not None:
            self._show(saved, code_waits=not by_page)
            return
        if explanation is None:
            explanation = exploration.explain(choice)
        self._show(Shown.of(exploration, choice, explanation), code_waits=not by_page)
        if by_page and self._ahead is not None:
            self._ahead.after(choice)

    def _is_shown(self, choice: Choice) -> bool:
        shown = self._screen.shown
        same = shown is not None and choice.view == shown.choice.view
        return same and not self._screen.error

    def _answer_slowly(self, choice: Choice) -> Job:
        """Work on another thread, so that the page stays alive; Python waits for it, a page does not."""
        self._screen.progress = 0.0
        self._screen.status = f"Working on {method_named(choice.method).label} ..."
        return self._worker.start(lambda job: self._work(job, choice))

    def _work(self, job: Job, choice: Choice) -> None:
        def tell(share: float) -> None:
            # Whoever has the turn may be waiting for the model, which is in use here.
            if self._lock.acquire(blocking=False):
                try:
                    if self._worker.is_latest(job):
                        self._screen.progress = round(share, 2)
                finally:
                    self._lock.release()

        try:
            exploration = self._explored(choice)
            explanation = exploration.explain(choice, tell, job.cancelled)
            shown = Shown.of(exploration, choice, explanation)
            comparison = self._second.compare(shown, tell, job.cancelled)
            with self._lock:
                if self._worker.is_latest(job):
                    self._show(shown, comparison, code_waits=False)
        except Exception as error:
            with self._lock:
                if self._worker.is_latest(job):
                    self._screen.error = in_words(error)
                    self._screen.status = self._shown_status
            raise
        finally:
            with self._lock:
                if self._worker.is_latest(job):
                    self._screen.progress = None

    def _await(self, change: Any, job: Job) -> None:
        try:
            job.done.wait()
        except KeyboardInterrupt:
            with self._lock:
                if self._worker.is_latest(job):
                    self._stop_work()
                    self._go_back()
            raise
        error, job.error = job.error, None
        if job.cancelled():
            # By a newer choice, or by Cancel, which has gone back.
            raise TraitError(f"{change.name} = {change.new!r}: it was cancelled")
        if error is not None:
            with self._lock:
                raise self._refused(change, error) from error

    def _refused(self, change: Any, error: Exception) -> TraitError:
        """Go back, for code that asked for what cannot be."""
        self._go_back()
        self._screen.error = ""
        return TraitError(f"{change.name} = {change.new!r}: {in_words(error)}")

    def _show(
        self,
        shown: Shown,
        comparison: Comparison | None = None,
        *,
        code_waits: bool,
        anew: bool = False,
    ) -> None:
        before, choice = self._screen.shown, shown.choice
        image = None
        if before is None or anew or before.choice.picture != choice.picture:
            image = self._atlases.image(choice) or image_state(
                self._explored(choice), choice.image_index
            )
        self._screen.present(shown, image, comparison or self._second.compare(shown))
        self._tell_all(choice, code_waits)

    def _tell_all(self, choice: Choice, code_waits: bool) -> None:
        for tell in self._tell:
            tell(choice, code_waits)

    def _explored(self, choice: Choice) -> Exploration:
        return self._models.explored(choice.model)

    @property
    def _shown_status(self) -> str:
        return "" if self._screen.shown is None else self._screen.shown.status

    def _stop_work(self) -> None:
        self._worker.cancel()
        if self._screen.progress is not None:
            self._screen.progress = None

    def _go_back(self) -> None:
        """Let the choices say again what is shown."""
        if self._screen.shown is not None:
            with self.held():
                self._screen.choose(self._screen.shown.choice)
