"""Who asked, code or the page, and how a page learns what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from ...study import in_words


class Told(Protocol):
    """What the origin knows of the brush."""

    error: str

    @property
    def by_page(self) -> bool:
        """Whether this thread does what a page asks for."""

    def acting(self, *, by_page: bool) -> AbstractContextManager[None]:
        """While open, this thread does what a page asks for, or what code does."""


class Origin:
    """On whose behalf this thread works: for code, to which errors are raised, or for a page, which reads them.

    Parameters
    ----------
    brush
        Whose `error` says all that is wrong now, in one line; empty when nothing is.
    """

    def __init__(self, brush: Told) -> None:
        self._brush = brush
        self._troubles: dict[str, str] = {}
        self._closed = False

    @property
    def is_page(self) -> bool:
        """Whether a page asked for what is done on this thread."""
        return self._brush.by_page

    def by_page(self, do: Callable[..., object], *arguments: object) -> None:
        """Do what a page asks for; what goes wrong is told, not raised."""
        with self._brush.acting(by_page=True):
            try:
                if not self._closed:
                    do(*arguments)
            except Exception as error:
                self.tell("answer", in_words(error))

    def tell(self, about: str, trouble: str) -> None:
        """Say what is wrong with the "answer" or the "map"; the other's line stays."""
        self._troubles[about] = trouble
        self._brush.error = " ".join(filter(None, self._troubles.values()))

    def close(self) -> None:
        """Do nothing more for any page."""
        self._closed = True
