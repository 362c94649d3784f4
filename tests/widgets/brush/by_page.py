"""What a person finds on the brush's page, and does there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets

from xcnn_widgets import OcclusionBrush
from xcnn_widgets.widgets.brush.stage import BrushStage

SCALE = 8
"""From a picture of 56 x 40 to its canvas of 448 x 320."""


def parts(widget: Any) -> Iterator[Any]:
    """A widget and all that stand in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def control(brush: OcclusionBrush, label: str) -> Any:
    """The control with a label."""
    return next(part for part in parts(brush) if getattr(part, "description", None) == label)


def stage(brush: OcclusionBrush) -> BrushStage:
    """The group that the canvas stands in."""
    return next(part for part in parts(brush) if isinstance(part, BrushStage))


def attempts(brush: OcclusionBrush) -> list[Any]:
    """The buttons that lead back to an attempt, the newest first."""
    return [
        part
        for part in parts(brush)
        if isinstance(part, ipywidgets.Button) and part.tooltip.startswith("Return to")
    ]


def texts(brush: OcclusionBrush) -> str:
    """All that the page tells in HTML."""
    return "\n".join(part.value for part in parts(brush) if isinstance(part, ipywidgets.HTML))


def is_shown(widget: Any, part: Any) -> bool:
    """Whether a part can be seen in a widget."""
    if widget.layout.display == "none":
        return False
    return widget is part or any(is_shown(child, part) for child in getattr(widget, "children", ()))


def open_widgets() -> set[str]:
    """The names of all widgets that are open."""
    return set(ipywidgets.widgets.widget._instances)


def canvas(brush: OcclusionBrush) -> Any:
    """The canvas, as a page finds it."""
    reference = stage(brush).get_state("_canvas")["_canvas"]
    return ipywidgets.widget_serialization["from_json"](reference, None)


def send(brush: OcclusionBrush, event: str, **content: Any) -> None:
    """Something happens on the canvas."""
    data = {"method": "custom", "content": {"event": event, **content}}
    canvas(brush)[3].comm.handle_msg({"content": {"data": data}, "buffers": []})


def mouse(brush: OcclusionBrush, kind: str, x: float, y: float) -> None:
    """The mouse does something at a place of the picture."""
    send(brush, f"mouse_{kind}", x=x * SCALE, y=y * SCALE)


def drag(brush: OcclusionBrush, *way: tuple[float, float]) -> None:
    """Draw a stroke through places of the picture, and wait for its answer."""
    mouse(brush, "down", *way[0])
    for point in way[1:]:
        mouse(brush, "move", *point)
    mouse(brush, "up", *way[-1])
    brush.wait(60)


def press(brush: OcclusionBrush, *keys: str, shift: bool = False, ctrl: bool = False) -> None:
    """Press keys on the canvas, and wait for the answer."""
    for key in keys:
        send(brush, "key_down", key=key, shift_key=shift, ctrl_key=ctrl, meta_key=False)
    brush.wait(60)
