"""The questions, and asking them of networks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from inspect import getdoc

import torch

from . import many_inputs, many_passes, one_picture
from .browser import missing, screen
from .data_sets import data_sets
from .expected import is_expected
from .memory import memory
from .networks import Network, network
from .rows import Race, Row, run
from .timing import Effort, old_objects_left_alone

_RACES: Mapping[str, Callable[[Network], Race]] = {
    "cold": one_picture.cold,
    "class": one_picture.another_class,
    "class-middle": one_picture.class_middle,
    "class-first": one_picture.class_first,
    "layers": one_picture.all_layers,
    "methods": one_picture.six_methods,
    "session": one_picture.session,
    "session-cams": one_picture.session_cams,
    "stroke": one_picture.stroke,
    "batch": many_inputs.batch,
    "batch-cams": many_inputs.batch_cams,
    "occlusion": many_inputs.occlusion,
    "five-cams": many_passes.five_cams,
    "score-cam": many_passes.score_cam,
    "ablation-cam": many_passes.ablation_cam,
    "integrated-gradients": many_passes.integrated_gradients,
    "smooth-grad": many_passes.smooth_grad,
    "road": many_passes.road,
    "deletion": many_passes.deletion,
}
_SCREEN = "screen"
# What is asked otherwise than by racing.
_OTHERS: Mapping[str, Callable[[Network, Effort], Iterator[Row]]] = {
    "memory": memory,
    "data-sets": data_sets,
    _SCREEN: screen,
}
QUESTIONS = (*_RACES, *_OTHERS)


def meaning(question: str) -> str:
    """What a question asks, in a sentence."""
    return " ".join((getdoc(_RACES.get(question) or _OTHERS[question]) or "").split())


def measure(
    names: Sequence[str],
    questions: Sequence[str],
    effort: Effort,
    threads: int,
    left_out: list[str],
    *,
    only_expected: bool = False,
) -> Iterator[Row]:
    """Ask questions of networks, all of them or only those that something is expected of.

    What could not be asked is told in `left_out`, a sentence each.
    """
    lacking = missing() if _SCREEN in questions else ""
    if lacking:
        left_out.append(f"{_SCREEN}: left out, for {lacking}")
        questions = [question for question in questions if question != _SCREEN]
    usual, start = torch.get_num_threads(), time.monotonic()
    torch.set_num_threads(threads)
    try:
        for name in names:
            measured = network(name, effort.device)
            for question in questions:
                if only_expected and not is_expected(question, name):
                    continue
                minutes = (time.monotonic() - start) / 60
                print(f"{minutes:5.1f} min  {name}: {question}", file=sys.stderr, flush=True)
                yield from _rows(question, measured, effort, only_expected=only_expected)
    finally:
        torch.set_num_threads(usual)


def _rows(
    question: str, measured: Network, effort: Effort, *, only_expected: bool
) -> Iterator[Row]:
    if question in _OTHERS:
        yield from _OTHERS[question](measured, effort)
        return
    race = _RACES[question](measured)
    with closing(race), old_objects_left_alone():
        yield from run(race, question, measured.name, effort, only_expected=only_expected)
