"""Contours: lines where a heatmap passes chosen shares of its greatest value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .overlays import colour_table

LEVELS = (0.25, 0.5, 0.75)


def contours(
    picture: NDArray[np.uint8],
    heatmap: NDArray[Any],
    levels: Sequence[float] = LEVELS,
    colormap: str = "viridis",
) -> NDArray[np.uint8]:
    """Draw contours over a picture, each in the colour of its level, with a dark rim outside.

    Parameters
    ----------
    picture
        RGB ``uint8`` ``(H, W, 3)``.
    heatmap
        ``(H, W)``, values in [0, 1].
    levels
        The values at which lines are drawn, above 0 and up to 1. A line runs along the pixels that have
        its value or more, and a neighbour on one of four sides that has less.

    Returns
    -------
    ndarray
        ``uint8`` ``(H, W, 3)``.

    Examples
    --------
    >>> heatmap = np.array([[0.0, 0.2, 0.6, 1.0, 1.0]])
    >>> contours(np.full((1, 5, 3), 100, np.uint8), heatmap, [0.5], "gray")[0, :, 0]
    array([100,  50, 128, 100, 100], dtype=uint8)
    """
    values, table = np.asarray(heatmap, np.float32), colour_table(colormap)
    drawn, rims = picture.copy(), np.zeros(values.shape, np.bool_)
    lines = []
    for level in sorted(levels):
        inside = values >= np.float32(level)
        lines.append((inside & _beside(~inside), table[min(255, int(level * 256))]))
        rims |= ~inside & _beside(inside)
    # Half of an odd level goes down.
    drawn[rims] //= 2
    for line, colour in lines:
        drawn[line] = colour
    return drawn


def _beside(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels with a neighbour in the mask, on one of four sides."""
    found = np.zeros_like(mask)
    found[1:] |= mask[:-1]
    found[:-1] |= mask[1:]
    found[:, 1:] |= mask[:, :-1]
    found[:, :-1] |= mask[:, 1:]
    return found
