"""Measure everything and print one table: ``python -m tests.benchmarks``."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from .measuring import QUESTIONS, measure
from .networks import NETWORKS, ONLY_IN_BATCHES, TINY, VARIANTS
from .rows import Row
from .table import card, load, replaced, save, table
from .timing import QUICK, Effort

THREADS = 2
RESULTS = Path(__file__).parent / "results"
_ALL_NETWORKS = (*NETWORKS, *ONLY_IN_BATCHES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; see ``--help``."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch sees no CUDA device here; use --device cpu")
    names = [TINY] if chosen.quick else chosen.networks
    variants = chosen.variants or (list(VARIANTS) if chosen.device == "cuda" else ["fp32"])
    # A second thread would wait: for the first on a tiny network, for others on a shared machine.
    threads = 1 if chosen.quick or chosen.shared else THREADS
    effort = QUICK if chosen.quick else Effort(rounds=chosen.rounds, seconds=chosen.seconds)
    if chosen.shared:
        effort = replace(effort, clock=time.process_time)
    effort = replace(effort, device=chosen.device)
    output = chosen.output or (None if chosen.quick else RESULTS / _file_name(chosen))
    conditions: dict[str, Any] = {
        "clock": _clock(chosen),
        "threads": threads,
        "load": [os.getloadavg()[0]],
        "left_out": [],
    }
    rows: list[Row] = []
    others = load(output) if chosen.add and output is not None and output.exists() else []

    def store() -> None:
        if output is not None:
            now = conditions | {"load": [*conditions["load"], os.getloadavg()[0]]}
            save(replaced(others, rows), output, now, chosen.device)

    try:
        for row in measure(
            names, chosen.questions, variants, effort, threads, conditions["left_out"]
        ):
            rows.append(row)
            # A run that is cut off leaves what it has measured.
            store()
    finally:
        print(table(rows, conditions["left_out"]))
    # With what was left out after the last row.
    store()
    return 0


def _clock(chosen: argparse.Namespace) -> str:
    if chosen.device == "cuda":
        return "events of the device"
    return "processor" if chosen.shared else "wall"


def _file_name(chosen: argparse.Namespace) -> str:
    if chosen.device == "cuda":
        return f"{re.sub(r'[^a-z0-9]+', '_', card().lower()).strip('_')}.json"
    # A table holds figures of one kind of processor.
    kind = torch.backends.cpu.get_cpu_capability().lower()
    return f"cpu_{kind}_shared.json" if chosen.shared else f"cpu_{kind}.json"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one round of a tiny network: does it run at all?"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--shared",
        action="store_true",
        help="count processor time on one thread, for a machine that others use meanwhile",
    )
    where.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where the networks run; cuda is timed by its own events",
    )
    parser.add_argument("--networks", nargs="+", choices=_ALL_NETWORKS, default=list(_ALL_NETWORKS))
    parser.add_argument("--questions", nargs="+", choices=QUESTIONS, default=list(QUESTIONS))
    parser.add_argument(
        "--variants",
        nargs="+",
        choices=VARIANTS,
        help="precisions and layouts in memory; by default fp32 on the CPU, all with cuda",
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="the fewest rounds of each race, unless it takes long"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=5.0,
        help="to spend on each race, beyond those rounds; after six times as many, and 30, two are enough",
    )
    parser.add_argument("--output", type=Path, help=f"the JSON file; by default in {RESULTS.name}/")
    parser.add_argument(
        "--add", action="store_true", help="keep the rows in that file that are not measured anew"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
