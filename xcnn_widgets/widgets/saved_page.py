"""What the widgets share that outlive their kernel: views saved in their state, and a page made of them."""

from __future__ import annotations

from os import PathLike
from typing import Any

import traitlets

from ..pages.html import page, write_whole
from .front_end import own_traits
from .live_view import LiveView
from .worker import Job, Worker

_TITLE = "What a network looks at"


class SavedPage(LiveView):
    """Computes by default what was not computed ahead, and writes the page."""

    _worker: Worker

    _atlas = traitlets.Instance(dict, allow_none=True).tag(sync=True)

    def _save_by_default(self) -> bool:
        """Compute the default views ahead; whether that came to its end."""
        raise NotImplementedError

    def _save_unless_saved(self) -> None:
        """Compute the default views ahead, unless some are there already.

        Raises
        ------
        RuntimeError
            If that was cancelled.
        """
        if self._atlas is None and not self._save_by_default():
            raise RuntimeError("computing ahead was cancelled, so no page was written")

    def _write_page(self, path: str | PathLike[str], title: str | None) -> None:
        write_whole(path, page(_TITLE if title is None else title, self._page_state()))

    def _page_state(self) -> dict[str, Any]:
        """What a page has to know; the scripts are its own."""
        state: dict[str, Any] = self.get_state(own_traits(type(self)))
        return {**state, "progress": None, "_view": self._view}

    def _wait_or_stop(self, job: Job) -> None:
        """Wait for a job; an interrupt stops it, and is raised when it has stopped."""
        try:
            self._worker.wait()
        except KeyboardInterrupt:
            job.cancel()
            job.done.wait()
            raise
