"""An answer as a matplotlib figure: of a picture, of a slice of a volume, of a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .exploration import Exploration
from .shown import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figure_of(
    exploration: Exploration, shown: Shown, title: str, place: int = 0, **look: Any
) -> Figure:
    """Draw what is shown.

    Parameters
    ----------
    place
        Which slice of a volume, 0 for the first.
    **look
        ``opacity``, ``colormap``, ``threshold`` and ``blend``, as in `overlay`.
    """
    # matplotlib's figures take a while to import, and a widget on screen needs none.
    from ..imaging.figures import explanation_figure
    from ..imaging.signal_figures import signal_figure

    prepared = exploration.prepared(shown.choice.image_index)
    picture, heatmap = prepared.picture, shown.heatmap
    ends = tuple(shown.map["range"])
    if heatmap.ndim == 1:
        values = prepared.input.numpy()
        lines = {channel: values[channel] for channel in prepared.lines}
        return signal_figure(lines, heatmap, title=title, value_range=ends, **look)
    if heatmap.ndim == 3:
        picture, heatmap = picture[place], heatmap[place]
        title = f"{title}, slice {place + 1} of {shown.depth}"
    return explanation_figure(picture, heatmap, title=title, value_range=ends, **look)
