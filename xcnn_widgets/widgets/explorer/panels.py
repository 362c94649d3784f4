"""Panels below the explorer: each is closed at first, and computes and sends nothing until it is opened."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from traitlets import Bunch, TraitError

from ...study import Choice, in_words


class Panel(Protocol):
    """The work behind one panel. What it shows stands in traits of the widget, in a file of their own.

    Attributes
    ----------
    traits
        What a person sets in it, and whether it is open.
    """

    traits: tuple[str, ...]

    def changed(self, change: Bunch, *, by_page: bool) -> None:
        """Answer a change of one of its traits; code waits for the answer unless the page asks."""

    def follow(self, choice: Choice, *, by_page: bool) -> None:
        """Show what belongs to another choice of the widget, if it is open."""

    def wait(self, timeout: float | None) -> None:
        """Block until it is not at work, and raise what went wrong there."""

    def close(self) -> None:
        """Leave off, and hold nothing."""


class Screen(Protocol):
    """What the panels know of the widget."""

    error: str

    @property
    def by_page(self) -> bool:
        """Whether this thread does what a page asks for."""

    def turn(self) -> AbstractContextManager[None]:
        """One thread at a time sets traits."""


class Panels:
    """Hands on to each panel what concerns it; what goes wrong in one never takes the widget's picture away.

    Parameters
    ----------
    screen
        The widget.
    panels
        All of its panels.
    """

    def __init__(self, screen: Screen, *panels: Panel) -> None:
        self._screen, self._panels = screen, panels
        self.traits = tuple(name for panel in panels for name in panel.traits)

    def changed(self, change: Bunch) -> None:
        """Answer what was set in a panel: an error is raised where code set it, else it is told in `error`."""
        with self._screen.turn():
            by_page = self._screen.by_page
            panel = next(panel for panel in self._panels if change.name in panel.traits)
            try:
                panel.changed(change, by_page=by_page)
            except Exception as error:
                if not by_page:
                    raise TraitError(
                        f"{change.name} = {change.new!r}: {in_words(error)}"
                    ) from error
                self._screen.error = in_words(error)

    def follow(self, choice: Choice, code_waits: bool) -> None:
        """Let the open panels follow a choice that has been answered; what goes wrong is told in `error`."""
        for panel in self._panels:
            try:
                panel.follow(choice, by_page=not code_waits)
            except Exception as error:
                self._screen.error = in_words(error)

    def wait(self, timeout: float | None) -> None:
        """Block until no panel is at work."""
        for panel in self._panels:
            panel.wait(timeout)

    def close(self) -> None:
        """Close all panels."""
        for panel in self._panels:
            panel.close()
