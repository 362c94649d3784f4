"""How far memory rises while a data set is explained: `python -m tests.benchmarks.data_set_memory NETWORK PHOTOS RESULTS`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import xcnn_widgets as xw

from . import networks
from .data_sets import as_tensor

_STAGES = 10


def main(name: str, photos: str, results: str) -> None:
    """Explain a folder's pictures with Grad-CAM; print the most megabytes above the loaded model, a tenth after the other."""
    network = networks.network(name)
    total = sum(1 for _ in Path(photos).iterdir())
    before = _status("VmRSS")
    _forget_the_peak()
    peaks: list[float] = []

    def told(done: int, _: int) -> None:
        if done >= (len(peaks) + 1) * total / _STAGES:
            peaks.append(round(_status("VmHWM") - before, 1))
            _forget_the_peak()

    xw.explain_dataset(
        network.model,
        photos,
        results,
        layer=network.layers[-1],
        transform=as_tensor,
        progress=told,
    )
    print(json.dumps({"pictures": total, "MB": peaks}))


def _status(field: str) -> float:
    """A number of megabytes that Linux tells of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024 / 1_000_000
    raise RuntimeError(f"this system tells no {field}: measure on Linux")


def _forget_the_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    main(*sys.argv[1:])
