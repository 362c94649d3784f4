"""Measure speed and size against other libraries and against bare torch: ``python -m tests.benchmarks``."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from .measuring import QUESTIONS, measure
from .networks import NETWORKS, TINY
from .rows import Row
from .table import kind, machine, page
from .timing import QUICK, Effort

THREADS = 2
RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; see ``--help``."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch sees no CUDA device here; use --device cpu")
    names = [TINY] if chosen.quick else chosen.networks or NETWORKS
    questions = chosen.questions or QUESTIONS
    # On a tiny network a second thread would wait for the first.
    threads = 1 if chosen.quick else THREADS
    effort = replace(QUICK if chosen.quick else Effort(), device=chosen.device)
    is_part = chosen.quick or chosen.networks or chosen.questions
    output = chosen.output or (None if is_part else RESULTS / _file_name(chosen.device))
    only_expected = not (is_part or chosen.full)
    rows: list[Row] = []
    left_out: list[str] = []
    load = os.getloadavg()[0]

    def result() -> str:
        conditions = machine(chosen.device) | {
            "threads": threads,
            "load": f"{load:.1f} before, {os.getloadavg()[0]:.1f} after",
        }
        if left_out:
            conditions["left out"] = "; ".join(left_out)
        return page(rows, conditions)

    def store() -> None:
        if output is not None:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(result(), encoding="utf-8")

    try:
        for row in measure(
            names, questions, effort, threads, left_out, only_expected=only_expected
        ):
            rows.append(row)
            # A run that is cut off leaves what it has measured.
            store()
        store()
    finally:
        print(result())
    return 0


def _file_name(device: str) -> str:
    return f"{re.sub(r'[^a-z0-9]+', '_', kind(device).lower()).strip('_')}.md"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=f"{__doc__} Stores the table in {RESULTS.name}/, one a kind of processor.",
    )
    parser.add_argument(
        "--full", action="store_true", help="all questions about all networks, which takes hours"
    )
    parser.add_argument(
        "--networks", nargs="+", choices=NETWORKS, help="all about these; printed, not stored"
    )
    parser.add_argument(
        "--questions", nargs="+", choices=QUESTIONS, help="all of these; printed, not stored"
    )
    parser.add_argument(
        "--quick", action="store_true", help="one round of a tiny network: does it run at all?"
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where the networks run; cuda is timed by its own events",
    )
    parser.add_argument("--output", type=Path, help="where to store the table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
