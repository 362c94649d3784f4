"""Measure everything and print one table: ``python -m tests.benchmarks``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from . import many_inputs, questions
from .ahead import ahead
from .growth import growth
from .importing import importing
from .memory import memory
from .networks import NETWORKS, TINY, Network, network
from .rows import Race, Row, run
from .stroke import stroke
from .table import save, table
from .timing import QUICK, Effort
from .wire import wire

THREADS = 2
RESULTS = Path(__file__).parent / "results"

_TIME: dict[str, Callable[[Network], Iterator[Race]]] = {
    "cold": questions.cold,
    "class": questions.another_class,
    "layers": questions.all_layers,
    "methods": questions.six_methods,
    "session": questions.session,
    "batch": many_inputs.batch,
    "occlusion": many_inputs.occlusion,
}
_SIZE: dict[str, Callable[[Network], Iterator[Row]]] = {"memory": memory, "wire": wire}
# About each network, but no race; and about none.
_MEASURED: dict[str, Callable[[Network, Effort], Iterator[Row]]] = {
    "growth": growth,
    "ahead": ahead,
    "stroke": stroke,
}
_IMPORT = "import"
QUESTIONS = (*_TIME, *_SIZE, *_MEASURED, _IMPORT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; see ``--help``."""
    chosen = _parser().parse_args(arguments)
    names = [TINY] if chosen.quick else chosen.networks
    # A second thread would wait: for the first on a tiny network, for others on a shared machine.
    threads = 1 if chosen.quick or chosen.shared else THREADS
    effort = QUICK if chosen.quick else Effort(rounds=chosen.rounds, seconds=chosen.seconds)
    if chosen.shared:
        effort = replace(effort, clock=time.process_time)
    before = os.getloadavg()[0]
    rows = list(measure(names, chosen.questions, effort, threads))
    print(table(rows))
    name = "cpu_shared.json" if chosen.shared else "cpu.json"
    output = chosen.output or (None if chosen.quick else RESULTS / name)
    if output is not None:
        clock = "processor" if chosen.shared else "wall"
        conditions = {"clock": clock, "threads": threads, "load": [before, os.getloadavg()[0]]}
        save(rows, output, conditions)
    return 0


def measure(
    names: Sequence[str], asked: Sequence[str], effort: Effort, threads: int
) -> Iterator[Row]:
    """Ask the questions of each network, on a fixed number of threads."""
    usual = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for name in names:
            measured = network(name)
            for question in asked:
                if question == _IMPORT:
                    continue
                print(f"{name}: {question}", file=sys.stderr, flush=True)
                yield from _rows(question, measured, effort)
        if _IMPORT in asked:
            yield from importing(effort)
    finally:
        torch.set_num_threads(usual)


def _rows(question: str, measured: Network, effort: Effort) -> Iterator[Row]:
    samples = 4 if measured.name == TINY else 32
    if question in _SIZE:
        measure_size = partial(memory, samples=samples) if question == "memory" else _SIZE[question]
        yield from measure_size(measured)
        return
    if question in _MEASURED:
        yield from _MEASURED[question](measured, effort)
        return
    races = partial(many_inputs.batch, samples=samples) if question == "batch" else _TIME[question]
    for race in races(measured):
        yield from run(race, effort)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one round of a tiny network: does it run at all?"
    )
    parser.add_argument(
        "--shared",
        action="store_true",
        help="count processor time on one thread, for a machine that others use meanwhile",
    )
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--questions", nargs="+", choices=QUESTIONS, default=list(QUESTIONS))
    parser.add_argument("--rounds", type=int, default=5, help="the fewest rounds of each race")
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="to spend on each race, beyond those rounds"
    )
    parser.add_argument("--output", type=Path, help=f"the JSON file; by default in {RESULTS.name}/")
    return parser


if __name__ == "__main__":
    sys.exit(main())
