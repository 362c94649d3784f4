"""The brush's page: controls and traits are kept the same, and strokes come in."""

from __future__ import annotations

from functools import partial
from typing import Any

from traitlets import TraitError

from .answering import BrushAnswering
from .html import error_line, note_line
from .strokes import Mask

_SYNCED = ("image_index", "fill", "method", "layer", "opacity", "fraction", "tool", "size")
_BUTTONS = ("undo", "redo", "clear", "invert", "paint_map")


class BrushPage(BrushAnswering):
    """Takes what a person does on the page."""

    def return_to(self, position: int) -> None:
        """Go back to an attempt of the `history`."""
        raise NotImplementedError

    def _pointer(self, kind: str, at: tuple[float, float]) -> None:
        self._by_hand(lambda: self._hand.pointer(kind, at))

    def _key(self, key: str, shift: bool, command: bool) -> None:
        self._by_hand(lambda: self._hand.key(key, shift=shift, command=command))

    def _follow_controls(self) -> None:
        """Keep controls and traits the same, both ways."""
        controls = self._controls
        for name in _SYNCED:
            control = getattr(controls, name)
            self._put_into_control(name)
            control.observe(
                lambda change, name=name: self._by_hand(lambda: self._take(name, change.new)),
                "value",
            )
            self.observe(lambda change: self._put_into_control(change.name), name)
        self._put_target()
        self.observe(lambda _: self._put_target(), "target")
        controls.target.observe(
            lambda change: self._by_hand(lambda: self._take_target(change.new)), "value"
        )
        self._put_goal()
        self.observe(lambda _: self._put_goal(), "goal")
        controls.play.observe(
            lambda change: self._by_hand(lambda: self._take_play(change.new)), "value"
        )
        controls.goal.observe(
            lambda change: self._by_hand(lambda: self._take_goal(change.new)), "value"
        )
        self.observe(lambda change: setattr(controls.stage, "status", change.new), "status")
        pages = {"error": error_line, "note": note_line}
        for name, page in pages.items():
            self.observe(
                lambda change, page=page: setattr(
                    getattr(controls, change.name), "value", page(change.new)
                ),
                name,
            )
        for name in _BUTTONS:
            controls.on_click(name, partial(self._by_hand, getattr(self, name)))
        for position, (_, button) in enumerate(controls.attempts, start=1):
            back = partial(self._by_hand, partial(self.return_to, -position))
            button.on_click(lambda _, back=back: back())

    def _take(self, name: str, value: Any) -> None:
        try:
            setattr(self, name, (value or None) if name == "method" else value)
        except TraitError:
            self._put_into_control(name)
            raise

    def _put_into_control(self, name: str) -> None:
        control, value = getattr(self._controls, name), getattr(self, name)
        if name == "layer" and value is None:
            value = self._exploration.default_layer(self.image_index)
        if name == "layer" and value not in control.options:
            control.options = self._exploration.layers(self.image_index)
        if name in ("fraction", "size"):
            control.max = max(control.max, value)
            control.min = min(control.min, value)
        control.value = (value or "") if name == "method" else value

    def _put_target(self) -> None:
        target = self.target
        self._controls.target.value = (
            "" if target is None else self._exploration.class_names.name(target)
        )

    def _take_target(self, text: str) -> None:
        text = text.strip()
        shown = "" if self.target is None else self._exploration.class_names.name(self.target)
        if text != shown:
            self.target = None if not text else int(text) if text.isdecimal() else text

    def _put_goal(self) -> None:
        controls, goal = self._controls, self.goal
        controls.play.value = goal is not None
        controls.challenge_box.layout.display = "none" if goal is None else None
        if goal is not None:
            controls.goal.min, controls.goal.max = (
                min(controls.goal.min, goal),
                max(controls.goal.max, goal),
            )
            controls.goal.value = goal

    def _take_play(self, wanted: bool) -> None:
        if wanted != (self.goal is not None):
            self.goal = self._controls.goal.value if wanted else None

    def _take_goal(self, goal: float) -> None:
        if self.goal is not None:
            self.goal = goal

    def _stroke_changed(self, touched: Mask) -> None:
        """A stroke goes on: follow it on the canvas, and answer if there is time."""
        if self._partner is not None:
            self._partner._leave_off()
        self._canvas.show_stroke(self._strokes.mask, self._fill_picture(), touched)
        self._answer_meanwhile()

    def _stroke_ended(self) -> None:
        """A stroke has ended: it becomes the mask, and has one last answer."""
        if self._strokes.end():
            self.mask = self._strokes.mask
        else:
            self._draw_mask()
