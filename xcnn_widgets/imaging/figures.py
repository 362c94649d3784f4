"""Matplotlib figures of explanations, made without pyplot and so on any thread."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from .overlays import DEFAULT_COLORMAP, Blend, colour_table
from .painting import Painted, PaintLook, painted_by_heat


class NotebookFigure(Figure):
    """A figure that a notebook shows without pyplot."""

    def _repr_png_(self) -> bytes:
        return figure_png(self, longest_side=1000)


def figure_png(figure: Figure, longest_side: int, colours: int | None = None) -> bytes:
    """Draw a figure as a PNG of at most 100 dots an inch and `longest_side` pixels; more where letters were too small.

    With a number of `colours`, up to 256, photos take a third of the bytes and look nearly as good.
    """
    drawn, encoded = io.BytesIO(), io.BytesIO()
    dots = min(100.0, max(_LEAST_DOTS, longest_side / max(figure.get_size_inches())))
    figure.savefig(drawn, format="png", dpi=dots)
    if colours is None:
        return drawn.getvalue()
    with Image.open(drawn) as image:
        palette = image.convert("RGB").quantize(colours)
        # Dithered, or smooth heatmaps would fall into bands.
        mixed = image.convert("RGB").quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        mixed.save(encoded, "PNG", optimize=True)
    return encoded.getvalue()


# An inch: the labels are nine pixels high.
_LEAST_DOTS = 60.0
INK = "#222222"
# Names of classes and layers are plain text: a dollar sign or an underscore in them means nothing.
TEXT: dict[str, Any] = {"fontsize": 11, "color": INK, "parse_math": False}
TITLE: dict[str, Any] = {**TEXT, "fontsize": 13}
_CELL = 2.7  # inches, the longer side of one picture
_GAP = 0.08
_BAR = 0.14


def explanation_figure(
    picture: NDArray[np.uint8],
    heatmap: NDArray[Any] | Tensor,
    *,
    title: str = "",
    value_range: tuple[float, float] = (0.0, 1.0),
    value_label: str = "",
    opacity: float = 0.5,
    colormap: str = DEFAULT_COLORMAP,
    threshold: float = 0.0,
    blend: Blend = "by heat",
) -> Figure:
    """Draw one explanation: picture, heatmap and overlay side by side, with a colour bar.

    The left half of the bar has the colours of the heatmap, the right half those of the overlay, over mid-grey.

    Parameters
    ----------
    picture
        RGB ``uint8`` ``(H, W, 3)``.
    heatmap
        ``(H, W)``, values in [0, 1].
    title
        One line above the pictures, such as ``Grad-CAM of 'tabby' at layer4``.
    value_range
        The attribution's own values that 0 and 1 stand for: the ends of the colour bar.
    value_label
        What the colour bar measures. Default: nothing is written.
    opacity, colormap, threshold, blend
        As in `overlay`.

    Raises
    ------
    ValueError
        As `overlay`.
    """
    values = np.asarray(heatmap.detach().cpu() if isinstance(heatmap, Tensor) else heatmap)
    painted = painted_by_heat(picture, values, PaintLook(opacity, colormap, threshold, blend))
    return painted_figure(
        picture, painted, title=title, value_range=value_range, value_label=value_label
    )


def painted_figure(
    picture: NDArray[np.uint8],
    painted: Painted,
    *,
    title: str = "",
    value_range: tuple[float, float] = (0.0, 1.0),
    value_label: str = "",
) -> Figure:
    """As `explanation_figure`, of a map that was painted in any way.

    Parameters
    ----------
    value_range, value_label
        Of the colour bar, where what was painted does not say.
    """
    ends, label = painted.ends or value_range, painted.label or value_label
    return _grid(
        [[picture, painted.alone, painted.covering]],
        column_titles=["picture", "heatmap", "overlay"],
        title=title,
        bar=(painted.strips, ends, label),
    )


def comparison_figure(
    pictures: Sequence[Sequence[NDArray[np.uint8]]],
    row_labels: Sequence[str],
    column_titles: Sequence[str],
    *,
    title: str = "",
    colormap: str | None = None,
    value_range: tuple[float, float] = (0.0, 1.0),
    value_label: str = "",
) -> Figure:
    """Draw rows and columns of pictures to be compared, such as layers by methods.

    Parameters
    ----------
    pictures
        One sequence a row, each with one ``uint8`` ``(H, W, 3)`` for each column.
    row_labels, column_titles
        Written left of each row and above each column.
    title
        One line above all of it.
    colormap
        Adds a colour bar. Default: none.
    value_range, value_label
        The ends of the colour bar, and what it measures.

    Raises
    ------
    ValueError
        If there is no picture, or the numbers of labels and pictures do not fit.

    Examples
    --------
    >>> grey = np.full((3, 4, 3), 128, np.uint8)
    >>> figure = comparison_figure([[grey, grey]], ["layer4"], ["Grad-CAM", "Guided Grad-CAM"])
    >>> [axes.get_title() for axes in figure.axes]
    ['Grad-CAM', 'Guided Grad-CAM']
    """
    lengths = [len(row) for row in pictures]
    if (
        len(pictures) != len(row_labels)
        or not pictures
        or set(lengths) != {len(column_titles)}
        or 0 in lengths
    ):
        raise ValueError(
            f"{len(row_labels)} row labels and {len(column_titles)} column titles for rows of "
            f"{lengths} pictures; expected one label a row and one title for each picture in it"
        )
    bar = None if colormap is None else ([colour_table(colormap)], value_range, value_label)
    return _grid(pictures, column_titles=column_titles, row_labels=row_labels, title=title, bar=bar)


def _grid(
    pictures: Sequence[Sequence[NDArray[np.uint8]]],
    *,
    column_titles: Sequence[str],
    row_labels: Sequence[str] = (),
    title: str = "",
    bar: tuple[Sequence[NDArray[np.uint8]], tuple[float, float], str] | None = None,
) -> Figure:
    """Place every picture by inches, so that all keep their shape and the gaps are the same."""
    height, width = pictures[0][0].shape[:2]
    scale = _CELL / max(height, width)
    height, width = height * scale, width * scale
    rows, columns = len(pictures), len(column_titles)
    longest = max((len(line) for label in row_labels for line in label.split("\n")), default=0)
    left = 0.1 + (0.12 + 0.085 * longest if row_labels else 0)
    right = 0.1 if bar is None else 1.05 + (0.25 if bar[2] else 0)
    top, bottom = (0.66 if title else 0.4), (0.1 if bar is None else 0.14)
    total_width = left + columns * width + (columns - 1) * _GAP + right
    total_height = top + rows * height + (rows - 1) * _GAP + bottom
    figure = NotebookFigure(figsize=(total_width, total_height), dpi=110, facecolor="white")

    def place(x: float, y: float, w: float, h: float) -> Axes:
        """Add axes whose upper left corner is x and y inches from the figure's."""
        return figure.add_axes(
            (x / total_width, 1 - (y + h) / total_height, w / total_width, h / total_height)
        )

    for row, cells in enumerate(pictures):
        for column, cell in enumerate(cells):
            axes = place(left + column * (width + _GAP), top + row * (height + _GAP), width, height)
            axes.imshow(cell, interpolation="nearest", aspect="auto")
            axes.set_axis_off()
            if row == 0:
                axes.set_title(column_titles[column], pad=5, **TEXT)
            if column == 0 and row_labels:
                x = -0.1 / width
                label = axes.text(x, 0.5, row_labels[row], transform=axes.transAxes, **TEXT)
                label.set(ha="right", va="center")
    if title:
        middle = left + (columns * width + (columns - 1) * _GAP) / 2
        line = figure.text(middle / total_width, 1 - 0.1 / total_height, title, **TITLE)
        line.set(ha="center", va="top")
    if bar is not None:
        grid_height = rows * height + (rows - 1) * _GAP
        bar_height = min(grid_height, 1.5 * _CELL)
        x = total_width - right + 0.12
        draw_bar(place(x, top + (grid_height - bar_height) / 2, _BAR, bar_height), *bar)
    return figure


def draw_bar(
    axes: Axes, strips: Sequence[NDArray[np.uint8]], value_range: tuple[float, float], label: str
) -> None:
    """Draw a colour bar with its true values on axes of its own; strips ``(256, 3)`` stand side by side."""
    low, high = value_range
    axes.imshow(
        np.stack(strips, axis=1),
        aspect="auto",
        interpolation="nearest",
        origin="lower",
        extent=(0, 1, 0, 1),
    )
    has_room = axes.bbox.height > 0.6 * axes.figure.dpi
    places = [0.0, 0.5, 1.0] if has_room else [0.0, 1.0]
    # A constant map has one value.
    places = places if high > low else [0.0]
    axes.set_yticks(places, [f"{low + place * (high - low):.3g}" for place in places])
    axes.yaxis.tick_right()
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=4, labelsize=9, labelcolor=INK)
    if label:
        axes.yaxis.set_label_position("right")
        axes.set_ylabel(label, fontsize=10, color=INK)
