"""Rows are written on a thread of their own, while the model goes on."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from typing import Any, Self

from .folder import ROWS, Folder
from .question import Question
from .schema import schema_of, table_of

Row = dict[str, Any]

# What was computed is on the disk after so many seconds at the latest.
_SECONDS = 30.0
# So many batches may wait to be written; whoever brings one more waits too, so that memory stays flat.
_WAITING = 8


class Writer:
    """Writes rows in parts of a thousand, and what there is after half a minute.

    Use it as a context: what it was given is written when it ends, also by an error or an interrupt.

    Parameters
    ----------
    folder
        Where to.
    question
        What was asked; it says what columns there are.
    """

    def __init__(self, folder: Folder, question: Question) -> None:
        self._folder, self._schema = folder, schema_of(question)
        self._given: queue.Queue[Sequence[Row] | None] = queue.Queue(_WAITING)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="xcnn-writer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._given.put(None)
        self._thread.join()
        self._raise()

    def write(self, rows: Sequence[Row]) -> None:
        """Take rows; what went wrong with those before is raised here.

        Raises
        ------
        OSError
            If they cannot be written, such as on a full disk.
        """
        self._raise()
        self._given.put(rows)

    def _raise(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _run(self) -> None:
        waiting: list[Row] = []
        last, is_open = time.monotonic(), True
        while is_open:
            try:
                given = self._given.get(timeout=1.0)
                is_open = given is not None
                waiting += given or ()
            except queue.Empty:
                pass
            is_late = time.monotonic() - last > _SECONDS
            while (
                self._error is None and waiting and (len(waiting) >= ROWS or is_late or not is_open)
            ):
                some, waiting = waiting[:ROWS], waiting[ROWS:]
                try:
                    self._folder.add(table_of(some, self._schema))
                except Exception as error:
                    self._error = error
                last = time.monotonic()
                is_late = False
            if self._error is not None:
                # Nobody else is let wait for a queue that is not emptied.
                waiting = []
