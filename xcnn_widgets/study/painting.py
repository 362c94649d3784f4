"""A map as it goes over the wire, painted in Python as the browser paints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..imaging import (
    CLIPPED,
    Painted,
    PaintLook,
    painted_by_heat,
    painted_contours,
    painted_in_colour,
    painted_signed,
)
from ..methods import upsample


def painted_map(
    picture: NDArray[np.uint8],
    heatmap: NDArray[np.float32],
    state: Mapping[str, Any],
    style: str,
    look: PaintLook,
) -> Painted:
    """Paint a map over its picture.

    Parameters
    ----------
    picture
        RGB ``uint8`` ``(H, W, 3)``.
    heatmap
        ``(H, W)`` in [0, 1].
    state
        The map as it goes over the wire, with what `style` needs beside the heat.
    """
    if style == "in colour":
        colour = state["colour"]
        colours = np.frombuffer(colour["data"], np.uint8).reshape(*picture.shape[:2], -1)
        return painted_in_colour(
            picture, np.broadcast_to(colours, picture.shape), colour["clip"], look
        )
    if style == "positive and negative":
        label = CLIPPED if "signed" in state else ""
        return painted_signed(picture, _signed(state, picture.shape[:2]), look, label)
    if style == "contours":
        return painted_contours(picture, heatmap, look)
    return painted_by_heat(picture, heatmap, look)


def _signed(state: Mapping[str, Any], size: tuple[int, ...]) -> NDArray[np.float32]:
    """The signed map in true values; where it is the same everywhere, nothing stands out, so 0."""
    sent = state.get("signed", state)
    low, high = sent["range"]
    if not high > low:
        return np.zeros(size, np.float32)
    levels = np.frombuffer(sent["data"], np.uint8).reshape(1, *state["shape"])
    grid = torch.from_numpy(low + levels.astype(np.float32) / 255 * (high - low))
    return upsample(grid, size)[0].numpy()
