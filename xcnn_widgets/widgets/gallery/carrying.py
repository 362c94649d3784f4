"""Work that a caller waits for: told on the screen from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable

from ..worker import Job, Worker
from .view import GalleryView


def carried_out(
    screen: GalleryView,
    worker: Worker,
    begun: str,
    work: Callable[[Job], None],
    ended: Callable[[], str],
) -> bool:
    """Work on the widget's thread, and wait for it; whether that came to its end.

    Parameters
    ----------
    screen
        The widget.
    worker
        Its thread.
    begun
        What is told while it works.
    work
        What is to be done.
    ended
        Shows what came of it, also when it was cancelled or failed, and tells it in one sentence.
    """
    with screen.turn():
        screen.progress = 0.0
        screen.status = begun
        job = worker.start(work)
    try:
        worker.wait_or_stop(job)
    finally:
        done = not job.cancelled()
        with screen.turn():
            screen.progress = None
            screen.status = f"{'' if done else 'Cancelled; '}{ended()}."
    return done
