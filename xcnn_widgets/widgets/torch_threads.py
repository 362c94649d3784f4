"""Torch's helper threads: who computes with how many, while several threads of Python's want to."""

from __future__ import annotations

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


@cache
def _openmp() -> CDLL | None:
    """The OpenMP library that came with torch, if that is GNU's."""
    paths = sorted(Path(torch.__file__).parent.glob("lib/libgomp*.so*"))
    return CDLL(str(paths[0])) if paths else None
