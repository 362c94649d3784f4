"""Where a gallery's page goes while it is filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..metrics import Faithfulness
from .measures import Numbers
from .rows import Row
from .summary import Summary


class Screen(Protocol):
    """Takes a page, and what is told of it."""

    def announce(self, page: dict[str, int]) -> None:
        """Take the page before its rows come: its ``rows``, ``page`` of ``pages``, ``matches`` of ``total``."""

    def place(self, rows: Mapping[int, Row]) -> None:
        """Take rows, by their position on the page."""

    def measured(self, numbers: Mapping[int, Numbers]) -> None:
        """Take the metrics of pictures, by their index."""

    def trusted(self, found: Faithfulness, left_out: int) -> None:
        """Take the metrics of all pictures together, and how many could not be measured."""

    def tell(
        self, *, status: str | None = None, note: str | None = None, progress: float | None = None
    ) -> None:
        """Take a line that says what is shown or done, what a reader has to know, and the share that is done."""

    def summarise(self, summary: Summary) -> None:
        """Take what the model said about all pictures, once it has seen them."""

    def cancelled(self) -> bool:
        """Whether to stop."""


@dataclass
class Page:
    """A screen for code: the page once it is filled.

    Attributes
    ----------
    facts
        How many ``rows`` it has, which ``page`` of ``pages`` it is, and of how many ``matches`` of ``total`` pictures.
    rows
        By position.
    status, note
        What a person reads below it.
    summary
        What the model said about all pictures, where that is known.
    numbers
        The metrics of pictures, by their index.
    trust
        Those of all pictures together, and how many are left out; None unless that was asked for.
    """

    facts: dict[str, int] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)
    status: str = ""
    note: str = ""
    summary: Summary | None = None
    numbers: dict[int, Numbers] = field(default_factory=dict)
    trust: tuple[Faithfulness, int] | None = None

    def announce(self, page: dict[str, int]) -> None:
        """Keep what is told of the page."""
        self.facts = page

    def place(self, rows: Mapping[int, Row]) -> None:
        """Keep rows."""
        self.rows.update(rows)

    def tell(
        self,
        *,
        status: str | None = None,
        note: str | None = None,
        progress: float | None = None,  # noqa: ARG002
    ) -> None:
        """Keep the lines."""
        self.status = self.status if status is None else status
        self.note = self.note if note is None else note

    def measured(self, numbers: Mapping[int, Numbers]) -> None:
        """Keep metrics."""
        self.numbers.update(numbers)

    def trusted(self, found: Faithfulness, left_out: int) -> None:
        """Keep the metrics of all pictures."""
        self.trust = found, left_out

    def summarise(self, summary: Summary) -> None:
        """Keep it."""
        self.summary = summary

    def cancelled(self) -> bool:
        """Never."""
        return False
