"""An answer as a matplotlib figure: of a picture, of a slice of a volume, of a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..imaging import PaintLook, painted_by_heat, signed_overlay
from .comparison import Comparison, true_values
from .exploration import Exploration
from .painting import painted_map
from .shown import Shown
from .styles import Paint

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figure_of(
    exploration: Exploration,
    shown: Shown,
    title: str,
    look: PaintLook,
    *,
    style: str | None = None,
    place: int = 0,
) -> Figure:
    """Draw what is shown.

    Parameters
    ----------
    style
        How the map is painted; None, or what it has not, is the method's usual way.
    place
        Which slice of a volume, 0 for the first.
    """
    # matplotlib's figures take a while to import, and a widget on screen needs none.
    from ..imaging.figures import painted_figure
    from ..imaging.signal_figures import signal_figure

    prepared = exploration.prepared(shown.choice.image_index)
    heatmap, (low, high) = shown.heatmap, shown.map["range"]
    if heatmap.ndim == 1:
        values = prepared.input.numpy()
        lines = {channel: values[channel] for channel in prepared.lines}
        look = look.for_heat(heatmap)
        return signal_figure(
            lines,
            heatmap,
            title=title,
            value_range=(low, high),
            opacity=look.opacity,
            colormap=look.colormap,
            threshold=look.threshold,
            blend=look.blend,
        )
    picture = prepared.picture
    if heatmap.ndim == 3:
        picture, heatmap = picture[place], heatmap[place]
        title = f"{title}, slice {place + 1} of {shown.depth}"
    method, index = shown.choice.method, shown.choice.image_index
    drawn = Paint.on(exploration, index, style).drawn_of(method, shown.map)
    painted = painted_map(picture, heatmap, shown.map, drawn, look)
    return painted_figure(picture, painted, title=title, value_range=(low, high))


def figure_beside(comparison: Comparison, name: str, title: str, look: PaintLook) -> Figure:
    """Draw both models' maps over their common range, and their difference where it means something.

    Parameters
    ----------
    name
        The first model's name.
    """
    from ..imaging.figures import comparison_figure

    low, high = comparison.common_range
    sides = [(name, comparison.here, comparison.first)]
    if comparison.second is not None:
        sides.append((comparison.name, comparison.there, comparison.second))
    cells, titles = [], []
    for side, exploration, shown in sides:
        picture = exploration.prepared(comparison.index).picture
        heat = (true_values(shown) - low) / (high - low if high > low else 1)
        cells.append(painted_by_heat(picture, heat, look).covering)
        titles.append(side)
    difference = comparison.difference
    if difference is not None:
        picture = comparison.here.prepared(comparison.index).picture
        cells.append(
            signed_overlay(picture, difference, look.opacity, look.threshold, blend=look.blend)
        )
        titles.append(f"{comparison.name} less {name}")
    return comparison_figure(
        [cells], [""], titles, title=title, colormap=look.colormap, value_range=(low, high)
    )
