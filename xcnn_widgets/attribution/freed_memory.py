"""Memory that is free stays at hand for what comes next."""

from __future__ import annotations

import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

import torch
from torch import Tensor

# glibc goes along with blocks up to 32 MiB, of which its own bookkeeping takes a little.
_BYTES = 2**25 - 2**16
_BLOCK = 2**24


@cache
def keep_freed_memory() -> None:
    """Have glibc keep up to 64 MiB that are free, instead of giving them back at once.

    It asks the system for every block above a threshold, and gives back what lies free at the end
    of its heap. Each page that comes anew has to be filled with zeros first: on the demo network
    that takes longer than a backward pass. When a block from the system is freed, glibc takes its
    size for the new threshold, and twice that for what it keeps (mallopt(3), M_MMAP_THRESHOLD). So
    to free one block that nobody touched is enough, and no setting of the process is changed.
    Elsewhere, and where these settings were made by hand, this does nothing.
    """
    torch.empty(_BYTES, dtype=torch.uint8)


@contextmanager
def room(size: int) -> Iterator[bool]:
    """While open, what is freed stays at hand up to about `size` bytes, in blocks of any size.

    Yields whether that is so. A block larger than 32 MiB still comes from the system, unless there is
    a hole for it in glibc's heap. To make one, blocks are taken that nobody touches, and all but the
    last are freed: what lies below one in use is not given back. Only the heap of the main thread
    can grow that large.
    """
    keep_freed_memory()
    blocks: list[Tensor] = []
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and platform.libc_ver()[0] == "glibc":
        # Some systems do not promise what nobody has touched yet.
        with suppress(RuntimeError):
            blocks = [torch.empty(_BLOCK, dtype=torch.uint8) for _ in range(size // _BLOCK + 1)]
    del blocks[:-1]
    yield bool(blocks)
    # The last one makes the room: it goes when that is closed.
    blocks.clear()
