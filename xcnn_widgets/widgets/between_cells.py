"""When nobody runs a cell: the only time to run a model that a cell may be training."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol
from weakref import WeakSet

from IPython.core.getipython import get_ipython


class Times(Protocol):
    """Says when work that nobody asked for may be done."""

    def step(self) -> AbstractContextManager[Callable[[], bool]]:
        """A context for one short step of work; gives what says whether it may be done, or go on."""


class Ours(Protocol):
    """A widget of which it is known what follows from a message.

    Attributes
    ----------
    comm
        What messages come over; None once the widget is closed.
    """

    comm: Any

    def keeps_to_itself(self, state: Mapping[str, Any]) -> bool:
        """Whether no code but the widget's own runs when the page sends a state."""


class BetweenCells:
    """Allows steps while no cell of the notebook runs; a cell that begins waits until the step under way has ended.

    So does a message to a widget, for what it calls may be somebody's own. The step is told to end.

    Parameters
    ----------
    shell
        IPython's, as `get_ipython` gives it; without one that serves a notebook, nothing is allowed.
    """

    def __init__(self, shell: Any = None) -> None:
        self._lock = threading.Lock()
        self._step = threading.Lock()
        self._cells = 0
        self._shell = shell
        self._ours: WeakSet[Ours] = WeakSet()
        self._serves = hasattr(shell, "kernel")
        if self._serves:
            # Whoever asks first may be a cell itself.
            self._cells = 1 if self._asked_by() == "execute_request" else 0
            shell.events.register("pre_execute", self._begins)
            shell.events.register("post_execute", self._ends)

    def let_through(self, widget: Ours) -> None:
        """A widget's messages need not wait where only its own code follows: that takes the model's lock if it needs it."""
        with self._lock:
            self._ours.add(widget)

    @contextmanager
    def step(self) -> Iterator[Callable[[], bool]]:
        """One step of work; it is to be left off once a cell runs."""
        with self._step:
            yield self._may

    def _may(self) -> bool:
        return self._serves and not self._cells

    def _begins(self) -> None:
        with self._lock:
            self._cells += 1
        # From here on no step begins; one may be under way.
        if not self._is_let_through():
            with self._step:
                pass

    def _ends(self) -> None:
        with self._lock:
            # A cell that began before anybody counted may end now.
            self._cells = max(0, self._cells - 1)

    def _is_let_through(self) -> bool:
        if self._asked_by() != "comm_msg":
            return False
        content = self._message().get("content", {})
        data, to = content.get("data", {}), content.get("comm_id")
        with self._lock:
            ours = [*self._ours]
        return data.get("method") == "update" and any(
            getattr(widget.comm, "comm_id", None) == to
            and widget.keeps_to_itself(data.get("state", {}))
            for widget in ours
        )

    def _asked_by(self) -> str | None:
        found: str | None = self._message().get("header", {}).get("msg_type")
        return found

    def _message(self) -> dict[str, Any]:
        return self._shell.get_parent() or {}


_guard = threading.Lock()
_found: dict[int, BetweenCells] = {}


def between_cells(find_shell: Callable[[], Any] = get_ipython) -> BetweenCells:
    """The one for the shell that runs now."""
    shell = find_shell()
    with _guard:
        if id(shell) not in _found:
            _found[id(shell)] = BetweenCells(shell)
        return _found[id(shell)]
