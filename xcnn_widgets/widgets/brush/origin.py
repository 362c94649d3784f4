"""Who asked, code or the page, and how a page learns what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ...study import in_words


class Origin:
    """On whose behalf this thread works: for code, to which errors are raised, or for a page, which reads them.

    Parameters
    ----------
    say
        Called with all that is wrong now, in one line; empty when nothing is.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._thread = threading.local()
        self._troubles: dict[str, str] = {}
        self._closed = False

    @property
    def is_page(self) -> bool:
        """Whether a page asked for what is done on this thread."""
        return getattr(self._thread, "is_page", False)

    def by_page(self, do: Callable[..., object], *arguments: object) -> None:
        """Do what a page asks for; what goes wrong is told, not raised."""
        outer, self._thread.is_page = self.is_page, True
        try:
            if not self._closed:
                do(*arguments)
        except Exception as error:
            self.tell("answer", in_words(error))
        finally:
            self._thread.is_page = outer

    def tell(self, about: str, trouble: str) -> None:
        """Say what is wrong with the "answer" or the "map"; the other's line stays."""
        self._troubles[about] = trouble
        self._say(" ".join(filter(None, self._troubles.values())))

    def close(self) -> None:
        """Do nothing more for any page."""
        self._closed = True
