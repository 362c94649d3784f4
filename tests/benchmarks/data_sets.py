"""Whole data sets: pictures a second against the bare explanation, how time and memory grow, and the first page of results."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import ToTensor

import xcnn_widgets as xw

from ..datasets.many_rows import write_many
from .networks import Network
from .rows import BARE, Row, row
from .timing import QUICK, Effort

_BATCH = 32


@dataclass(frozen=True)
class Plan:
    """How much: `pictures` a run, of which so many are not timed; how often; how many rows a large folder of results has;
    through how many pictures memory is watched."""

    pictures: int = 320
    warm: int = 64
    rounds: int = 3
    few_rows: int = 1_000
    many_rows: int = 1_000_000
    watched: int = 2_000


_QUICK = Plan(pictures=128, warm=32, rounds=1, few_rows=200, many_rows=400, watched=64)


def data_sets(network: Network, effort: Effort) -> Iterator[Row]:
    """`explain_dataset` of JPEGs, Grad-CAM; bare, `explain` of the decoded pictures in batches of 32. Also its second half
    against the first, Ray against this machine, the first page of 1,000,000 rows against that of 1,000, and memory."""
    plan = _QUICK if effort == QUICK else Plan()
    with tempfile.TemporaryDirectory() as folder:
        photos = _photographs(Path(folder) / "photos", plan.pictures, network.side)
        yield from _rates(network, photos, Path(folder), plan)
        yield from _first_pages(network, Path(folder), plan)
        yield _memory(network, Path(folder), plan)


def _photographs(folder: Path, count: int, side: int) -> Path:
    """JPEGs as large as the network takes them, no two alike."""
    made = np.random.default_rng(0)
    folder.mkdir()
    for number in range(count):
        coarse = made.integers(0, 255, (12, 12, 3)).astype(np.uint8)
        picture = Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number:05d}.jpg", quality=90)
    return folder


def as_tensor(picture: Image.Image) -> Tensor:
    """What most people's data sets do with a picture."""
    found: Tensor = ToTensor()(picture)
    return found


def _rates(network: Network, photos: Path, folder: Path, plan: Plan) -> Iterator[Row]:
    decoded = [as_tensor(Image.open(path)) for path in sorted(photos.iterdir())]
    timed = plan.pictures - plan.warm
    local, bare, first, second, ray = [], [], [], [], []
    for number in range(plan.rounds + 1):
        times = _times(network, photos, folder / f"local-{number}", "local")
        started = time.perf_counter()
        for start in range(plan.warm, plan.pictures, _BATCH):
            inputs = torch.stack(decoded[start : start + _BATCH])
            xw.explain(network.model, inputs, "grad_cam", layer=network.layers[-1], exact=False)
        if number == 0 and plan.rounds > 1:
            # What is prepared once is not what a data set costs.
            continue
        bare.append(1000 * (time.perf_counter() - started) / timed)
        local.append(_each(times, plan.warm, plan.pictures))
        middle = plan.warm + timed // 2
        first.append(_each(times, plan.warm, middle))
        second.append(_each(times, middle, plan.pictures))
    name = network.name
    note = f"{1000 / np.median(local):.1f} pictures a second"
    yield row("data-sets", name, BARE, local, bare, "ms", at_most=True, note=note)
    yield row("data-sets growth", name, "its first half", second, first, "ms", at_most=True)
    # A cluster takes half a minute to start, and on a busy machine it may not.
    if plan.rounds > 1 and find_spec("ray") is not None:
        times = _times(network, photos, folder / "ray", "ray")
        ray.append(_each(times, plan.warm, plan.pictures))
        yield row("data-sets ray", name, "the local engine", ray, local[-1:], "ms", at_most=True)


def _times(network: Network, photos: Path, to: Path, engine: str) -> dict[int, float]:
    """When how many pictures were done."""
    times: dict[int, float] = {}

    def told(done: int, _: int) -> None:
        times[done] = time.perf_counter()

    options = {"engine": engine, "progress": told, "transform": as_tensor}
    xw.explain_dataset(network.model, photos, to, layer=network.layers[-1], **options)  # type: ignore[arg-type]
    return times


def _each(times: dict[int, float], first: int, last: int) -> float:
    """The milliseconds of a picture, from about the first to about the last."""
    start = max((done for done in times if done <= first), default=min(times))
    end = max(done for done in times if done <= last)
    return 1000 * (times[end] - times[start]) / max(1, end - start)


def _first_pages(network: Network, folder: Path, plan: Plan) -> Iterator[Row]:
    told = []
    for count in (plan.few_rows, plan.many_rows):
        results = folder / f"rows-{count}"
        write_many(results, count)
        command = [sys.executable, "-m", "tests.datasets.first_page", str(results)]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for _ in range(plan.rounds)
        ]
        told.append(runs)
    few, many = ([1000 * each["first page"][0] for each in runs] for runs in told)
    at_most = max(each["MB"] for each in told[1])
    note = f"{at_most} MB above an empty kernel"
    rival = "that of few rows"
    yield row("data-sets page", network.name, rival, many, few, "ms", at_most=True, note=note)


def _memory(network: Network, folder: Path, plan: Plan) -> Row:
    """The most above the loaded model, in a process of its own; the note tells each tenth of the pictures."""
    photos = _photographs(folder / "watched", plan.watched, network.side)
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.data_set_memory",
        network.name,
        str(photos),
        str(folder / "memory"),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    tenths = json.loads(done.stdout)["MB"]
    note = f"{plan.watched:,} pictures, a tenth after the other: {', '.join(f'{each:.0f}' for each in tenths)} MB"
    return row(
        "data-sets memory",
        network.name,
        "300 MB",
        [max(tenths)],
        [300.0],
        "MB",
        at_most=True,
        note=note,
    )
