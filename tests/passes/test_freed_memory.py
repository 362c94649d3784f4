"""Free memory stays at hand, so that an answer does not wait for pages that the system fills with zeros."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

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
