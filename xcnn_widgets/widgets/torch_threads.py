"""Torch's helper threads: who computes with how many, while several threads of Python's want to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CDLL
from functools import cache
from pathlib import Path
from threading import Thread

import torch

# Of OpenMP 5.0, section 3.2.43; and omp_pause_soft.
_PAUSE, _SOFT = "omp_pause_resource_all", 1


def leave_a_core() -> None:
    """From now on torch computes with one thread less on this thread, and as ever on all others."""
    threads = torch.get_num_threads()
    if threads == 1:
        return
    torch.set_num_threads(threads - 1)
    # That was said for this thread, and for all that have not begun to compute; to those, another one says otherwise.
    other = Thread(target=torch.set_num_threads, args=(threads,))
    other.start()
    other.join()


def let_helpers_go() -> None:
    """Make way for another thread: those that help this one compute end, and come again when it next computes.

    Each thread of Python's that computes gets helpers of its own. Once there are more of them than cores, GNU's OpenMP
    has all of them sleep, not spin, for the next of a network's many small pieces of work, and waking them up each time
    takes as long as a third of the work.
    """
    library = _openmp()
    if library is not None and hasattr(library, _PAUSE):
        library[_PAUSE](_SOFT)


@contextmanager
def alone() -> Iterator[None]:
    """While open, torch computes with this thread only, and on all other threads as ever: for what is over at once.

    Where a page, a server and a kernel share few cores, to wait for a helper takes tens of times as long as the work.
    Functions of MKL (products of matrices, exponentials) keep their helpers.
    """
    library = _openmp()
    if library is None:
        yield
        return
    # To ask torch first is to have it settle how many this thread computes with, if it has not begun to.
    threads = torch.get_num_threads()
    # Not by torch's own function, which speaks for other threads as well.
    library.omp_set_num_threads(1)
    try:
        yield
    finally:
        library.omp_set_num_threads(threads)


@cache
def _openmp() -> CDLL | None:
    """The OpenMP library that came with torch, if that is GNU's."""
    paths = sorted(Path(torch.__file__).parent.glob("lib/libgomp*.so*"))
    return CDLL(str(paths[0])) if paths else None
