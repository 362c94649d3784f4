"""Thumbnails of the pictures: all of a few, of many those that a page is about to show."""

from __future__ import annotations

from typing import Any

import traitlets

from ..bounded_cache import BoundedCache
from ..study import Exploration
from .worker import Job, Worker

# Up to so many are made at once, and no more are asked for by one page.
MOST_AT_ONCE = 60
_KEPT_BYTES = 16 * 2**20


class ThumbnailTraits(traitlets.HasTraits):
    """What the strip of pictures shows, and what it asks for."""

    _thumbnails: Any = traitlets.List(traitlets.Bytes(allow_none=True)).tag(sync=True)
    """Of all pictures, where there are few; None for one that cannot be read."""
    _thumbnails_wanted = traitlets.List(traitlets.Int()).tag(sync=True)
    """Where there are many: the first picture in sight and the one after the last."""
    _thumbnail_window = traitlets.Dict().tag(sync=True)
    """The answer: ``{"first": index, "files": [bytes or None, ...]}``; the last one is saved with a notebook."""


class Thumbnails:
    """Makes thumbnails on a thread of its own; what was asked for last comes first.

    Parameters
    ----------
    screen
        The widget.
    exploration
        Whose pictures they are.
    """

    def __init__(self, screen: ThumbnailTraits, exploration: Exploration) -> None:
        self._screen = screen
        self._exploration = exploration
        self._worker = Worker("xcnn-thumbnails")
        self._made: BoundedCache[int, bytes] = BoundedCache(_KEPT_BYTES, len)

    def open(self) -> None:
        """Make all, if they are few; answer pages from then on."""
        if 1 < len(self._exploration.pictures) <= MOST_AT_ONCE:
            self._worker.start(self._make_all)
        else:
            self._screen.observe(self._follow, "_thumbnails_wanted")

    def close(self) -> None:
        """Make no more."""
        self._worker.cancel()

    def wait(self, timeout: float | None = None) -> None:
        """Block until those asked for are made, and raise what went wrong there."""
        self._worker.wait(timeout)

    def _follow(self, change: Any) -> None:
        # A page may ask for anything.
        if len(change.new) == 2:
            first = max(0, change.new[0])
            last = min(first + MOST_AT_ONCE, change.new[1], len(self._exploration.pictures))
            if first < last:
                self._worker.start(lambda job: self._make(job, range(first, last)))

    def _make_all(self, job: Job) -> None:
        made = [self._thumbnail(job, i) for i in range(len(self._exploration.pictures))]
        if not job.cancelled():
            self._screen._thumbnails = made

    def _make(self, job: Job, indices: range) -> None:
        made = [self._thumbnail(job, index) for index in indices]
        if not job.cancelled():
            self._screen._thumbnail_window = {"first": indices.start, "files": made}

    def _thumbnail(self, job: Job, index: int) -> bytes | None:
        """A picture's thumbnail; None of what cannot be read, or is no longer asked for."""
        made = self._made.get(index)
        if made is None and not job.cancelled():
            made = self._exploration.thumbnail(index)
            if made is not None:
                self._made.put(index, made)
        return made
