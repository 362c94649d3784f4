"""Memory that is free stays at hand for what comes next."""

from __future__ import annotations

from functools import cache

import torch

# glibc goes along with blocks up to 32 MiB, of which its own bookkeeping takes a little.
_BYTES = 2**25 - 2**16


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
