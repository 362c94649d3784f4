"""The heatmap under the strokes, the same that a partner shows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...methods import method_named
from ...study import Choice, Exploration, in_words
from ..worker import Job, Worker
from .canvas import BrushCanvas
from .origin import Origin
from .partner import Partner


class Mapped(Protocol):
    """The brush's choices that a heatmap depends on, and what shows it."""

    image_index: int
    method: Any
    layer: Any
    target: Any
    opacity: float
    colormap: str
    blend: Any
    heatmap: Any

    @property
    def turn(self) -> Callable[[], AbstractContextManager[None]]:
        """What a thread holds while it sets traits."""

    def cover(self) -> None:
        """Tell the page what lies over the picture now."""


class Underlay:
    """Finds the heatmap: at once for code, and where that is quick; on another thread for a page.

    Attributes
    ----------
    partner
        Whose window occlusion slides, and who may be at work on the same map; None stands alone.
    """

    def __init__(
        self,
        brush: Mapped,
        exploration: Exploration,
        canvas: BrushCanvas,
        origin: Origin,
        partner: Partner | None,
    ) -> None:
        self._brush, self._exploration = brush, exploration
        self._canvas, self._origin = canvas, origin
        self._worker = Worker("xcnn-brush-map")
        self.partner = partner

    def lay(self) -> None:
        """Find the heatmap that is chosen now, and show it."""
        self._worker.cancel()
        self._origin.tell("map", "")
        if self._brush.method is None:
            self._put(None)
            return
        choice = self._choice()
        known = self._exploration.found(choice) is not None
        if self._origin.is_page and method_named(choice.method).is_slow and not known:
            self._worker.start(lambda job: self._lay_for_page(job, choice))
        else:
            self._show(choice, None)

    def wait(self, timeout: float | None = None) -> None:
        """Block until no heatmap is on its way, as `Worker.wait`."""
        self._worker.wait(timeout)

    def close(self) -> None:
        """Stop, and let go of the partner."""
        self._worker.cancel()
        self.partner = None

    def _choice(self) -> Choice:
        brush = self._brush
        if self.partner is None:
            patch = max(
                1, min(self._exploration.prepared(brush.image_index).picture.shape[:2]) // 7
            )
            window = patch, max(1, patch // 2)
        else:
            window = self.partner.window
        return Choice(brush.image_index, brush.method, brush.layer, brush.target, *window)

    def _lay_for_page(self, job: Job, choice: Choice) -> None:
        try:
            if self.partner is not None:
                # It is at work on the same map, or was refused it.
                self.partner.settle()
            self._show(choice, job)
        except Exception as error:
            with self._brush.turn():
                if self._worker.is_latest(job):
                    self._origin.tell("map", in_words(error))

    def _show(self, choice: Choice, job: Job | None) -> None:
        cancelled = None if job is None else job.cancelled
        heatmap = self._exploration.explain(choice, cancelled=cancelled).heatmaps()[0]
        with self._brush.turn():
            if job is None or self._worker.is_latest(job):
                self._put(np.asarray(heatmap))

    def _put(self, heatmap: NDArray[np.float32] | None) -> None:
        brush = self._brush
        brush.heatmap = heatmap
        self._canvas.show_heatmap(heatmap, brush.opacity, brush.colormap, brush.blend)
        brush.cover()
