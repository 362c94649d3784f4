"""The brush's page: what the traits say is drawn, and what a person does becomes a trait."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from traitlets import TraitError

from ...imaging import Mask
from ...study import Exploration
from .controls import BrushControls
from .html import HINT, attempt_label, bars, challenge_table, error_line, note_line
from .origin import Origin

_SAME = ("image_index", "fill", "method", "layer", "opacity", "fraction", "tool", "size")
_BUTTONS = ("undo", "redo", "clear", "invert", "paint_map")
_EDGE, _THUMBNAIL = (255, 140, 0), 74


class Shown(Protocol):
    """The brush, whose traits the page shows and sets."""

    image_index: int
    target: Any
    goal: Any
    history: Any

    def observe(self, handler: Callable[[Any], None], names: str | Iterable[str]) -> None:
        """Have a handler called with every change of these traits."""

    def return_to(self, position: int) -> None:
        """Go back to an attempt of the history."""


class Page:
    """Keeps controls and traits the same, both ways."""

    def __init__(
        self, brush: Shown, controls: BrushControls, exploration: Exploration, origin: Origin
    ) -> None:
        self._brush, self._controls = brush, controls
        self._exploration, self._origin = exploration, origin

    def connect(self) -> None:
        """Show what the traits say, from now on, and take what a person does."""
        controls = self._controls
        for name in _SAME:
            self._follow(name, partial(self._put, name))
            self._hear(getattr(controls, name), partial(self._take, name))
        self._follow("image_index", self._name_stage)
        self._follow("target", self._put_target)
        self._follow("goal", self._put_goal)
        self._follow("history", self._put_attempts)
        self._hear(controls.target, self._take_target)
        self._hear(controls.play, self._take_play)
        self._hear(controls.goal, self._take_goal)
        self._follow("status", partial(setattr, controls.stage, "status"))
        self._draw("answer", controls.bars, bars)
        self._draw("challenge", controls.challenge, challenge_table)
        self._draw("error", controls.error, error_line)
        self._draw("note", controls.note, note_line)
        for name in _BUTTONS:
            self._on_click(getattr(controls, name), getattr(self._brush, name))
        for position, (_, button) in enumerate(controls.attempts, start=1):
            self._on_click(button, partial(self._brush.return_to, -position))

    def _follow(self, name: str, put: Callable[[Any], None]) -> None:
        """Show a trait's value, now and whenever it changes."""
        put(getattr(self._brush, name))
        self._brush.observe(lambda change: put(change.new), name)

    def _draw(self, name: str, control: Any, draw: Callable[[Any], str]) -> None:
        self._follow(name, lambda value: setattr(control, "value", draw(value)))

    def _hear(self, control: Any, take: Callable[[Any], None]) -> None:
        control.observe(lambda change: self._origin.by_page(take, change.new), "value")

    def _on_click(self, button: Any, do: Callable[[], None]) -> None:
        button.on_click(lambda _: self._origin.by_page(do))

    def _take(self, name: str, value: Any) -> None:
        try:
            setattr(self._brush, name, (value or None) if name == "method" else value)
        except TraitError:
            self._put(name, getattr(self._brush, name))
            raise

    def _put(self, name: str, value: Any) -> None:
        control = getattr(self._controls, name)
        if name == "layer" and value not in control.options:
            control.options = self._exploration.layers(self._brush.image_index)
        if name in ("fraction", "size"):
            control.max = max(control.max, value)
            control.min = min(control.min, value)
        control.value = (value or "") if name == "method" else value

    def _name_stage(self, index: int) -> None:
        name, stage = self._exploration.pictures.name(index), self._controls.stage
        stage.label, stage.hint = f"{name}, to paint on", f"{name}: {HINT}"

    def _put_target(self, target: int | None) -> None:
        self._controls.target.value = self._named(target)

    def _take_target(self, text: str) -> None:
        text = text.strip()
        if text != self._named(self._brush.target):
            self._brush.target = None if not text else int(text) if text.isdecimal() else text

    def _named(self, target: int | None) -> str:
        return "" if target is None else self._exploration.answers.name(target)

    def _put_goal(self, goal: float | None) -> None:
        controls = self._controls
        controls.play.value = goal is not None
        controls.challenge_box.layout.display = "none" if goal is None else None
        if goal is not None:
            controls.goal.min = min(controls.goal.min, goal)
            controls.goal.max = max(controls.goal.max, goal)
            controls.goal.value = goal

    def _take_play(self, wanted: bool) -> None:
        if wanted != (self._brush.goal is not None):
            self._brush.goal = self._controls.goal.value if wanted else None

    def _take_goal(self, goal: float) -> None:
        if self._brush.goal is not None:
            self._brush.goal = goal

    def _put_attempts(self, history: tuple[dict[str, Any], ...]) -> None:
        newest = history[: -len(self._controls.attempts) - 1 : -1]
        self._controls.show_attempts(
            [(self._thumbnail(attempt), *attempt_label(attempt)) for attempt in newest]
        )

    def _thumbnail(self, attempt: dict[str, Any]) -> bytes:
        picture = self._exploration.prepared(attempt["image_index"]).picture
        return _thumbnail(picture, attempt["mask"])


def _thumbnail(picture: NDArray[np.uint8], mask: Mask) -> bytes:
    """A small PNG of the picture with what is hidden in one colour."""
    shown = np.where(mask[:, :, None], np.array(_EDGE, np.uint8), picture)
    image, encoded = Image.fromarray(shown), io.BytesIO()
    image.thumbnail((_THUMBNAIL, _THUMBNAIL))
    image.save(encoded, "PNG")
    return encoded.getvalue()
