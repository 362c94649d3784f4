"""The network's answer to what is hidden, the challenge, and the attempts so far."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from time import monotonic
from typing import Any, Protocol

from ...imaging import Mask
from ...study import (
    Answer,
    Challenge,
    Hiding,
    Question,
    Rivals,
    first_goal,
    in_words,
    noted,
    percent,
)
from ..worker import Job, Worker
from .origin import Origin
from .telling import sentence

# Answers a second while a stroke is drawn: more than that nobody can read.
_ANSWERS_PER_SECOND = 8


class Asked(Protocol):
    """The brush's choices that an answer depends on, and what shows it."""

    image_index: int
    mask: Any
    fill: str
    target: Any
    goal: Any
    seed: int
    layer: Any
    answer: Any
    challenge: Any
    history: Any
    status: str
    note: str

    @property
    def turn(self) -> Callable[[], AbstractContextManager[None]]:
        """What a thread holds while it sets traits."""


class Answering:
    """Asks the network: at once for code; on another thread, where the latest wins, for a page.

    Attributes
    ----------
    answered
        The question whose answer is shown; None before the first, and one of a stroke that goes on is none.
    """

    def __init__(self, brush: Asked, hiding: Hiding, origin: Origin) -> None:
        self._brush, self._hiding, self._origin = brush, hiding, origin
        self._rivals = Rivals(hiding)
        self._worker = Worker("xcnn-brush")
        self._asked_at = 0.0
        self.answered: Question | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._worker.busy

    def ask(self) -> None:
        """Ask about what is hidden now."""
        question = self._question(self._brush.mask)
        if self._origin.is_page:
            self._worker.start(lambda job: self._ask_for_page(job, question))
        else:
            self._worker.cancel()
            answer = self._hiding.ask(question)
            with self._brush.turn():
                self._show(question, answer)
            self._brush.challenge = self._scored(question, answer)

    def ask_meanwhile(self, mask: Mask) -> None:
        """Ask about a stroke that is still drawn, if the last answer has come."""
        if self._worker.busy or monotonic() - self._asked_at < 1 / _ANSWERS_PER_SECOND:
            return
        self._asked_at = monotonic()
        question = self._question(mask.copy())
        self._worker.start(lambda job: self._ask_for_page(job, question, final=False))

    def goal_below_the_start(self) -> float:
        """A goal for the class that is watched, below what the network says of the whole picture."""
        brush = self._brush
        goal, start = brush.goal, self._hiding.start(brush.image_index, brush.target)
        return goal if goal is not None and goal < start else first_goal(start)

    def check_goal(self) -> None:
        """Refuse a goal that the class which is watched is below from the start."""
        brush = self._brush
        if brush.goal is None:
            return
        start = self._hiding.start(brush.image_index, brush.target)
        if brush.goal > start:
            raise ValueError(
                f"the class that is watched is at {percent(start)} on the whole picture; expected a goal below "
                f"that, such as {first_goal(start):g}, or None; or choose another class or picture first"
            )

    def wait(self, timeout: float | None = None) -> None:
        """Block until no answer is on its way, as `Worker.wait`."""
        self._worker.wait(timeout)

    def close(self) -> None:
        """Stop, and let go of everything found."""
        self._worker.cancel()
        self._rivals.close()
        self.answered = None

    def _question(self, mask: Mask) -> Question:
        brush = self._brush
        return Question(brush.image_index, mask, brush.fill, brush.target)

    def _ask_for_page(self, job: Job, question: Question, *, final: bool = True) -> None:
        try:
            answer = self._hiding.ask(question, job.cancelled)
            with self._brush.turn():
                if self._worker.is_latest(job):
                    self._show(question, answer, final=final)
            if not final:
                return
            # The rivals cost two passes more, and nobody's bars wait for them.
            challenge = self._scored(question, answer, job.cancelled)
            with self._brush.turn():
                if self._worker.is_latest(job):
                    self._brush.challenge = challenge
        except Exception as error:
            with self._brush.turn():
                if self._worker.is_latest(job):
                    self._origin.tell("answer", in_words(error))

    def _show(self, question: Question, answer: Answer, *, final: bool = True) -> None:
        brush, exploration = self._brush, self._hiding.exploration
        brush.answer = answer
        brush.status = sentence(answer, exploration.pictures.name(question.image_index))
        if final:
            self.answered = question
            fill = self._hiding.fill(question.image_index, question.fill)
            brush.note = noted(exploration.prepared(question.image_index).note, fill.note)
            self._origin.tell("answer", "")
            if answer.hidden > 0 and not any(map(question.is_as, brush.history)):
                brush.history = (*brush.history, self._hiding.attempt(question, answer))

    def _scored(
        self, question: Question, answer: Answer, cancelled: Callable[[], bool] | None = None
    ) -> Challenge | None:
        brush = self._brush
        if brush.goal is None:
            return None
        return self._rivals.score(
            question,
            answer,
            brush.history,
            goal=brush.goal,
            seed=brush.seed,
            layer=brush.layer,
            cancelled=cancelled,
        )
