"""Whose turn it is: one thread at a time sets traits, and code waits for slow work with nothing in hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..worker import Job


class Turns:
    """A turn for each thread; while one sets traits, traitlets takes what another sets for part of that.

    Nobody waits for work with the turn in hand, so that Cancel is always heard.

    Parameters
    ----------
    wait
        Waits for slow work, on the thread of the code that has asked for it: from the change that asked, and the work.
    """

    def __init__(self, wait: Callable[[Any, Job], None]) -> None:
        self._wait = wait
        self.lock = threading.RLock()
        """What has to be held to set traits."""
        self._own = threading.local()

    @contextmanager
    def take(self) -> Iterator[None]:
        """One thread at a time; then, with nothing in hand, wait for the slow work that code has asked for."""
        own = self._own
        depth = getattr(own, "depth", 0)
        if depth == 0:
            own.awaited = None
        own.depth = depth + 1
        try:
            with self.lock:
                yield
        finally:
            own.depth = depth
        if depth == 0 and own.awaited is not None:
            self._wait(*own.awaited)

    def await_later(self, change: Any, job: Job) -> None:
        """Let this thread wait for some work when its turn is over."""
        self._own.awaited = change, job

    def take_if_free(self, act: Callable[[], None]) -> None:
        """Do something unless another thread has the turn, which may be waiting for the model in use here."""
        if self.lock.acquire(blocking=False):
            try:
                act()
            finally:
                self.lock.release()
