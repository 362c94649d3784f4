"""A running estimate: an answer that gets better while it is computed, and stays when it is stopped."""

from __future__ import annotations

import threading
from dataclasses import replace

import traitlets

from ...methods import Explanation
from ...study import Choice, Exploration, Shown, noted
from ..live_view import LiveView

# Between two estimates that are shown; each is a message as large as its map.
_STEP = 0.04


class EstimateTraits(LiveView):
    """Whether what is under way shows an estimate."""

    _keeps_estimate = traitlets.Bool(False).tag(sync=True)
    """Whether the work under way has shown an estimate, which stays when the work is stopped."""

    def tell_estimate(self, *, there: bool) -> None:
        """Tell every page whether there is an estimate that can be kept."""
        self.set_trait("_keeps_estimate", there)


class Estimate:
    """What one piece of slow work has shown of its answer so far.

    Attributes
    ----------
    shown
        The estimate that is on the pages; None before the first.
    """

    def __init__(self) -> None:
        self.shown: Shown | None = None
        self._share = self._next = 0.0
        self._stop = threading.Event()

    def reach(self, share: float) -> None:
        """Take how much of the work is done."""
        self._share = share

    @property
    def is_due(self) -> bool:
        """Whether enough was done since the last estimate to show another one."""
        return self._share >= self._next

    def of(self, exploration: Exploration, choice: Choice, found: Explanation) -> Shown:
        """What is shown of the estimate so far, with a note that says how far it is."""
        self._next = self._share + _STEP
        shown = Shown.of(exploration, choice, found)
        far = f"An estimate so far, after {self._share:.0%} of the work."
        return replace(shown, note=noted(far, shown.note))

    def stop(self) -> bool:
        """Stop the work and keep the estimate; False if there is none yet."""
        if self.shown is not None:
            self._stop.set()
        return self.shown is not None

    def is_stopped(self) -> bool:
        """Whether to make an answer of what there is."""
        return self._stop.is_set()
