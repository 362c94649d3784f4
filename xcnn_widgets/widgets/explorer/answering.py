"""Answering choices: at once where it is quick, in the background where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from traitlets import TraitError

from ...methods import Explanation, method_named
from ...pages import Atlases
from ...study import Choice, Comparison, Exploration, Models, Shown, image_state, in_words
from ..worker import Job, Worker
from .ahead import Ahead
from .estimates import Estimate
from .screen import Screen
from .second_model import SecondModel
from .turns import Turns


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
        self._estimate = Estimate()
        self._turns = Turns(self._await)
        self.turn = self._turns.take

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
        """Give up work that is under way; of what has shown an estimate, that stays."""
        if self._worker.busy and self._estimate.stop():
            self._screen.status = "Stopping; what is estimated so far stays"
        elif self._worker.busy:
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
                self._turns.await_later(change, job)
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
        return same and shown is not self._estimate.shown and not self._screen.error

    def _answer_slowly(self, choice: Choice) -> Job:
        """Work on another thread, so that the page stays alive; Python waits for it, a page does not."""
        self._screen.progress = 0.0
        self._screen.status = f"Working on {method_named(choice.method).label} ..."
        self._screen.tell_estimate(there=False)
        self._estimate = estimate = Estimate()
        return self._worker.start(lambda job: self._work(job, choice, estimate))

    def _tell_on_screen(self, job: Job, tell: Callable[[], None]) -> None:
        self._turns.take_if_free(lambda: tell() if self._worker.is_latest(job) else None)

    def _work(self, job: Job, choice: Choice, estimate: Estimate) -> None:
        def tell(share: float) -> None:
            estimate.reach(share)
            self._tell_on_screen(job, lambda: setattr(self._screen, "progress", round(share, 2)))

        def so_far(found: Explanation) -> None:
            # A map that still changes is not held against another model's.
            if choice.beside is None and estimate.is_due:
                shown = estimate.of(exploration, choice, found)
                self._tell_on_screen(job, lambda: self._show_estimate(estimate, shown))

        def cancelled() -> bool:
            return job.cancelled() or estimate.is_stopped()

        try:
            exploration = self._explored(choice)
            explanation = exploration.explain(choice, tell, cancelled, so_far)
            shown = Shown.of(exploration, choice, explanation)
            comparison = self._second.compare(shown, tell, job.cancelled)
            with self._turns.lock:
                if self._worker.is_latest(job):
                    self._show(shown, comparison, code_waits=False)
        except Exception as error:
            with self._turns.lock:
                if self._worker.is_latest(job):
                    self._screen.error = in_words(error)
                    self._screen.status = self._shown_status
            raise
        finally:
            with self._turns.lock:
                if self._worker.is_latest(job):
                    self._screen.progress = None
                    self._screen.tell_estimate(there=False)

    def _show_estimate(self, estimate: Estimate, shown: Shown) -> None:
        self._screen.present(shown, self._image(shown.choice), None)
        self._screen.tell_estimate(there=True)
        estimate.shown = shown

    def _await(self, change: Any, job: Job) -> None:
        try:
            job.done.wait()
        except KeyboardInterrupt:
            with self._turns.lock:
                if self._worker.is_latest(job):
                    self._stop_work()
                    self._go_back()
            raise
        error, job.error = job.error, None
        if job.cancelled():
            # By a newer choice, or by Cancel, which has gone back.
            raise TraitError(f"{change.name} = {change.new!r}: it was cancelled")
        if error is not None:
            with self._turns.lock:
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
        choice = shown.choice
        image = self._image(choice, anew=anew)
        self._screen.present(shown, image, comparison or self._second.compare(shown))
        self._tell_all(choice, code_waits)

    def _image(self, choice: Choice, *, anew: bool = False) -> dict[str, Any] | None:
        """The picture of a choice; None where it stands on the pages."""
        before = self._screen.shown
        if before is not None and not anew and before.choice.picture == choice.picture:
            return None
        known = self._atlases.image(choice)
        return known or image_state(self._explored(choice), choice.image_index)

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
        self._screen.tell_estimate(there=False)
        if self._screen.progress is not None:
            self._screen.progress = None

    def _go_back(self) -> None:
        """Let the choices say again what is shown."""
        if self._screen.shown is not None:
            with self.held():
                self._screen.choose(self._screen.shown.choice)
