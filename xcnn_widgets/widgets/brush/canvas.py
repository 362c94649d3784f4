"""Drawing picture, heatmap, strokes and cursor on layers of a canvas, in few messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...imaging import DEFAULT_COLORMAP, Blend, Mask, overlay_rgba
from ...study import png
from ..front_end import hear_where_the_page_speaks
from .strokes import Point
from .telling import EDGE

# Messages a second that a stroke may cost, well below the 60 that a page draws.
_DRAWN_PER_SECOND = 25
_SIDE = 448  # pixels on the page, about, of the longer side
# ipycanvas has one queue for all canvases.
_DRAWING = threading.RLock()

Region = tuple[slice, slice]


class BrushCanvas:
    """Four layers over each other; coordinates are those of the picture.

    Attributes
    ----------
    widget
        ipycanvas's, to stand on a page.
    """

    def __init__(self) -> None:
        self._on_event: Callable[[str, Point], None] = _do_nothing
        self._on_key: Callable[[str, bool, bool], None] = _do_nothing
        self._scale = 1.0
        self._size = (1, 1)
        self._layers: list[NDArray[np.uint8] | None] = [None, None, None]
        self._cursor: tuple[Point, float] | None = None
        self._box: tuple[Point, Point] | None = None
        self._stale: Region | None = None
        self._drawn_at = 0.0
        self.widget = self._made()

    def reopen(self) -> None:
        """Make the canvas anew after it was closed, empty."""
        self.widget = self._made()

    def _made(self) -> Any:
        # ipycanvas opens a comm when it is imported.
        from ipycanvas import MultiCanvas  # type: ignore[import-untyped]
        from ipycanvas.canvas import _CANVAS_MANAGER  # type: ignore[import-untyped]

        if _CANVAS_MANAGER.comm is None:
            # All canvases draw through it; ipycanvas makes it once, and `Widget.close_all()` closes it too.
            _CANVAS_MANAGER._current_canvas = None
            _CANVAS_MANAGER.open()
        widget = MultiCanvas(4, width=_SIDE, height=_SIDE)
        widget.layout.width, widget.layout.height = "100%", "auto"
        widget.add_class("xcnn-brush-canvas")
        for layer in range(4):
            hear_where_the_page_speaks(widget[layer])
        for kind in ("down", "move", "up", "out"):
            getattr(widget, f"on_mouse_{kind}")(self._mouse(kind))
        touches = {"start": "down", "move": "move", "end": "up", "cancel": "out"}
        for kind, meaning in touches.items():
            getattr(widget, f"on_touch_{kind}")(self._touch(meaning))
        widget.on_key_down(lambda key, shift, ctrl, meta: self._on_key(key, shift, ctrl or meta))
        widget.on_client_ready(self.redraw)
        return widget

    def listen(
        self, on_event: Callable[[str, Point], None], on_key: Callable[[str, bool, bool], None]
    ) -> None:
        """Hand on what a page does.

        Parameters
        ----------
        on_event
            Called with ``"down"``, ``"move"``, ``"up"``, ``"out"`` and where.
        on_key
            Called with a key's name, and whether Shift and whether Control or Command is held.
        """
        self._on_event, self._on_key = on_event, on_key

    def show_picture(self, picture: NDArray[np.uint8]) -> None:
        """Begin anew with another picture ``(H, W, 3)``, without heatmap and strokes."""
        height, width = picture.shape[:2]
        self._scale = _SIDE / max(height, width)
        self._size = (height, width)
        self._cursor = self._box = self._stale = None
        opaque = np.full((height, width, 1), 255, np.uint8)
        self._layers = [np.concatenate([picture, opaque], axis=2), None, None]
        size = {"width": round(width * self._scale), "height": round(height * self._scale)}
        for name, pixels in size.items():
            if getattr(self.widget, name) != pixels:
                setattr(self.widget, name, pixels)
        self.redraw()

    def show_heatmap(
        self,
        heatmap: NDArray[np.float32] | None,
        opacity: float = 1.0,
        colormap: str = DEFAULT_COLORMAP,
        blend: Blend = "by heat",
    ) -> None:
        """Lay a heatmap ``(H, W)`` in [0, 1] under the strokes, or none."""
        self._layers[1] = (
            None if heatmap is None else overlay_rgba(heatmap, opacity, colormap, blend=blend)
        )
        self._draw(1)

    def show_mask(self, mask: Mask, fill: NDArray[np.uint8]) -> None:
        """Show what the network sees in place of what is hidden, with an edge around it."""
        self._layers[2] = _strokes(mask, fill)
        self._stale = None
        self._draw(2)

    def show_stroke(self, mask: Mask, fill: NDArray[np.uint8], touched: Mask) -> None:
        """Follow a stroke: only where it came by, and only as often as eyes can tell."""
        rows, columns = np.flatnonzero(touched.any(axis=1)), np.flatnonzero(touched.any(axis=0))
        if len(rows):
            # One pixel more, whose edge the stroke may have moved.
            region = (
                slice(max(0, int(rows[0]) - 1), int(rows[-1]) + 2),
                slice(max(0, int(columns[0]) - 1), int(columns[-1]) + 2),
            )
            self._stale = region if self._stale is None else _both(self._stale, region)
        if self._stale is not None and self._is_time():
            self._layers[2] = _strokes(mask, fill)
            stale, self._stale = self._stale, None
            self._send([(2, stale)], cursor=True)

    def show_cursor(
        self,
        at: Point | None,
        size: float,
        box: tuple[Point, Point] | None = None,
        *,
        now: bool = True,
    ) -> None:
        """Draw the brush's outline, or the box of a shape that is being drawn; later if not `now`."""
        self._cursor = None if at is None else (at, size)
        self._box = box
        if now and self._is_time():
            self._send([], cursor=True)

    def redraw(self) -> None:
        """Draw everything once more: a page that opens has an empty canvas."""
        self._draw(0, 1, 2)

    def covering(self) -> bytes | None:
        """What lies over the picture, heatmap and strokes, as a PNG of the picture's size; None if nothing does."""
        heatmap, strokes = self._layers[1:]
        if strokes is None or not strokes.any():
            return None if heatmap is None else png(heatmap)
        return png(strokes if heatmap is None else np.where(strokes[:, :, 3:], strokes, heatmap))

    def close(self) -> None:
        """Close the canvas and its layers."""
        layers: list[Any] = list(self.widget._canvases)
        for each in [*layers, self.widget]:
            each.layout.close()
            each.close()
        self._layers = [None, None, None]
        manager = self.widget._canvas_manager
        if manager._current_canvas in layers:
            # ipycanvas keeps the canvas that was drawn on last, and with it whom that one calls.
            manager._current_canvas = None

    def _is_time(self) -> bool:
        return monotonic() - self._drawn_at >= 1 / _DRAWN_PER_SECOND

    def _draw(self, *layers: int) -> None:
        whole = (slice(0, self._size[0]), slice(0, self._size[1]))
        self._send([(layer, whole) for layer in layers], cursor=True)

    def _send(self, patches: list[tuple[int, Region]], *, cursor: bool) -> None:
        if self.widget.comm is None:
            return
        from ipycanvas import hold_canvas

        self._drawn_at = monotonic()
        # What could fail is done before: hold_canvas has no `finally`.
        ready = [(layer, *self._patch(region, self._layers[layer])) for layer, region in patches]
        with _DRAWING, hold_canvas():
            for layer, (x, y, width, height), patch in ready:
                self.widget[layer].clear_rect(x, y, width, height)
                if patch is not None and patch.size:
                    self.widget[layer].put_image_data(patch, x, y)
            if cursor:
                self._draw_cursor()

    def _patch(
        self, region: Region, pixels: NDArray[np.uint8] | None
    ) -> tuple[tuple[int, int, int, int], NDArray[np.uint8] | None]:
        """Enlarge a region of a layer to the canvas: its place there, and its pixels."""
        left, columns = _enlarged(region[1], self._size[1], self._scale)
        top, rows = _enlarged(region[0], self._size[0], self._scale)
        place = (left, top, len(columns), len(rows))
        # RGBA, which ipycanvas sends as PNG; RGB would lose in a JPEG.
        return place, None if pixels is None else pixels[rows[:, None], columns]

    def _draw_cursor(self) -> None:
        layer, scale = self.widget[3], self._scale
        layer.clear()
        for colour, width in (("#000000", 3), ("#ffffff", 1)):
            if self._box is None and self._cursor is None:
                break
            layer.stroke_style, layer.line_width = colour, width
            if self._box is not None:
                (x, y), (to_x, to_y) = self._box
                layer.stroke_rect(x * scale, y * scale, (to_x - x) * scale, (to_y - y) * scale)
            elif self._cursor is not None:
                (x, y), size = self._cursor
                layer.stroke_circle(x * scale, y * scale, max(size / 2 * scale, 2))

    def _mouse(self, kind: str) -> Callable[[float, float], None]:
        return lambda x, y: self._on_event(kind, self._point(x, y))

    def _touch(self, kind: str) -> Callable[[list[tuple[float, float]]], None]:
        last: list[Point] = [(0.0, 0.0)]

        def touched(touches: list[tuple[float, float]]) -> None:
            # A finger that leaves is not among those that touch: the stroke ends where it was.
            if touches:
                last[0] = self._point(*touches[0])
            self._on_event(kind if touches else "out", last[0])

        return touched

    def _point(self, x: float, y: float) -> Point:
        height, width = self._size
        return min(max(x / self._scale, 0.0), width), min(max(y / self._scale, 0.0), height)


def _do_nothing(*_: object) -> None:
    """What a canvas calls to which nobody listens yet."""


def _enlarged(span: slice, length: int, scale: float) -> tuple[int, NDArray[np.intp]]:
    """Tell where on the canvas a span begins, and which picture pixel each of its pixels shows."""
    total = round(length * scale)
    shown = np.minimum(((np.arange(total) + 0.5) / scale).astype(np.intp), length - 1)
    first, last = np.searchsorted(shown, [span.start, min(span.stop, length)])
    return int(first), shown[first:last]


def _both(one: Region, other: Region) -> Region:
    rows, columns = (
        slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(one, other, strict=True)
    )
    return rows, columns


def _strokes(mask: Mask, fill: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGBA of what is hidden: the fill, an edge around it, nothing elsewhere."""
    drawn = np.zeros((*mask.shape, 4), np.uint8)
    drawn[mask, :3] = fill[mask]
    drawn[mask, 3] = 255
    padded = np.pad(mask, 1, mode="edge")
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    drawn[mask & ~inner] = (*EDGE, 255)
    return drawn
