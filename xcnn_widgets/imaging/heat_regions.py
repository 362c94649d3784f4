"""Where a heatmap is hot: as a mask, as boxes, as a crop of its picture."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .overlays import finite_values
from .painting import top_share_threshold

Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class HeatRegion:
    """The part of a picture that a heatmap finds hot.

    Attributes
    ----------
    mask
        ``bool`` ``(H, W)``.
    picture
        RGB ``uint8`` ``(H, W, 3)``.
    heatmap
        ``float32`` ``(H, W)``.
    """

    mask: NDArray[np.bool_]
    picture: NDArray[np.uint8]
    heatmap: NDArray[np.float32]

    @cached_property
    def boxes(self) -> list[Box]:
        """Around each connected part, as of `boxes_from_heatmap`."""
        return _boxes(self.mask, self.heatmap)

    def crop(self) -> NDArray[np.uint8]:
        """The picture within the box around all of the region, RGB ``uint8``; without a region an empty one."""
        rows, columns = (np.flatnonzero(self.mask.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return self.picture[:0, :0]
        return self.picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def boxes_from_heatmap(
    heatmap: NDArray[Any] | Tensor, threshold: float = 0.5, *, top_share: float = 1.0
) -> list[Box]:
    """Find boxes around the hot parts of a heatmap.

    Pixels that touch each other, also by a corner, are one part.

    Parameters
    ----------
    heatmap
        ``(H, W)``, values in [0, 1].
    threshold
        The value from which on a pixel is hot, above 0 and up to 1.
    top_share
        The share of the pixels that is hot at most, above 0 and up to 1: 0.1 for the top 10 %.

    Returns
    -------
    list
        ``(left, top, right, bottom)`` in pixels, right and bottom being the first that are outside; the
        part with the largest sum of heat first.

    Raises
    ------
    ValueError
        If the shape or a number does not fit, or a value is NaN or infinite.

    References
    ----------
    Zhou et al., 2016, arXiv:1512.04150, section 3.2, draws a box around the largest part above 20 % of
    the greatest value.

    Examples
    --------
    >>> heatmap = np.array([[0.9, 0.2, 0.0, 0.0], [0.8, 0.0, 0.0, 0.6]])
    >>> boxes_from_heatmap(heatmap, 0.5)
    [(0, 0, 1, 2), (3, 1, 4, 2)]
    """
    values = finite_values(heatmap, "heatmap")
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"heatmap has the shape {values.shape}; expected (H, W): heatmaps()[0]")
    for name, number in (("threshold", threshold), ("top_share", top_share)):
        if not 0 < number <= 1:
            raise ValueError(f"{name} is {number}; expected above 0 and up to 1")
    heat = values.astype(np.float32)
    return _boxes(hot_mask(heat, threshold, top_share), heat)


def hot_mask(heatmap: NDArray[np.float32], threshold: float, top_share: float) -> NDArray[np.bool_]:
    """The pixels that are painted with a threshold by value and one by share; none of a map that is 0 everywhere."""
    cut = np.float32(max(threshold, top_share_threshold(heatmap, top_share)))
    return (heatmap >= cut) & bool(heatmap.max() > 0)


def _boxes(mask: NDArray[np.bool_], heat: NDArray[np.float32]) -> list[Box]:
    left = mask.copy()
    found: list[tuple[float, Box]] = []
    for start in zip(*np.nonzero(mask), strict=True):
        if left[start]:
            rows, columns = np.array(_part(left, (int(start[0]), int(start[1])))).T
            box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
            left_edge, top, right, bottom = (int(side) for side in box)
            found.append((float(heat[rows, columns].sum()), (left_edge, top, right, bottom)))
    # Of equal ones the first stays first.
    return [box for _, box in sorted(found, key=lambda part: -part[0])]


def _part(left: NDArray[np.bool_], start: tuple[int, int]) -> list[tuple[int, int]]:
    """The pixels that hang together with one, which are taken out of what is left."""
    height, width = left.shape
    left[start] = False
    part, waiting = [start], deque([start])
    while waiting:
        row, column = waiting.popleft()
        for y in range(max(0, row - 1), min(height, row + 2)):
            for x in range(max(0, column - 1), min(width, column + 2)):
                if left[y, x]:
                    left[y, x] = False
                    part.append((y, x))
                    waiting.append((y, x))
    return part
