"""How long the first page of results takes, and how much memory: ``python -m tests.datasets.first_page FOLDER``."""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path


def resident() -> int:
    """The bytes that this process has in memory."""
    pages = Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]
    return int(pages) * 4096


def clocks() -> tuple[float, float]:
    """The seconds on the wall and of this process's threads."""
    return time.perf_counter(), time.process_time()


def since(started: tuple[float, float]) -> tuple[float, float]:
    """How many have gone by."""
    wall, threads = clocks()
    return round(wall - started[0], 3), round(threads - started[1], 3)


def main(folder: str) -> None:
    """Open the results, and print seconds on the wall and of the processor, and bytes."""
    # Whoever opens results has these in memory already, and what they load when they are used first.
    import pyarrow.compute
    import pyarrow.dataset
    import pyarrow.parquet  # noqa: F401

    from xcnn_widgets import GalleryWidget

    gc.collect()
    empty = resident()
    started = clocks()
    gallery = GalleryWidget.open(folder)
    while not (gallery.row(11) or gallery.error or gallery.progress == 1):
        time.sleep(0.002)
    first = since(started)
    gallery.wait()
    whole = since(started)
    held = resident() - empty
    times = {}
    for name, value in (
        ("order", "confidence"),
        ("show", "wrong"),
        ("page", 2),
        ("show_text", "999"),
        ("order", "disagreement"),
    ):
        started = clocks()
        setattr(gallery, name, value)
        gallery.wait()
        times[f"{name}={value}"] = since(started)
    told = {"first page": first, "summary": whole, "MB": held // 2**20}
    print(json.dumps(told | {"MB after all": (resident() - empty) // 2**20, **times}))


if __name__ == "__main__":
    main(sys.argv[1])
