"""The strokes, and the canvas that shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ...imaging import Mask
from ...study import Hiding
from .canvas import BrushCanvas
from .hand import Hand
from .strokes import Strokes


class Painted(Protocol):
    """What a painting knows of the brush, and sets when a step is done."""

    image_index: int
    mask: Any
    fill: str
    tool: str
    size: float

    def cover(self) -> None:
        """Tell the page what lies over the picture now."""


class Painting:
    """The `Paper` of a hand; what is drawn on it becomes the brush's mask when a stroke ends.

    Parameters
    ----------
    brush
        Whose mask it is.
    hiding
        What stands in for hidden pixels.
    canvas
        Where it is seen.
    on_stroke
        Called with the mask while a stroke goes on.
    on_steps
        Called with whether there is a step to undo, and one to redo.

    Attributes
    ----------
    strokes, hand
        Others for each picture.
    """

    def __init__(
        self,
        brush: Painted,
        hiding: Hiding,
        canvas: BrushCanvas,
        on_stroke: Callable[[Mask], None],
        on_steps: Callable[[bool, bool], None],
    ) -> None:
        self._brush, self._hiding, self._canvas = brush, hiding, canvas
        self._on_stroke, self._on_steps = on_stroke, on_steps
        self.show_cursor = canvas.show_cursor
        self.open()

    def open(self) -> None:
        """Begin anew with the brush's picture, of which nothing is hidden."""
        height, width = self._picture.shape[:2]
        self.strokes = Strokes((height, width))
        self.hand = Hand(self)
        self._canvas.show_picture(self._picture)

    def show(self) -> None:
        """Draw picture and strokes on a canvas that is new."""
        self._canvas.show_picture(self._picture)
        self.draw()

    def draw(self) -> None:
        """Show the strokes, and whether there is a step back or forth."""
        self._canvas.show_mask(self.strokes.mask, self._fill_picture)
        self._brush.cover()
        self._on_steps(self.strokes.can_undo, self.strokes.can_redo)

    @property
    def tool(self) -> str:
        """The brush's tool."""
        return self._brush.tool

    @property
    def size(self) -> float:
        """How wide the brush is, in pixels of the picture."""
        return max(1.0, self._brush.size * min(self.strokes.shape))

    def stroke_changed(self, touched: Mask) -> None:
        """Follow a stroke on the canvas."""
        self._canvas.show_stroke(self.strokes.mask, self._fill_picture, touched)
        self._on_stroke(self.strokes.mask)

    def stroke_ended(self) -> None:
        """Make what was drawn the brush's mask."""
        if self.strokes.end():
            self._brush.mask = self.strokes.mask
        else:
            self.draw()

    def undo(self) -> None:
        """Take back the last step, if there is one."""
        if self.strokes.undo():
            self._brush.mask = self.strokes.mask

    def redo(self) -> None:
        """Do again what was undone, if anything was."""
        if self.strokes.redo():
            self._brush.mask = self.strokes.mask

    @property
    def _picture(self) -> Any:
        return self._hiding.exploration.prepared(self._brush.image_index).picture

    @property
    def _fill_picture(self) -> Any:
        return self._hiding.fill(self._brush.image_index, self._brush.fill).picture
