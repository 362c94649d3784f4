"""Starts the same run again and again, and kills it at random moments; tells how many rows were there each time."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from xcnn_widgets import explain_dataset
from xcnn_widgets.datasets import folder as folders
from xcnn_widgets.datasets import local, writing
from xcnn_widgets.datasets.folder import Folder

from .conftest import ColourNet, to_tensor

PICTURES = 300


def run(to: Path) -> None:
    """Explain pictures, slowly, in small parts."""
    for module in (folders, writing):
        module.ROWS = 10  # type: ignore[attr-defined]
    local._PICTURES = 5
    images = {str(i): np.full((12, 12, 3), i % 250, np.uint8) for i in range(PICTURES)}
    explain_dataset(
        ColourNet(),
        images,
        to,
        transform=to_tensor,
        workers=1,
        progress=lambda done, total: time.sleep(0.02),
    )


def attempt(to: Path, seconds: float | None) -> bool:
    """Run in a process of its own; whether it came to its end before it was killed."""
    child = os.fork()
    if child == 0:
        try:
            run(to)
        finally:
            os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)


def main() -> None:
    """Kill ten runs, and let one finish."""
    to = Path(sys.argv[1])
    moments = random.Random(0)
    for _ in range(10):
        ended = attempt(to, moments.uniform(0.05, 0.9))
        print(f"killed {len(Folder(to).keys())} {ended}", flush=True)
    assert attempt(to, None)


if __name__ == "__main__":
    main()
