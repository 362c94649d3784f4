"""A map painted in one of several ways: alone, over its picture, and as a colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .contours import LEVELS, contours
from .overlays import (
    DEFAULT_COLORMAP,
    DIVERGING_COLORMAP,
    Blend,
    colour_strip,
    colour_table,
    overlay,
)
from .signed import centred, colour_overlay, signed_overlay

Pixels = NDArray[np.uint8]
CLIPPED = "clipped at the 99.5th percentile"


@dataclass(frozen=True)
class PaintLook:
    """How a map is painted; `opacity`, `threshold`, `blend` as in `overlay`.

    Attributes
    ----------
    levels
        Where contours run, as shares of the greatest value.
    top_share
        The share of the picture that is painted at most: its hottest pixels.
    """

    opacity: float = 0.5
    colormap: str = DEFAULT_COLORMAP
    threshold: float = 0.0
    blend: Blend = "by heat"
    levels: Sequence[float] = LEVELS
    top_share: float = 1.0

    def for_heat(self, strengths: NDArray[np.float32]) -> PaintLook:
        """The same with the share of the picture as a threshold by value."""
        cut = max(self.threshold, top_share_threshold(strengths, self.top_share))
        return replace(self, threshold=cut, top_share=1.0)


class Painted(NamedTuple):
    """What became of a map.

    Attributes
    ----------
    alone, covering
        RGB ``uint8`` ``(H, W, 3)``: the map itself, and over its picture.
    strips
        The colours ``(256, 3)`` of a colour bar: of the one and of the other.
    ends
        The true values at the ends of the bar; None are those of the heat.
    label
        What to know of the bar.
    """

    alone: Pixels
    covering: Pixels
    strips: tuple[Pixels, Pixels]
    ends: tuple[float, float] | None = None
    label: str = ""


def top_share_threshold(strengths: NDArray[np.float32], share: float) -> float:
    """The value that the hottest share of the pixels reaches, at least one of them; 0 for all.

    Examples
    --------
    >>> top_share_threshold(np.array([[0.1, 0.4], [0.2, 0.8]]), 0.5)
    0.4
    """
    if share >= 1:
        return 0.0
    count = max(1, round(share * strengths.size))
    return float(np.sort(strengths, axis=None)[-count])


def painted_by_heat(picture: Pixels, heatmap: NDArray[np.float32], look: PaintLook) -> Painted:
    """A heatmap ``(H, W)`` in [0, 1] in the colours of a colormap."""
    look = look.for_heat(heatmap)
    strip = colour_strip(look.colormap, look.opacity, look.threshold, look.blend)
    black = np.zeros_like(picture)
    name, cut = look.colormap, look.threshold
    return Painted(
        overlay(black, heatmap, 1.0, name, cut, blend="even"),
        overlay(picture, heatmap, look.opacity, name, cut, blend=look.blend),
        (colour_table(name), strip),
    )


def painted_in_colour(picture: Pixels, colours: Pixels, clip: float, look: PaintLook) -> Painted:
    """An attribution as `colours_of` shows it, clipped at a value."""
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    grey = np.full((1, 256, 3), 128, np.uint8)
    strengths = np.abs(colours.astype(np.float32) - 127.5).max(axis=2) / np.float32(127.5)
    look = look.for_heat(strengths)
    amount, cut = look.opacity, look.threshold
    strip = colour_overlay(grey, ramp[None], amount, cut, blend=look.blend)[0]
    return Painted(
        colour_overlay(np.full_like(picture, 128), colours, 1.0, cut, blend="even"),
        colour_overlay(picture, colours, amount, cut, blend=look.blend),
        (ramp, strip),
        (-clip, clip),
        CLIPPED,
    )


def painted_signed(
    picture: Pixels, signed: NDArray[np.float32], look: PaintLook, label: str = ""
) -> Painted:
    """A signed map ``(H, W)``: what speaks for in red, against in blue; `label` is what to know of its values."""
    shares, most = centred(signed)
    look = look.for_heat(np.abs(2 * shares - 1).astype(np.float32))
    amount, cut = look.opacity, look.threshold
    return Painted(
        signed_overlay(np.full_like(picture, 247), signed, 1.0, cut, blend="even"),
        signed_overlay(picture, signed, amount, cut, blend=look.blend),
        (
            colour_table(DIVERGING_COLORMAP),
            colour_strip(DIVERGING_COLORMAP, amount, cut, look.blend, centred=True),
        ),
        (-most, most),
        label,
    )


def painted_contours(picture: Pixels, heatmap: NDArray[np.float32], look: PaintLook) -> Painted:
    """The contours of a heatmap ``(H, W)`` in [0, 1]."""
    table = colour_table(look.colormap)
    return Painted(
        contours(np.zeros_like(picture), heatmap, look.levels, look.colormap),
        contours(picture, heatmap, look.levels, look.colormap),
        (table, table),
    )
