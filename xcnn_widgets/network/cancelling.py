"""Work that is left off between two of its steps, because somebody needs the machine more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_asks: ContextVar[Callable[[], bool] | None] = ContextVar("_asks", default=None)


class Cancelled(Exception):  # noqa: N818  (to stop when asked is no error)
    """Work that was asked to stop has stopped."""


@contextmanager
def cancelled_by(asks: Callable[[], bool]) -> Iterator[None]:
    """While open, work on this thread stops at its next step once `asks` says so, and raises `Cancelled`.

    What a walk back through a graph has come to is kept, and taken up by whoever asks for it next; a forward pass begins anew.
    """
    token = _asks.set(asks)
    try:
        yield
    finally:
        _asks.reset(token)


def is_cancelled() -> bool:
    """Whether the work on this thread is to stop."""
    asks = _asks.get()
    return asks is not None and asks()
