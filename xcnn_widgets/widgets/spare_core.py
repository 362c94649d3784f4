"""Leaving one core to whoever else needs the machine: the page, its server, the person's next question."""

from __future__ import annotations

from threading import Thread

import torch


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
