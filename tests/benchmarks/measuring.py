"""All questions about all networks, each where and how it is to run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import torch

from . import many_inputs, questions
from .ahead import ahead
from .browser import QUICK_PLAN, Plan, browser, missing
from .growth import growth
from .importing import importing
from .memory import memory
from .networks import ONLY_IN_BATCHES, TINY, VARIANTS, Network, Placement, network
from .rows import Race, Row, run, without_the_unable
from .stroke import stroke
from .timing import QUICK, Effort
from .wire import wire

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
# About each network, but no race; in a page; and about no network.
_MEASURED: dict[str, Callable[[Network, Effort], Iterator[Row]]] = {
    "growth": growth,
    "ahead": ahead,
    "stroke": stroke,
}
_BROWSER, _IMPORT = "browser", "import"
QUESTIONS = (*_TIME, *_SIZE, *_MEASURED, _BROWSER, _IMPORT)
_PLAIN = "fp32"


def measure(
    names: Sequence[str],
    asked: Sequence[str],
    variants: Sequence[str],
    effort: Effort,
    threads: int,
    left_out: list[str],
) -> Iterator[Row]:
    """Ask the questions of each network in each variant, on a fixed number of threads.

    What could not be asked is told in `left_out`, a sentence each.
    """
    usual, start = torch.get_num_threads(), time.monotonic()
    torch.set_num_threads(threads)
    lacking = missing() if _BROWSER in asked else ""
    if lacking:
        left_out.append(f"{_BROWSER}: left out, for {lacking}")
    try:
        for name in names:
            for variant in variants:
                measured = network(name, Placement(effort.device, *VARIANTS[variant]))
                for question in asked:
                    if _is_asked(question, name, variant) and not (
                        question == _BROWSER and lacking
                    ):
                        minutes = (time.monotonic() - start) / 60
                        told = f"{minutes:5.1f} min  {name}, {variant}: {question}"
                        print(told, file=sys.stderr, flush=True)
                        rows = _rows(question, measured, effort, threads, left_out)
                        yield from (_labelled(row, variant) for row in rows)
        if _IMPORT in asked:
            yield from importing(effort)
    finally:
        torch.set_num_threads(usual)


def _is_asked(question: str, name: str, variant: str) -> bool:
    if question == _IMPORT:
        return False
    if name in ONLY_IN_BATCHES:
        return question == "batch"
    # Bytes on the wire and what a page does with them do not depend on the precision.
    return variant == _PLAIN or question not in ("wire", "ahead", "stroke", _BROWSER)


def _rows(
    question: str, measured: Network, effort: Effort, threads: int, left_out: list[str]
) -> Iterator[Row]:
    samples = 4 if measured.name == TINY else 32
    if question in _SIZE:
        measure_size = partial(memory, samples=samples) if question == "memory" else _SIZE[question]
        yield from measure_size(measured)
        return
    if question in _MEASURED:
        yield from _MEASURED[question](measured, effort)
        return
    if question == _BROWSER:
        plan = QUICK_PLAN if effort.rounds == QUICK.rounds else Plan()
        yield from browser(measured.name, measured.placement.device, plan, threads)
        return
    races = partial(many_inputs.batch, samples=samples) if question == "batch" else _TIME[question]
    images = {"cold": 1, "batch": samples}.get(question)
    for race in races(measured):
        entered = race
        if measured.placement.dtype != torch.float32:
            # Not every peer takes another precision.
            entered, complaints = without_the_unable(race)
            left_out += [f"{measured.name}: {complaint}" for complaint in complaints]
        for row in run(entered, effort):
            yield row if images is None else _with_images(row, images)


def _with_images(row: Row, images: int) -> Row:
    details = {
        "images a second": 1e3 * images / row.ours,
        "theirs": 1e3 * images / row.theirs,
    }
    if row.rival == "bare torch":
        details["share of the limit"] = row.theirs / row.ours
    return replace(row, details=details)


def _labelled(row: Row, variant: str) -> Row:
    return row if variant == _PLAIN else replace(row, network=f"{row.network} {variant}")
