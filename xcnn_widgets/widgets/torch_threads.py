"""Torch's helper threads: who computes with how many, while several threads of Python's want to."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CDLL
from functools import cache
from pathlib import Path
from threading import Thread

import torch

# omp_pause_soft, of OpenMP 5.0, section 3.2.43.
_SOFT = 1


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
    pause = _pause()
    if pause is not None:
        pause(_SOFT)


@cache
def _pause() -> Callable[[int], int] | None:
    """The function ``omp_pause_resource_all`` of the library that came with torch, if that is GNU's and has one."""
    for path in sorted(Path(torch.__file__).parent.glob("lib/libgomp*.so*")):
        library = CDLL(str(path))
        found: Callable[[int], int] | None = getattr(library, "omp_pause_resource_all", None)
        if found is not None:
            return found
    return None
