"""The controls around the brush's canvas, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets

from ...imaging import FILLS
from ..front_end import hear_where_the_page_speaks
from .hand import TOOLS
from .stage import BrushStage

HISTORY_SHOWN = 5

_LABELS = {"mean": "mean colour", "blur": "blur", "noise": "noise", "black": "black"}


class BrushControls:
    """Everything beside the canvas: made once, and closed as a whole.

    Parameters
    ----------
    canvas
        The canvas widget, which they stand around.
    pictures, methods, layers, classes
        What there is to choose from; methods as label and name.
    """

    def __init__(
        self,
        canvas: Any,
        pictures: Sequence[str],
        methods: Sequence[tuple[str, str]],
        layers: Sequence[str],
        classes: Sequence[str],
    ) -> None:
        self._made: list[Any] = []
        choices = [(name.capitalize(), name) for name in TOOLS]
        self.tool = self._make(ipywidgets.ToggleButtons, options=choices, tooltips=_TOOL_TIPS)
        self.tool.style.button_width = "92px"
        self.size = self._make(ipywidgets.IntSlider, description="Size", min=1, max=100)
        fills = [(_LABELS[fill], fill) for fill in FILLS]
        self.fill = self._make(ipywidgets.Dropdown, description="Fill with", options=fills)
        self.undo = self._button("Undo", "Take back the last step (Ctrl+Z on the picture)")
        self.redo = self._button("Redo", "Do it again (Ctrl+Y on the picture)")
        self.clear = self._button("Clear", "Hide nothing")
        self.invert = self._button("Invert", "Hide what is shown and show what is hidden")
        self.play = self._make(
            ipywidgets.ToggleButton,
            description="Challenge",
            tooltip="Bring the class below a goal, hiding as little as you can",
        )
        self.goal = self._make(
            ipywidgets.FloatSlider,
            description="Below",
            value=0.5,
            min=0.05,
            max=0.95,
            step=0.05,
            readout_format=".0%",
            continuous_update=False,
        )
        self.image_index = self._make(
            ipywidgets.Dropdown,
            description="Picture",
            options=[(name, index) for index, name in enumerate(pictures)],
        )
        self.image_index.layout.display = None if len(pictures) > 1 else "none"
        self.target = self._make(
            ipywidgets.Combobox,
            description="Class",
            options=list(classes),
            placeholder="the predicted class",
            continuous_update=False,
        )
        # An option of value None would leave a Dropdown blank.
        maps = [("none", ""), *methods]
        self.method = self._make(ipywidgets.Dropdown, description="Heatmap", options=maps)
        self.layer = self._make(ipywidgets.Dropdown, description="Layer", options=list(layers))
        self.opacity = self._make(
            ipywidgets.FloatSlider, description="Opacity", min=0.0, max=1.0, step=0.05
        )
        self.fraction = self._make(
            ipywidgets.FloatSlider,
            description="Share",
            min=0.01,
            max=0.5,
            step=0.01,
            readout_format=".0%",
        )
        self.paint_map = self._button(
            "Paint what the map says", "Hide the share of the picture that the heatmap values most"
        )
        self.paint_map.layout.width = "290px"
        self.stage = self._make(BrushStage, canvas=canvas)
        self.bars, self.error, self.note, self.challenge = (
            self._make(ipywidgets.HTML) for _ in range(4)
        )
        self.challenge_box = self._box(ipywidgets.VBox, "challenge", (self.challenge, self.goal))
        self.attempts = [
            (self._make(ipywidgets.Image, format="png"), self._button("", ""))
            for _ in range(HISTORY_SHOWN)
        ]
        self._slots = [self._box(ipywidgets.VBox, "attempt", slot) for slot in self.attempts]
        for slot in self._slots:
            slot.layout.display = "none"
        for each in (self.size, self.opacity, self.fraction, self.goal):
            each.layout.width = "290px"
        for each in (self.fill, self.image_index, self.target, self.method, self.layer):
            each.layout.width = "290px"
        self.children = self._arranged()

    def show_steps(self, can_undo: bool, can_redo: bool) -> None:
        """Offer to undo and to redo where there is a step."""
        self.undo.disabled, self.redo.disabled = not can_undo, not can_redo

    def show_attempts(self, attempts: Sequence[tuple[bytes, str, str]]) -> None:
        """Show the newest attempts first: a PNG, what its button says, and the sentence behind it."""
        for (image, button), attempt in zip(self.attempts, attempts, strict=False):
            image.value, button.description, button.tooltip = attempt
        for position, slot in enumerate(self._slots):
            slot.layout.display = None if position < len(attempts) else "none"

    def close(self) -> None:
        """Close every control, with its layout and its style."""
        for each in self._made:
            for part in (getattr(each, "style", None), each.layout, each):
                if isinstance(part, ipywidgets.Widget):
                    part.close()

    def _arranged(self) -> tuple[Any, ...]:
        steps_shown = (self.undo, self.redo, self.clear, self.invert, self.play)
        for button in steps_shown:
            # All five in a row of 400 pixels.
            button.layout.width = "92px" if button is self.play else "64px"
        steps = self._box(ipywidgets.Box, "row", steps_shown)
        history = self._box(ipywidgets.Box, "row", self._slots)
        left = self._box(ipywidgets.VBox, "left", (self.tool, self.stage, self.error, steps))
        right = self._box(
            ipywidgets.VBox,
            "right",
            (
                self.bars,
                self.challenge_box,
                history,
                self.image_index,
                self.target,
                self.size,
                self.fill,
                self.method,
                self.layer,
                self.opacity,
                self.fraction,
                self.paint_map,
                self.note,
            ),
        )
        return (self._box(ipywidgets.Box, "main", (left, right)),)

    def _box(self, kind: Any, name: str, children: Sequence[Any]) -> Any:
        box = self._make(kind, children=tuple(children))
        box.add_class(f"xcnn-brush-{name}")
        return box

    def _button(self, label: str, tooltip: str) -> Any:
        button = self._make(ipywidgets.Button, description=label, tooltip=tooltip)
        button.layout.width = "74px"
        return button

    def _make(self, kind: Any, **traits: Any) -> Any:
        made = kind(**traits)
        hear_where_the_page_speaks(made)
        self._made.append(made)
        return made


_TOOL_TIPS = [
    "Hide what the brush touches",
    "Show again what the eraser touches",
    "Hide a rectangle between two corners",
    "Hide an ellipse between two corners",
]
