"""The explainer's brush: made when it is asked for, and kept in step with the explainer's choices."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from traitlets import TraitError

from ...study import Choice, Exploration
from ..brush import LINKED, OcclusionBrush
from ..worker import Worker
from .ahead import Ahead


class Explainer(Protocol):
    """What the brush's link knows of the explainer."""

    error: str
    opacity: float
    turn: Callable[[], AbstractContextManager[None]]

    @property
    def exploration(self) -> Exploration:
        """The model that is asked, with its pictures."""

    def choice(self) -> Choice:
        """What is chosen."""

    def acting(self, *, by_page: bool) -> AbstractContextManager[None]:
        """While open, this thread does what a page asks for, or what code does."""

    def present_brush(self, brush: OcclusionBrush | None) -> None:
        """Put a brush below the explainer on every page, or take it away."""


class BrushLink:
    """Opens an `OcclusionBrush` on what an explainer shows, and keeps both in step until one of them is closed.

    Both share what was found out about the model. The brush asks for a heatmap only where the explainer has none.
    To the brush, this is its `Partner`.

    Parameters
    ----------
    explainer
        The widget.
    worker, ahead
        Those that answer the widget's choices.
    """

    def __init__(self, explainer: Explainer, worker: Worker, ahead: Ahead | None) -> None:
        self._explainer = explainer
        self._worker = worker
        self._ahead = ahead
        self._brush: OcclusionBrush | None = None
        self._is_held = False

    @property
    def is_open(self) -> bool:
        """Whether there is a brush."""
        return self._brush is not None

    def open(self, *, held: bool) -> OcclusionBrush:
        """The brush that is open, or a new one; `held` if code keeps it, also when the explainer is closed."""
        if self._brush is None:
            choice = self._explainer.choice()
            chosen = {name: getattr(choice, name) for name in LINKED}
            brush = OcclusionBrush.beside(
                self, self._explainer.exploration, {**chosen, "opacity": self._explainer.opacity}
            )
            brush.observe(self._forget, "comm")
            self._brush, self._is_held = brush, False
            self._explainer.present_brush(brush)
        self._is_held = self._is_held or held
        return self._brush

    def part(self) -> bool:
        """Go on without the brush; tell whether it lives on, with all that was found out."""
        brush = self._brush
        if brush is None:
            return False
        if not self._is_held:
            brush.close()
            return False
        self._unlink(brush)
        brush.stand_alone()
        return True

    def tell(self, choice: Choice, code_waits: bool) -> None:
        """Hand on a choice that has been answered; what the brush refuses is raised if code waits for it."""
        if self._brush is not None:
            self._brush.follow(choice, by_page=not code_waits)

    @property
    def turn(self) -> Callable[[], AbstractContextManager[None]]:
        """What a thread holds while it sets the traits of either."""
        return self._explainer.turn

    @property
    def window(self) -> tuple[int, int]:
        """Patch and stride of the explainer's occlusion, in pixels."""
        choice = self._explainer.choice()
        return choice.patch, choice.stride

    def follow(self, name: str, value: Any, *, by_page: bool) -> None:
        """Take a choice that was made at the brush; it shows no heatmap where there is no method."""
        if (value is None and name == "method") or getattr(self._explainer, name) == value:
            return
        with self._explainer.acting(by_page=by_page):
            try:
                setattr(self._explainer, name, value)
            except TraitError as error:
                if not by_page:
                    raise
                self._explainer.error = str(error)

    def leave_off(self) -> None:
        """Stop working ahead: a stroke needs the model."""
        if self._ahead is not None:
            self._ahead.stop()

    def settle(self) -> None:
        """Block until the explainer is not at work."""
        self._worker.settle()

    def _forget(self, change: Any) -> None:
        if change.new is None and self._brush is not None:
            self._unlink(self._brush)

    def _unlink(self, brush: OcclusionBrush) -> None:
        brush.unobserve(self._forget, "comm")
        self._brush = None
        self._explainer.present_brush(None)
