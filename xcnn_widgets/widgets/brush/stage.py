"""The group that the brush's canvas stands in: its label, how to paint, and what happened."""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets

from ..front_end import DrawnByFrontEnd


class BrushStage(DrawnByFrontEnd):
    """A labelled group with the canvas in it: ipycanvas has no text of its own.

    On the page it also keeps the mouse to 50 moves a second, and leaves Tab and the browser's own keys alone.
    """

    _drawn_as = "brush"

    _canvas = traitlets.Instance(ipywidgets.Widget).tag(
        sync=True, **ipywidgets.widget_serialization
    )

    label = traitlets.Unicode("").tag(sync=True)
    """What the canvas shows, for screen readers."""

    hint = traitlets.Unicode("").tag(sync=True)
    """How to paint."""

    status = traitlets.Unicode("").tag(sync=True)
    """What happened, in one line that screen readers tell when it changes."""

    def __init__(self, canvas: Any) -> None:
        super().__init__(_canvas=canvas)
