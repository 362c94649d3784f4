"""How long the first page of results takes, and how much memory: ``python -m tests.datasets.first_page FOLDER``."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path


def resident() -> int:
    """The bytes that this process has in memory."""
    pages = Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]
    return int(pages) * 4096


def main(folder: str) -> None:
    """Open the results, and print seconds and bytes."""
    # Whoever opens results has these in memory already, and what they load when they are used first.
    import pyarrow.compute
    import pyarrow.dataset
    import pyarrow.parquet  # noqa: F401

    from xcnn_widgets import GalleryWidget

    gc.collect()
    empty = resident()
    started = time.perf_counter()
    gallery = GalleryWidget.open(folder)
    while not (gallery.row(11) or gallery.error):
        time.sleep(0.002)
    first = time.perf_counter() - started
    gallery.wait()
    whole = time.perf_counter() - started
    held = resident() - empty
    times = {}
    for name, value in (
        ("order", "confidence"),
        ("show", "wrong"),
        ("page", 50),
        ("show_text", "999"),
        ("order", "disagreement"),
    ):
        started = time.perf_counter()
        setattr(gallery, name, value)
        gallery.wait()
        times[f"{name}={value}"] = round(time.perf_counter() - started, 3)
    print(
        {
            "first page": round(first, 3),
            "summary": round(whole, 3),
            "MB": held // 2**20,
            "MB after all": (resident() - empty) // 2**20,
            **times,
        }
    )


if __name__ == "__main__":
    main(sys.argv[1])
