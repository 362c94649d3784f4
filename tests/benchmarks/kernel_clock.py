"""Runs in the kernel: what one message from the page costs there, of which the page knows nothing."""

from __future__ import annotations

import threading
from time import perf_counter
from typing import Any


class KernelClock:
    """Listens where the kernel hands messages to a widget, and where the widget answers.

    `last` is of the latest message that was answered with a map, in milliseconds: ``compute`` is the time taken to
    explain, ``kernel`` the rest of the time from the message's arrival to when its answer was handed over. `cached` is
    whether the view was known before.
    """

    def __init__(self, widget: Any) -> None:
        self.last: dict[str, float] = {}
        self.cached = False
        self._exploration = widget.exploration
        self._handle = widget._handle_msg
        self._send = widget.comm.send
        self._explain = self._exploration.explain
        self._thread = 0
        self._started = self._explaining = 0.0
        widget.comm.on_msg(self._heard)
        widget.comm.send = self._sent
        self._exploration.explain = self._explained

    def _heard(self, message: Any) -> None:
        self._thread = threading.get_ident()
        self._explaining = 0.0
        # A view that is known is shown without asking for an explanation.
        self.cached = True
        self._started = perf_counter()
        self._handle(message)

    def _explained(self, choice: Any, *args: Any, **options: Any) -> Any:
        # What another thread computes ahead is not on the way of this answer.
        if threading.get_ident() != self._thread:
            return self._explain(choice, *args, **options)
        self.cached = self._exploration.found(choice) is not None
        start = perf_counter()
        try:
            return self._explain(choice, *args, **options)
        finally:
            self._explaining += perf_counter() - start

    def _sent(self, data: Any = None, *args: Any, **options: Any) -> None:
        self._send(data, *args, **options)
        if "_map" in (data or {}).get("state", {}):
            whole = perf_counter() - self._started
            self.last = {
                "compute": self._explaining * 1e3,
                "kernel": (whole - self._explaining) * 1e3,
            }
