"""Free memory stays at hand, so that an answer does not wait for pages that the system fills with zeros."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from typing import Any

import pytest
import torch

from xcnn_widgets.attribution import freed_memory

# Counts the pages that come anew while 8 blocks of 4 MiB are taken, written and freed, again and again.
SMALL = """
import resource, sys, torch
from torch import nn
import xcnn_widgets as xw

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        [torch.ones(2**20) for _ in range(8)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if "explained" in sys.argv:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    xw.explain(model, torch.rand(1, 3, 8, 8))
# Whatever takes a place of its own does so now.
faults()
print(faults())
"""

# The same of one block of 128 MiB, more than glibc goes along with, while there is room for it.
LARGE = """
import resource, sys, threading, torch
from contextlib import nullcontext
from xcnn_widgets.attribution.freed_memory import room

def count():
    with room(2**29) if "room" in sys.argv else nullcontext(False) as has_room:
        torch.ones(2**25)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(20):
            torch.ones(2**25)
        new = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    print(int(has_room), new)

if "thread" in sys.argv:
    thread = threading.Thread(target=count)
    thread.start()
    thread.join()
else:
    count()
"""


def printed(script: str, *arguments: str) -> list[int]:
    """In a process whose allocator nobody has set up."""
    environment = {name: value for name, value in os.environ.items() if "MALLOC" not in name}
    environment.pop("GLIBC_TUNABLES", None)
    environment.pop("LD_PRELOAD", None)
    run = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return [*map(int, run.stdout.split())]


only_glibc = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc is known to do so"
)


@only_glibc
def test_what_an_answer_freed_is_there_for_the_next() -> None:
    # Without, it is 163,200, but for runs in which an import happened to free a large block before;
    # huge pages are fewer, and still 320.
    assert printed(SMALL, "explained")[0] < 100


@only_glibc
def test_a_room_keeps_large_blocks_at_hand_and_says_where_it_cannot() -> None:
    (has_room, new), (_, without) = printed(LARGE, "room"), printed(LARGE)
    assert has_room
    # Without, all pages come anew each time. With, the block may lie in a second place once.
    assert without > 10 * new
    assert printed(LARGE, "room", "thread")[0] == 0


def test_no_room_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(size: int, **options: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    freed_memory.keep_freed_memory()
    monkeypatch.setattr(torch, "empty", refused)
    with freed_memory.room(2**30) as has_room:
        assert not has_room
