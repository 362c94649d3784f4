"""A cell that is run again: the widgets of its earlier runs give their memory back.

ipywidgets keeps every widget that was ever made, with its messages to the page; `Out` and `_` keep those that a cell
ended in. Neither lets go when a cell is run again, so that fifty runs would hold fifty recorded networks.
"""

from __future__ import annotations

import threading
from typing import Any, Protocol
from weakref import WeakSet

from IPython.core.getipython import get_ipython


class Superseded(Protocol):
    """What is made in a cell, and made anew when that is run again."""

    def supersede(self) -> None:
        """Its cell has made another one."""

    def __hash__(self) -> int: ...


class CellRuns:
    """Which cell made what; it keeps nothing alive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, list[tuple[str, WeakSet[Superseded]]]] = {}

    def made(self, one: Superseded) -> bool:
        """Note what the cell that runs now has made, and tell those that it made before.

        Returns
        -------
        bool
            Whether the front end tells which cell runs. JupyterLab and Notebook 7 do.
        """
        running = _running_cell()
        if running is None:
            return False
        cell, run = running
        with self._lock:
            runs = [known for known in self._made.get(cell, []) if known[0] == run or known[1]]
            earlier = [each for name, made in runs if name != run for each in made]
            if not any(name == run for name, _ in runs):
                runs.append((run, WeakSet()))
            next(made for name, made in runs if name == run).add(one)
            self._made[cell] = runs
        for each in earlier:
            each.supersede()
        return True


def _running_cell() -> tuple[str, str] | None:
    """The cell that runs, and this run of it, as the front end calls them."""
    shell: Any = get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return None
    parent = kernel.get_parent() or {}
    cell = (parent.get("metadata") or {}).get("cellId")
    run = (parent.get("header") or {}).get("msg_id")
    return (str(cell), str(run)) if cell and run else None
