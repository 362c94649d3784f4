"""The small pictures to choose from, made on a thread of their own."""

from __future__ import annotations

from collections.abc import Callable

from ..study import Exploration
from .worker import Job, Worker

# More would cost more to make than they help to find a picture.
_MOST = 60


class Thumbnails:
    """Makes a thumbnail of each picture, where there are several and not too many.

    Parameters
    ----------
    exploration
        The pictures.
    """

    def __init__(self, exploration: Exploration) -> None:
        self._exploration = exploration
        self._worker = Worker("xcnn-thumbnails")

    def begin(self, show: Callable[[list[bytes | None]], None]) -> None:
        """Start, and show all of them together when they are made."""
        if 1 < len(self._exploration.pictures) <= _MOST:
            self._worker.start(lambda job: self._make(job, show))

    def wait(self, timeout: float | None) -> None:
        """Block until they are made."""
        self._worker.wait(timeout)

    def cancel(self) -> None:
        """Leave off."""
        self._worker.cancel()

    def _make(self, job: Job, show: Callable[[list[bytes | None]], None]) -> None:
        made: list[bytes | None] = []
        for index in range(len(self._exploration.pictures)):
            if job.cancelled():
                return
            made.append(self._exploration.thumbnail(index))
        show(made)
