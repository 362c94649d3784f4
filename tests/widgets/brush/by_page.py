"""What a person finds on the brush's page, and does there."""

from __future__ import annotations

from typing import Any

import ipywidgets

from xcnn_widgets import OcclusionBrush

from ..conftest import on_page

SCALE = 8
"""From a picture of 56 x 40 to its canvas of 448 x 320."""


def choose(brush: OcclusionBrush, **choices: Any) -> None:
    """Set a control, and wait for the answer."""
    brush.set_state(choices)
    brush.wait(60)


def click(brush: OcclusionBrush, action: str, *about: Any) -> None:
    """Click a button, and wait for the answer."""
    asked = on_page(brush)["_wanted"]
    number = 1 + max((each[0] for each in asked), default=0)
    choose(brush, _wanted=[*asked[-3:], [number, action, *about]])


def open_widgets() -> set[str]:
    """The names of all widgets that are open."""
    return set(ipywidgets.widgets.widget._instances)


def canvas(brush: OcclusionBrush) -> Any:
    """The canvas, as a page finds it."""
    return ipywidgets.widget_serialization["from_json"](on_page(brush)["_canvas"], None)


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
