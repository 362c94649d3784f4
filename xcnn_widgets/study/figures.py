"""An answer as a matplotlib figure: of a picture, of a slice of a volume, of a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..imaging import PaintLook
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
