"""From mouse, touch and keyboard to strokes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .strokes import Mask, Point, ellipse, line, rectangle

if TYPE_CHECKING:
    from .widget import OcclusionBrush

_ARROWS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, -1), "ArrowDown": (0, 1)}
_SHAPES = {"rectangle": rectangle, "ellipse": ellipse}


class BrushHand:
    """Draws with the brush's tool; keys move a cursor of their own."""

    def __init__(self, brush: OcclusionBrush) -> None:
        self._brush = brush
        self._start: Point = (0.0, 0.0)
        self._at: Point = (0.0, 0.0)
        self._by_key = False

    def middle(self, shape: tuple[int, int]) -> None:
        """Put the cursor into the middle of a picture ``(H, W)``."""
        self._at = self._start = (shape[1] / 2, shape[0] / 2)

    def pointer(self, kind: str, at: Point) -> None:
        """Follow "down", "move", "up" and "out" of a mouse or a finger."""
        brush, strokes = self._brush, self._brush._strokes
        if kind == "down":
            self._by_key = False
            strokes.give_up()
            self._start = self._at = at
            strokes.begin()
        drawing = strokes.under_way and not self._by_key
        if drawing and kind != "out":
            self._draw_to(at)
        if drawing and kind in ("up", "out"):
            brush._canvas.show_cursor(None, 0, now=False)
            brush._stroke_ended()
        elif not drawing and not self._by_key:
            self._at = at
            brush._canvas.show_cursor(None if kind == "out" else at, self._width())

    def key(self, key: str, *, shift: bool, command: bool) -> None:
        """Move the cursor, paint, undo and redo."""
        brush = self._brush
        if command and key.lower() in ("z", "y"):
            (brush.undo if key.lower() == "z" and not shift else brush.redo)()
        elif key in _ARROWS:
            self._move(key, 1.0 if shift else max(1.0, brush.size / 2))
        elif key in (" ", "Enter"):
            self._press()
        elif key == "Escape":
            self._by_key = False
            brush._strokes.give_up()
            brush._canvas.show_cursor(self._at, self._width(), now=False)
            brush._draw_mask()

    def _move(self, key: str, step: float) -> None:
        height, width = self._brush._strokes.shape
        across, down = _ARROWS[key]
        x = min(max(self._at[0] + across * step, 0.5), width - 0.5)
        y = min(max(self._at[1] + down * step, 0.5), height - 0.5)
        if self._by_key and self._brush._strokes.under_way:
            self._draw_to((x, y))
        else:
            self._at = (x, y)
            self._brush._canvas.show_cursor(self._at, self._width())

    def _press(self) -> None:
        """Paint a dab; of a shape, the first press sets a corner and the second ends it."""
        strokes, brush = self._brush._strokes, self._brush
        ends = self._by_key and strokes.under_way
        if not ends:
            strokes.give_up()
            strokes.begin()
            self._start, self._by_key = self._at, True
            self._draw_to(self._at)
        if ends or brush.tool not in _SHAPES:
            self._by_key = False
            brush._canvas.show_cursor(self._at, self._width(), now=False)
            brush._stroke_ended()

    def _draw_to(self, at: Point) -> None:
        brush, strokes = self._brush, self._brush._strokes
        before = strokes.mask.copy()
        shape = _SHAPES.get(brush.tool)
        if shape is None:
            touched: Mask = line(strokes.shape, self._at, at, brush.size)
            strokes.draw(touched, erase=brush.tool == "eraser")
            brush._canvas.show_cursor(at, brush.size, now=False)
        else:
            strokes.draw_instead(shape(strokes.shape, self._start, at))
            brush._canvas.show_cursor(at, 1, (self._start, at), now=False)
        self._at = at
        brush._stroke_changed(np.asarray(before ^ strokes.mask))

    def _width(self) -> float:
        return 1.0 if self._brush.tool in _SHAPES else float(self._brush.size)
