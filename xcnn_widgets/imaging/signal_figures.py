"""A matplotlib figure of a signal: its lines, with the heatmap as a band behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .figures import INK, TEXT, TITLE, NotebookFigure, draw_bar
from .overlays import DEFAULT_COLORMAP, Blend, colour_strip, overlay

_WIDTH, _LANE = 8.0, 1.0  # inches


def signal_figure(
    lines: Mapping[int, NDArray[np.float32]],
    heatmap: NDArray[np.float32],
    *,
    title: str = "",
    value_range: tuple[float, float] = (0.0, 1.0),
    opacity: float = 0.5,
    colormap: str = DEFAULT_COLORMAP,
    threshold: float = 0.0,
    blend: Blend = "by heat",
) -> Figure:
    """Draw the explanation of a signal.

    Parameters
    ----------
    lines
        From a channel's number to its values ``(L,)``; each is drawn in a lane of its own.
    heatmap
        ``(L,)``, values in [0, 1].
    title
        One line above it.
    value_range
        The attribution's own values that 0 and 1 stand for: the ends of the colour bar.
    opacity, colormap, threshold, blend
        As in `overlay`.

    Raises
    ------
    ValueError
        As `overlay`.

    Examples
    --------
    >>> figure = signal_figure({0: np.zeros(5, np.float32)}, np.linspace(0, 1, 5, dtype=np.float32))
    >>> [float(end) for end in figure.axes[0].get_xlim()]
    [-0.5, 4.5]
    """
    white = np.full((1, len(heatmap), 3), 255, np.uint8)
    band = overlay(white, heatmap[None], opacity, colormap, threshold, blend=blend)
    lanes = max(2.0, _LANE * len(lines))
    left, right, top, bottom = 0.75, 1.05, 0.45 if title else 0.12, 0.5
    width, height = left + _WIDTH + right, top + lanes + bottom
    figure = NotebookFigure(figsize=(width, height), dpi=110, facecolor="white")
    lane = lanes / len(lines)
    ends = (-0.5, len(heatmap) - 0.5)
    for row, (channel, values) in enumerate(lines.items()):
        floor = bottom + lanes - (row + 1) * lane
        axes = figure.add_axes((left / width, floor / height, _WIDTH / width, 0.94 * lane / height))
        low, high = float(values.min()), float(values.max())
        margin = 0.08 * (high - low) or 0.5
        axes.imshow(
            band,
            aspect="auto",
            interpolation="nearest",
            extent=(*ends, low - margin, high + margin),
        )
        axes.plot(values, color="white", linewidth=2.6, alpha=0.7)
        axes.plot(values, color=INK, linewidth=1.1)
        axes.set(xlim=ends, ylim=(low - margin, high + margin))
        axes.tick_params(labelsize=8, labelcolor=INK, length=3)
        axes.locator_params(axis="y", nbins=3)
        if len(lines) > 1:
            axes.set_ylabel(str(channel), rotation=0, va="center", labelpad=8, **TEXT)
        if row < len(lines) - 1:
            axes.set_xticks([])
    if title:
        middle = (left + _WIDTH / 2) / width
        figure.text(middle, 1 - 0.1 / height, title, ha="center", va="top", **TITLE)
    bar: Any = figure.add_axes(
        ((left + _WIDTH + 0.12) / width, bottom / height, 0.14 / width, lanes / height)
    )
    strip = colour_strip(colormap, opacity, threshold, blend, ground=255)
    draw_bar(bar, [strip], value_range, "")
    return figure
