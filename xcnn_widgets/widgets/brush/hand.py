"""From mouse, touch and keyboard to strokes."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ...imaging import Mask
from .strokes import Point, Strokes, ellipse, line, rectangle

TOOLS = ("brush", "eraser", "rectangle", "ellipse")

_ARROWS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, -1), "ArrowDown": (0, 1)}
_SHAPES = {"rectangle": rectangle, "ellipse": ellipse}


class Paper(Protocol):
    """What a hand draws on."""

    @property
    def strokes(self) -> Strokes:
        """The mask under way."""

    @property
    def tool(self) -> str:
        """One of `TOOLS`."""

    @property
    def size(self) -> float:
        """How wide brush and eraser are, in pixels of the picture."""

    def show_cursor(
        self,
        at: Point | None,
        size: float,
        box: tuple[Point, Point] | None = None,
        *,
        now: bool = True,
    ) -> None:
        """Draw the brush's outline, or the box of a shape; None draws none; later if not `now`."""

    def stroke_changed(self, touched: Mask) -> None:
        """A stroke goes on, and has changed the pixels touched."""

    def stroke_ended(self) -> None:
        """A stroke has ended or was given up."""

    def undo(self) -> None:
        """Take back the last step."""

    def redo(self) -> None:
        """Do again what was undone."""


class Hand:
    """Draws with a tool; keys move a cursor of their own, which begins in the middle of the paper."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        height, width = paper.strokes.shape
        self._at: Point = (width / 2, height / 2)
        self._start = self._at
        self._by_key = False

    def pointer(self, kind: str, at: Point) -> None:
        """Follow "down", "move", "up" and "out" of a mouse or a finger."""
        paper, strokes = self._paper, self._paper.strokes
        if kind == "down":
            self._by_key = False
            strokes.give_up()
            self._start = self._at = at
            strokes.begin()
        drawing = strokes.under_way and not self._by_key
        if drawing and kind != "out":
            self._draw_to(at)
        if drawing and kind in ("up", "out"):
            paper.show_cursor(None, 0, now=False)
            paper.stroke_ended()
        elif not drawing and not self._by_key:
            self._at = at
            paper.show_cursor(None if kind == "out" else at, self._width())

    def key(self, key: str, shift: bool, command: bool) -> None:
        """Move the cursor, paint, undo and redo."""
        paper = self._paper
        if command and key.lower() in ("z", "y"):
            (paper.undo if key.lower() == "z" and not shift else paper.redo)()
        elif key in _ARROWS:
            self._move(key, 1.0 if shift else max(1.0, paper.size / 2))
        elif key in (" ", "Enter"):
            self._press()
        elif key == "Escape":
            paper.strokes.give_up()
            self._end_by_key()

    def _move(self, key: str, step: float) -> None:
        height, width = self._paper.strokes.shape
        across, down = _ARROWS[key]
        x = min(max(self._at[0] + across * step, 0.5), width - 0.5)
        y = min(max(self._at[1] + down * step, 0.5), height - 0.5)
        if self._by_key and self._paper.strokes.under_way:
            self._draw_to((x, y))
        else:
            self._at = (x, y)
            self._paper.show_cursor(self._at, self._width())

    def _press(self) -> None:
        """Paint a dab; of a shape, the first press sets a corner and the second ends it."""
        strokes = self._paper.strokes
        ends = self._by_key and strokes.under_way
        if not ends:
            strokes.give_up()
            strokes.begin()
            self._start, self._by_key = self._at, True
            self._draw_to(self._at)
        if ends or self._paper.tool not in _SHAPES:
            self._end_by_key()

    def _end_by_key(self) -> None:
        self._by_key = False
        self._paper.show_cursor(self._at, self._width(), now=False)
        self._paper.stroke_ended()

    def _draw_to(self, at: Point) -> None:
        paper, strokes = self._paper, self._paper.strokes
        before = strokes.mask.copy()
        shape = _SHAPES.get(paper.tool)
        if shape is None:
            touched = line(strokes.shape, self._at, at, paper.size)
            strokes.draw(touched, erase=paper.tool == "eraser")
            paper.show_cursor(at, paper.size, now=False)
        else:
            strokes.draw_instead(shape(strokes.shape, self._start, at))
            paper.show_cursor(at, 1, (self._start, at), now=False)
        self._at = at
        paper.stroke_changed(np.asarray(before ^ strokes.mask))

    def _width(self) -> float:
        return 1.0 if self._paper.tool in _SHAPES else self._paper.size
