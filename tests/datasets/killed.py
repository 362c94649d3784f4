"""Starts the same run again and again, and kills it at random moments; tells how many rows were there each time."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

import numpy as np

from xcnn_widgets import explain_dataset
from xcnn_widgets.datasets import folder as folders
from xcnn_widgets.datasets import local, writing
from xcnn_widgets.datasets.folder import Folder

from .conftest import ColourNet, to_tensor

PICTURES = 300


def run(to: Path, begun: int) -> None:
    """Explain pictures, slowly, in small parts; says when the first are done."""
    for module in (folders, writing):
        module.ROWS = 10  # type: ignore[attr-defined]
    local._PICTURES = 5
    images = {str(i): np.full((12, 12, 3), i % 250, np.uint8) for i in range(PICTURES)}

    def told(done: int, total: int) -> None:
        os.write(begun, b".")
        time.sleep(0.05)

    explain_dataset(ColourNet(), images, to, transform=to_tensor, workers=1, progress=told)


def attempt(to: Path, seconds: float | None) -> bool:
    """Run in a process of its own; whether it was killed before it came to its end."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            run(to, writes)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writes)
    if seconds is not None:
        os.read(reads, 1)
        os.read(reads, 1)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    else:
        while os.read(reads, 1000):
            pass
    os.close(reads)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def main() -> None:
    """Kill ten runs, and let one finish."""
    to, moments = Path(sys.argv[1]), random.Random(0)
    longest, rows = 0.5, 0
    for _ in range(10):
        killed = attempt(to, moments.uniform(0, longest))
        before, rows = rows, len(Folder(to).keys())
        # On a busy machine nothing may be written yet.
        longest *= 2 if rows == before else 1
        print(f"killed {rows} {killed}", flush=True)
    assert not attempt(to, None)


if __name__ == "__main__":
    main()
