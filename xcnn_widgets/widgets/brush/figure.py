"""The brush as a still figure, for where no script runs."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...study import Answer

_INK, _WAS, _NOW = "#222222", "#bdbdbd", "#1976d2"


def brush_figure(
    picture: NDArray[np.uint8], hidden: NDArray[np.uint8], answer: Answer, *, title: str
) -> Figure:
    """Draw picture, what the network is given, and each class before and after.

    Parameters
    ----------
    picture, hidden
        RGB ``uint8`` ``(H, W, 3)``.
    answer
        What the network said.
    title
        One line above them.
    """
    figure = Figure(figsize=(10, 3.4), layout="constrained")
    figure.suptitle(title, fontsize=11, color=_INK, parse_math=False)
    whole, masked, bars = figure.subplots(1, 3, width_ratios=[1, 1, 1.2])
    for axes, shown, name in (
        (whole, picture, "picture"),
        (masked, hidden, "as the network sees it"),
    ):
        axes.imshow(shown)
        axes.set_title(name, fontsize=10, color=_INK)
        axes.set_axis_off()
    known = [change.index for change in answer.classes]
    extra = () if answer.target.index in known else (answer.target,)
    changes = (*answer.classes, *extra)
    places = np.arange(len(changes))
    in_percent = all(change.is_probability for change in changes)
    scale = 100 if in_percent else 1
    before, after = (
        [scale * of for of in side]
        for side in zip(*((c.before, c.after) for c in changes), strict=True)
    )
    bars.barh(places - 0.18, before, 0.34, color=_WAS, label="before")
    bars.barh(places + 0.18, after, 0.34, color=_NOW, label="after")
    bars.set_yticks(places, [""] * len(places))
    for place, change in zip(places, changes, strict=True):
        name = (
            change.name if len(change.name) <= 24 else f"{change.name[:23]}\N{HORIZONTAL ELLIPSIS}"
        )
        bars.annotate(
            name,
            (0, place),
            (-4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=9,
            color=_INK,
            parse_math=False,
        )
    bars.invert_yaxis()
    if in_percent:
        bars.set_xlim(0, 100)
    bars.set_xlabel("%" if in_percent else "value", color=_INK)
    bars.legend(fontsize=8, frameon=False, loc="lower right")
    for side in ("top", "right"):
        bars.spines[side].set_visible(False)
    return figure
