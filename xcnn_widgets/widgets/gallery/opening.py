"""One name for two things: results are opened as a gallery, and a gallery opens its channel to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Opening:
    """What `open` is: of the class, what makes a gallery of results; of a gallery, what every widget has.

    Parameters
    ----------
    of_results
        From the class to what makes a gallery.
    """

    def __init__(self, of_results: Callable[[Any], Callable[..., Any]]) -> None:
        self._of_results = of_results
        self._owner: type | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner

    def __get__(self, gallery: Any, kind: type) -> Callable[..., Any]:
        if gallery is None:
            return self._of_results(kind)
        found: Callable[[], None] = super(self._owner, gallery).open  # type: ignore[arg-type]
        return found
