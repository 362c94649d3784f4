"""Slow work on a thread of its own: the latest request wins, and any can be cancelled."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from weakref import WeakSet

from ..network import Cancelled, cancelled_by
from .torch_threads import let_helpers_go


class Job:
    """A request under way; the work asks `cancelled` whether to stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self.done = threading.Event()
        self.error: Exception | None = None

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self._stop.set()

    def cancelled(self) -> bool:
        """Whether the work should stop."""
        return self._stop.is_set()

    def cancelled_within(self, seconds: float) -> bool:
        """Whether the work should stop, after some seconds or as soon as it should."""
        return self._stop.wait(seconds)


class Worker:
    """Runs one job at a time: a new one cancels the one before, and starts when that has stopped."""

    def __init__(self, name: str) -> None:
        self._name = name
        _WORKERS.add(self)
        self._lock = threading.Lock()
        self._latest: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        job = self._latest
        return job is not None and not job.done.is_set()

    def start(self, work: Callable[[Job], None]) -> Job:
        """Run `work` on a thread; what it raises is raised by `wait`.

        It runs in the context of whoever asks, so that a kernel takes what it says for an answer to
        that request: not to the last one of all, which may have come over a thread that is gone, to
        which the kernel would then send whatever the page says to the widget.
        """
        with self._lock:
            before, job = self._latest, Job()
            self._latest = job
        if before is not None:
            before.cancel()
        let_helpers_go()
        run = partial(copy_context().run, _run, work, job, before)
        threading.Thread(target=run, name=self._name, daemon=True).start()
        return job

    def is_latest(self, job: Job) -> bool:
        """Whether nothing was asked for, or cancelled, since this job."""
        return job is self._latest and not job.cancelled()

    def cancel(self) -> None:
        """Ask the job under way to stop."""
        job = self._latest
        if job is not None:
            job.cancel()

    def settle(self) -> None:
        """Block until no job is under way, however the latest one ended."""
        while (job := self._latest) is not None:
            job.done.wait()
            if job is self._latest:
                return

    def wait(self, timeout: float | None = None) -> None:
        """Block until no job is under way, and raise what the latest one raised.

        Raises
        ------
        TimeoutError
            If a job takes longer than `timeout` seconds.
        """
        while (job := self._latest) is not None:
            if not job.done.wait(timeout):
                raise TimeoutError(f"still at work after {timeout} s; cancel it, or wait longer")
            if job is self._latest:
                error, job.error = job.error, None
                if error is not None:
                    raise error
                return

    def wait_or_stop(self, job: Job) -> None:
        """Wait for a job; an interrupt stops it, and is raised when it has stopped."""
        try:
            self.wait()
        except KeyboardInterrupt:
            job.cancel()
            job.done.wait()
            raise


_WORKERS: WeakSet[Worker] = WeakSet()
_ENDS = threading.Event()


@atexit.register
def end_all() -> None:
    """Stop all work before Python ends: a thread that is then inside torch would abort the process."""
    _ENDS.set()
    workers = [*_WORKERS]
    for worker in workers:
        worker.cancel()
    for worker in workers:
        worker.settle()


def _run(work: Callable[[Job], None], job: Job, before: Job | None) -> None:
    try:
        if before is not None:
            before.done.wait()
        if not job.cancelled():
            with cancelled_by(_ENDS.is_set):
                work(job)
    except Cancelled:
        job.cancel()
    except Exception as error:  # Whoever waits for the job raises it.
        job.error = error
    finally:
        job.done.set()
