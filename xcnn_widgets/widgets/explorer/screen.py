"""What the explorer's parts know of the widget."""

from __future__ import annotations

from typing import Any, Protocol

from ...study import Choice, Comparison, Shown


class Screen(Protocol):
    """What the answering knows of the widget."""

    status: str
    error: str
    progress: float | None
    shown: Shown | None
    """The last answer that was presented."""

    @property
    def by_page(self) -> bool:
        """Whether this thread does what a page asks for."""

    def choice(self) -> Choice:
        """What is chosen."""

    def choose(self, choice: Choice) -> None:
        """Set all choices."""

    def tell_estimate(self, *, there: bool) -> None:
        """Tell every page whether there is an estimate that can be kept."""

    def present(
        self, shown: Shown, image: dict[str, Any] | None, comparison: Comparison | None
    ) -> None:
        """Put an answer on every page, in one message; `image` is the picture, where that is another one."""
