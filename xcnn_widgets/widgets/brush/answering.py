"""What the brush shows after every change: the network's answer, the heatmap, the history."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
from traitlets import TraitError

from ...imaging.overlays import DEFAULT_COLORMAP, colour_table
from ...methods.table import METHODS
from ...study.challenge import BrushChallenge, Challenge
from ...study.choice import Choice
from ...study.hiding import Answer, BrushAnswers
from ..live_view import in_words
from ..worker import Job, Worker
from .canvas import BrushCanvas
from .choices import ANSWERED, LINKED, BrushChoices
from .controls import BrushControls
from .hand import BrushHand
from .history import attempt, is_known, label, thumbnail
from .html import HINT, bars, challenge_table, sentence
from .strokes import Strokes

if TYPE_CHECKING:
    from ..explorer.widget import ExplainerWidget

# Answers a second while a stroke is drawn: more than that nobody can read.
_ANSWERS_PER_SECOND = 8


class BrushAnswering(BrushChoices):
    """Follows the choices: what Python sets is answered before it returns, a page waits for nothing."""

    _answers: BrushAnswers
    _canvas: BrushCanvas
    _challenger: BrushChallenge
    _controls: BrushControls
    _hand: BrushHand
    _strokes: Strokes
    _partner: ExplainerWidget | None
    _opened: bool
    _following: bool

    def __init__(self, **state: Any) -> None:
        self._worker, self._mapper = Worker("xcnn-brush"), Worker("xcnn-brush-map")
        self._origin, self._showing = threading.local(), threading.RLock()
        self._shown: dict[str, Any] = {}
        self._asked_at = 0.0
        self._troubles: dict[str, str] = {}
        self.heatmap: Any = None
        super().__init__(**state)

    def _open_picture(self) -> None:
        """Begin anew with another picture, of which nothing is hidden."""
        prepared = self._exploration.prepared(self.image_index)
        height, width = prepared.picture.shape[:2]
        self._strokes, self.heatmap = Strokes((height, width)), None
        self._hand.middle((height, width))
        self._canvas.show_picture(prepared.picture)
        name = self._exploration.pictures.name(self.image_index)
        self._controls.stage.label = f"{name}, to paint on"
        self._controls.stage.hint = f"{name}: {HINT}"
        following, self._following = self._following, False
        self.mask = self._strokes.mask
        self._following = following

    def _follow(self, change: Any) -> None:
        if not self._following:
            return
        try:
            if change.name == "image_index":
                self._open_picture()
            if change.name == "mask":
                self._strokes.put(self.mask)
            # The network first: drawing can go on beside it.
            self._answer()
            self._draw_mask()
        except Exception as error:
            self._refuse(change, error)

    def _follow_goal(self, change: Any) -> None:
        if not self._following:
            return
        try:
            self._answer()
        except Exception as error:
            self._refuse(change, error)

    def _follow_map(self, change: Any) -> None:
        if not self._following:
            return
        try:
            if self._partner is not None and change.name in LINKED:
                self._partner._follow_brush(change, by_page=self._from_page)
            self._map()
        except Exception as error:
            self._refuse(change, error, "map")

    def _refuse(self, change: Any, error: Exception, about: str = "answer") -> None:
        """Tell what went wrong where it can be read; what Python asked for goes back to what it was."""
        if self._from_page:
            self._tell(about, in_words(error))
            return
        if self._shown:
            self._following = False
            try:
                if self.image_index != self._shown["image_index"]:
                    self.image_index = self._shown["image_index"]
                    self._open_picture()
                for name, value in {change.name: change.old, **self._shown}.items():
                    setattr(self, name, value)
                self._strokes.put(self.mask)
                self._draw_mask()
            finally:
                self._following = True
        self._tell("answer", "")
        raise TraitError(f"{change.name} = {change.new!r:.200}: {in_words(error)}") from error

    def _answer(self) -> None:
        """Ask the network: at once for Python; on another thread, the latest wins, for a page."""
        asked = {name: getattr(self, name) for name in ANSWERED}
        if self._from_page:
            self._worker.start(lambda job: self._ask_for_page(job, asked))
        else:
            self._worker.cancel()
            answer = self._answers.ask(**asked)
            with self._showing:
                self._show(asked, answer, final=True)
            self._show_challenge(self._scored(asked, answer))

    def _answer_meanwhile(self) -> None:
        """Ask about a stroke that is still drawn, if the last answer has come."""
        if self._worker.busy or monotonic() - self._asked_at < 1 / _ANSWERS_PER_SECOND:
            return
        self._asked_at = monotonic()
        asked = {name: getattr(self, name) for name in ANSWERED}
        asked["mask"] = self._strokes.mask.copy()
        self._worker.start(lambda job: self._ask_for_page(job, asked, final=False))

    def _ask_for_page(self, job: Job, asked: dict[str, Any], *, final: bool = True) -> None:
        try:
            answer = self._answers.ask(**asked, cancelled=job.cancelled)
            with self._showing:
                if self._opened and self._worker.is_latest(job):
                    self._show(asked, answer, final=final)
            if not final:
                return
            # The rivals cost two passes more, and nobody's bars wait for them.
            challenge = self._scored(asked, answer, job.cancelled)
            with self._showing:
                if self._opened and self._worker.is_latest(job):
                    self._show_challenge(challenge)
        except Exception as error:
            if self._opened and self._worker.is_latest(job):
                self._tell("answer", in_words(error))

    def _show(self, asked: dict[str, Any], answer: Answer, *, final: bool) -> None:
        self.answer = answer
        self._controls.bars.value = bars(answer)
        self.status = sentence(answer, self._exploration.pictures.name(asked["image_index"]))
        if final:
            self._shown = asked
            _, fill_note = self._answers.fill(asked["image_index"], asked["fill"])
            prepared = self._exploration.prepared(asked["image_index"])
            self.note = " ".join(filter(None, [prepared.note, fill_note]))
            self._tell("answer", "")
            self._remember(asked, answer)

    def _remember(self, asked: dict[str, Any], answer: Answer) -> None:
        if answer.hidden == 0 or is_known(asked, self.history):
            return
        name = self._exploration.pictures.name(asked["image_index"])
        self.history = (*self.history, attempt(asked, answer, name))
        newest = self.history[: -len(self._controls.attempts) - 1 : -1]
        for (image, button), each in zip(self._controls.attempts, newest, strict=False):
            picture = self._exploration.prepared(each["image_index"]).picture
            image.value = thumbnail(picture, each["mask"])
            button.description, button.tooltip = label(each)
        self._controls.shown_attempts(len(newest))

    def _scored(
        self, asked: dict[str, Any], answer: Answer, cancelled: Callable[[], bool] | None = None
    ) -> Challenge | None:
        if self.goal is None:
            return None
        return self._challenger.score(
            asked,
            answer,
            self.history,
            goal=self.goal,
            seed=self.seed,
            layer=self.layer,
            cancelled=cancelled,
        )

    def _show_challenge(self, challenge: Challenge | None) -> None:
        self.challenge = challenge
        self._controls.challenge.value = challenge_table(challenge)

    def _map(self) -> None:
        """Find the heatmap and lay it under the strokes."""
        self._mapper.cancel()
        self._tell("map", "")
        if self.method is None:
            self.heatmap = None
            self._canvas.show_heatmap(None)
            return
        choice = self._map_choice(self.method)
        known = self._exploration.found(choice) is not None
        if self._from_page and METHODS[self.method].is_slow and not known:
            self._mapper.start(lambda job: self._map_for_page(job, choice))
        else:
            self._show_map(choice, None)

    def _map_choice(self, method: str) -> Choice:
        partner, target = self._partner, None if self.target is None else int(self.target)
        if partner is None:
            patch = max(1, min(self._strokes.shape) // 7)
            window = patch, max(1, patch // 2)
        else:
            window = partner.patch, partner.stride
        return Choice(self.image_index, method, self.layer, target, *window)

    def _take_choice(self, choice: Choice) -> None:
        """Follow the explainer, which has an answer to this choice; one after the other, for each is checked."""
        for name in LINKED:
            if getattr(self, name) != getattr(choice, name):
                setattr(self, name, getattr(choice, name))
        if METHODS[choice.method].options:
            self._map()

    def _stand_alone(self) -> None:
        """Go on without the explainer."""
        self._partner = None

    def _map_for_page(self, job: Job, choice: Choice) -> None:
        try:
            if self._partner is not None:
                # It is at work on the same map, or was refused it.
                self._partner._worker.settle()
            self._show_map(choice, job)
        except Exception as error:
            if self._opened and self._mapper.is_latest(job):
                self._tell("map", in_words(error))

    def _show_map(self, choice: Choice, job: Job | None) -> None:
        cancelled = None if job is None else job.cancelled
        heatmap = self._exploration.explain(choice, cancelled=cancelled).heatmaps()[0]
        if job is not None and not self._mapper.is_latest(job):
            return
        self.heatmap = np.asarray(heatmap)
        levels = np.minimum(255, np.floor(self.heatmap * 256)).astype(np.uint8)
        coloured = colour_table(DEFAULT_COLORMAP)[levels]
        alpha = np.full((*levels.shape, 1), round(255 * self.opacity), np.uint8)
        self._canvas.show_heatmap(np.concatenate([coloured, alpha], axis=2))

    def _draw_mask(self) -> None:
        self._canvas.show_mask(self._strokes.mask, self._fill_picture())
        self._controls.undo.disabled = not self._strokes.can_undo
        self._controls.redo.disabled = not self._strokes.can_redo

    def _fill_picture(self) -> Any:
        return self._answers.fill_picture(self.image_index, self.fill)

    def _tell(self, about: str, trouble: str) -> None:
        """Say what went wrong with the answer or with the map; one that goes well leaves the other's line alone."""
        self._troubles[about] = trouble
        self.error = " ".join(filter(None, self._troubles.values()))

    @property
    def _from_page(self) -> bool:
        return getattr(self._origin, "page", False)

    def _by_hand(self, do: Callable[[], None]) -> None:
        """Do what the page asks for; what goes wrong is told in `error`."""
        outer, self._origin.page = self._from_page, True
        try:
            if self._opened:
                do()
        except Exception as error:
            self._tell("answer", in_words(error))
        finally:
            self._origin.page = outer
