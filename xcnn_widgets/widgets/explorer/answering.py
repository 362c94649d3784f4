"""Answering choices: at once where it is quick, in the background where it is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import traitlets
from traitlets import TraitError

from ...methods.explanation import Explanation
from ...methods.table import METHODS
from ...study.choice import Choice
from ...study.wire import map_state, picture_state, prediction_state, sentence
from ..live_view import in_words
from ..worker import Job, Worker
from .ahead import Ahead
from .choices import CHOICES, LOOKS, ExplainerChoices


class ExplainerAnswers(ExplainerChoices):
    """Follows the choices and shows what they ask for.

    What Python sets is computed before it returns, and raises if that fails. What comes from the browser never
    raises: the cause stands in `error`, and the last good picture stays.
    """

    heatmap: Any = traitlets.Any(None, allow_none=True)
    """The heatmap shown, ``float32`` ``(H, W)`` in [0, 1]."""

    def __init__(self, **state: Any) -> None:
        self._shown: Choice | None = None
        self._explanation: Explanation | None = None
        self._sentence = ""
        self._following = False
        self._worker = Worker("xcnn-explain")
        self._ahead: Ahead | None = None
        # While one thread sets traits, traitlets takes what another sets for part of that. Nobody waits for work
        # with this in hand, so that Cancel is always heard.
        self._turn = threading.RLock()
        super().__init__(**state)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in CHOICES or name in LOOKS:
            with self._answered():
                super().__setattr__(name, value)
        else:
            super().__setattr__(name, value)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser sends, when it is its turn."""
        with self._answered():
            super().set_state(sync_data)

    def reset(self) -> None:
        """Go back to the choices and looks that the widget opened with."""
        with self._answered():
            super().reset()

    def _start_answering(self) -> None:
        """Show the first answer, and follow the choices from then on."""
        choice = self._choice()
        self._show(choice, self._exploration.explain(choice))
        self._following = True
        self.observe(self._follow, CHOICES)
        self.observe(self._cancel_work, "_cancel")

    def _follow(self, change: Any) -> None:
        with self._answered():
            if not self._following:
                return
            try:
                self._leave_off()
                self._answer(change)
            except Exception as error:
                if not self._from_browser:
                    raise self._refused(change, error) from error
                self.error = in_words(error)
            except KeyboardInterrupt:
                self._stop_work()
                self._go_back()
                raise

    def _answer(self, change: Any) -> None:
        choice = self._choice()
        if self._is_shown(choice):
            self._stop_work()
        elif METHODS[choice.method].is_slow and self._exploration.found(choice) is None:
            job = self._answer_slowly(choice)
            if not self._from_browser:
                self._origin.awaited = change, job
        else:
            self._stop_work()
            self._show(choice, self._exploration.explain(choice))
            if self._from_browser and self._ahead is not None:
                self._ahead.after(choice)

    def _is_shown(self, choice: Choice) -> bool:
        shown = self._shown
        return shown is not None and choice.question == shown.question and not self.error

    def _answer_slowly(self, choice: Choice) -> Job:
        """Work on another thread, so that the page stays alive; Python waits for it, the browser does not."""
        self.progress = 0.0
        self.status = f"Working on {METHODS[choice.method].label} ..."
        return self._worker.start(lambda job: self._work(job, choice))

    def _work(self, job: Job, choice: Choice) -> None:
        def tell(share: float) -> None:
            # Whoever has the turn may be waiting for the model, which is in use here.
            if self._turn.acquire(blocking=False):
                try:
                    if self._worker.is_latest(job):
                        self.progress = round(share, 2)
                finally:
                    self._turn.release()

        try:
            explanation = self._exploration.explain(choice, tell, job.cancelled)
            with self._turn:
                if self._worker.is_latest(job):
                    self._show(choice, explanation)
        except Exception as error:
            with self._turn:
                if self._worker.is_latest(job):
                    self.error = in_words(error)
                    self.status = self._sentence
            raise
        finally:
            with self._turn:
                if self._worker.is_latest(job):
                    self.progress = None

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """One thread at a time; then, with nothing in hand, wait for the slow work that code has asked for."""
        own = self._origin
        depth = getattr(own, "depth", 0)
        if depth == 0:
            own.awaited = None
        own.depth = depth + 1
        try:
            with self._turn:
                yield
        finally:
            own.depth = depth
        if depth == 0 and own.awaited is not None:
            self._await(*own.awaited)

    def _await(self, change: Any, job: Job) -> None:
        try:
            job.done.wait()
        except KeyboardInterrupt:
            with self._turn:
                if self._worker.is_latest(job):
                    self._stop_work()
                    self._go_back()
            raise
        error, job.error = job.error, None
        if job.cancelled():
            # By a newer choice, or by Cancel, which has gone back.
            raise TraitError(f"{change.name} = {change.new!r}: it was cancelled")
        if error is not None:
            with self._turn:
                raise self._refused(change, error) from error

    def _refused(self, change: Any, error: Exception) -> TraitError:
        """Go back, for code that asked for what cannot be."""
        self._go_back()
        self.error = ""
        return TraitError(f"{change.name} = {change.new!r}: {in_words(error)}")

    def _show(self, choice: Choice, explanation: Explanation) -> None:
        """Put an answer on every page, in one message."""
        index, exploration = choice.image_index, self._exploration
        prepared, name = exploration.prepared(index), exploration.pictures.name(index)
        explained = exploration.explained(explanation)
        shown_map, heatmap = map_state(explanation, index, explained), explanation.heatmaps()[0]
        with self.hold_sync():
            if self._picture is None or self._picture["index"] != index:
                self._picture = picture_state(prepared, index, name)
                self.predictions = [prediction_state(p) for p in exploration.predictions(index)]
            self._map = shown_map
            self._shown, self._explanation = choice, explanation
            self.heatmap = heatmap
            self.note = " ".join(filter(None, [explanation.note, prepared.note]))
            self._sentence = sentence(explanation, explained, name)
            self.status = self._sentence
            self.error = ""

    def _cancel_work(self, _: Any) -> None:
        if self._worker.busy:
            self._stop_work()
            self._go_back()
            self.status = f"Cancelled; still shown: {self._sentence}"

    def _leave_off(self) -> None:
        """Make way for a person: what was begun ahead is left off."""
        if self._ahead is not None:
            self._ahead.stop()

    def _stop_work(self) -> None:
        self._worker.cancel()
        self.progress = None

    def _go_back(self) -> None:
        """Let the choices say again what is shown."""
        if self._shown is not None:
            with self._not_following(), self.hold_sync():
                for name in CHOICES:
                    setattr(self, name, getattr(self._shown, name))

    @contextmanager
    def _not_following(self) -> Iterator[None]:
        self._following = False
        try:
            yield
        finally:
            self._following = True
