"""The mask that a person paints: shapes, and undo and redo of every stroke."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from ...imaging import Mask

Point = tuple[float, float]
"""``(x, y)`` in pixels of the picture; the middle of its first pixel is ``(0.5, 0.5)``."""

# A packed mask of 224 x 224 takes 6 kB.
_STEPS_KEPT = 200


def line(shape: tuple[int, int], start: Point, end: Point, size: float) -> Mask:
    """Mark the pixels ``(H, W)`` that a round brush touches on its way; a point if it stays.

    Examples
    --------
    >>> line((2, 4), (0.5, 0.5), (2.5, 0.5), 1).astype(int)
    array([[1, 1, 1, 0],
           [0, 0, 0, 0]])
    """
    radius = max(size / 2, 0.5)
    # Only where the brush came by: a page sends a hundred moves a second.
    rows = _reached(start[1], end[1], radius)
    columns = _reached(start[0], end[0], radius)
    middles_y, middles_x = _middles(shape)
    y, x = middles_y[rows], middles_x[:, columns]
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    length = along_x**2 + along_y**2
    share: NDArray[np.float64] | float = 0.0
    if length > 0:
        share = (((x - start[0]) * along_x + (y - start[1]) * along_y) / length).clip(0, 1)
    distance = (x - start[0] - share * along_x) ** 2 + (y - start[1] - share * along_y) ** 2
    mask = np.zeros(shape, np.bool_)
    mask[rows, columns] = distance <= radius**2
    return mask


def rectangle(shape: tuple[int, int], start: Point, end: Point) -> Mask:
    """Mark every pixel ``(H, W)`` that a rectangle between two corners touches.

    Examples
    --------
    >>> rectangle((2, 4), (3.2, 1.5), (1.0, 1.1)).astype(int)
    array([[0, 0, 0, 0],
           [0, 1, 1, 1]])
    """
    y, x = _middles(shape)
    left, right = sorted((start[0], end[0]))
    top, bottom = sorted((start[1], end[1]))
    inside_x = (x + 0.5 > left) & (x - 0.5 < right)
    inside_y = (y + 0.5 > top) & (y - 0.5 < bottom)
    return np.asarray(inside_x & inside_y)


def ellipse(shape: tuple[int, int], start: Point, end: Point) -> Mask:
    """Mark the pixels ``(H, W)`` inside the ellipse that fits between two corners."""
    y, x = _middles(shape)
    middle_x, middle_y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    radius_x = max(abs(end[0] - start[0]) / 2, 0.5)
    radius_y = max(abs(end[1] - start[1]) / 2, 0.5)
    return np.asarray(((x - middle_x) / radius_x) ** 2 + ((y - middle_y) / radius_y) ** 2 <= 1)


class Strokes:
    """A mask ``(H, W)`` with its past and its future.

    Examples
    --------
    >>> strokes = Strokes((2, 3))
    >>> strokes.put(np.ones((2, 3), bool))
    True
    >>> strokes.undo(), bool(strokes.mask.any()), strokes.redo(), bool(strokes.mask.all())
    (True, False, True, True)
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.mask: Mask = np.zeros(shape, np.bool_)
        self._past: list[NDArray[np.uint8]] = []
        self._future: list[NDArray[np.uint8]] = []
        self._before: Mask | None = None

    @property
    def under_way(self) -> bool:
        """Whether a stroke has begun and not ended."""
        return self._before is not None

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to go back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone step."""
        return bool(self._future)

    def begin(self) -> None:
        """Start a stroke; what is drawn until `end` is one step."""
        if self._before is None:
            self._before = self.mask.copy()

    def draw(self, shape: Mask, *, erase: bool = False) -> None:
        """Hide, or show again, the pixels of a shape."""
        self.mask[shape] = not erase

    def draw_instead(self, shape: Mask) -> None:
        """Hide a shape in place of what this stroke has drawn so far."""
        assert self._before is not None
        self.mask = self._before | shape

    def end(self) -> bool:
        """Finish the stroke; tell whether it changed anything."""
        before, self._before = self._before, None
        if before is None or np.array_equal(before, self.mask):
            return False
        self._remember(before)
        return True

    def give_up(self) -> None:
        """Drop the stroke under way."""
        if self._before is not None:
            self.mask, self._before = self._before, None

    def put(self, mask: Mask) -> bool:
        """Replace the mask in one step; tell whether that changed anything."""
        self.give_up()
        if np.array_equal(mask, self.mask):
            return False
        self._remember(self.mask)
        self.mask = mask.copy()
        return True

    def undo(self) -> bool:
        """Go one step back, if there is one."""
        return self._step(self._past, self._future)

    def redo(self) -> bool:
        """Take back the last `undo`, if there is one."""
        return self._step(self._future, self._past)

    def _remember(self, mask: Mask) -> None:
        self._past.append(np.packbits(mask))
        del self._past[:-_STEPS_KEPT]
        self._future.clear()

    def _step(self, source: list[NDArray[np.uint8]], other: list[NDArray[np.uint8]]) -> bool:
        self.give_up()
        if not source:
            return False
        other.append(np.packbits(self.mask))
        flat = np.unpackbits(source.pop(), count=self.mask.size)
        self.mask = flat.astype(np.bool_).reshape(self.shape)
        return True


def _reached(start: float, end: float, radius: float) -> slice:
    return slice(max(0, floor(min(start, end) - radius)), max(0, ceil(max(start, end) + radius)))


def _middles(shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.ogrid[: shape[0], : shape[1]]
    return y + 0.5, x + 0.5
