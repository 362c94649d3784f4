"""Timing two calls side by side, so that whatever else the machine does falls on both of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

import torch


@dataclass(frozen=True)
class Effort:
    """How long to measure: until `seconds` are over, but at least `rounds`; `long_seconds` and `long_rounds` where a call takes over a second.

    What runs on the `device` ``cuda`` is timed by events of the device itself.
    """

    rounds: int = 9
    seconds: float = 4.0
    long_rounds: int = 3
    long_seconds: float = 20.0
    most_rounds: int = 50
    most_repeats: int = 20
    device: str = "cpu"

    def is_enough(self, rounds: int, seconds: float, *, is_long: bool) -> bool:
        """Whether to stop after so many rounds in so many seconds."""
        fewest = self.long_rounds if is_long else self.rounds
        limit = self.long_seconds if is_long else self.seconds
        return rounds >= self.most_rounds or (rounds >= fewest and seconds >= limit)


QUICK = Effort(rounds=1, long_rounds=1, most_rounds=1, most_repeats=1)

_LONG = 1.0
# A call that is over sooner is repeated, so that the clock and cold caches weigh little.
_SHORTEST_SAMPLE = 0.005


def duel(
    ours: Callable[[], object], theirs: Callable[[], object], effort: Effort
) -> tuple[list[float], list[float]]:
    """The seconds of both calls, one sample a round; who comes first is drawn by lot.

    A run of each to warm up is thrown away, two of the quick ones, and six of those that are over at once: what an
    answer prepares for later ones is not what a later one costs.
    """
    calls = (ours, theirs)
    once = [_warmed_up(call, effort) for call in calls]
    repeats = [min(effort.most_repeats, 1 + int(_SHORTEST_SAMPLE / each)) for each in once]
    is_long = max(once) > _LONG
    samples: tuple[list[float], list[float]] = ([], [])
    order, chance = [0, 1], Random(0)
    start = time.perf_counter()
    while not effort.is_enough(len(samples[0]), time.perf_counter() - start, is_long=is_long):
        chance.shuffle(order)
        with _garbage_kept():
            if not is_long:
                # Who comes first would meet caches that the garbage collector has swept.
                calls[order[1]]()
            for each in order:
                samples[each].append(_seconds(calls[each], effort, repeats[each]))
    return samples


@contextmanager
def old_objects_left_alone() -> Iterator[None]:
    """What is there already is no garbage: to go through it before each sample would take half a second."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _warmed_up(call: Callable[[], object], effort: Effort) -> float:
    once = _seconds(call, effort)
    if once < _LONG:
        once = _seconds(call, effort)
    if once < _SHORTEST_SAMPLE:
        once = min(_seconds(call, effort) for _ in range(4))
    return once


def _seconds(call: Callable[[], object], effort: Effort, repeats: int = 1) -> float:
    if effort.device == "cuda":
        return _seconds_by_events(call, repeats)
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def _seconds_by_events(call: Callable[[], object], repeats: int) -> float:
    """From the device idle to the device idle, by its own clock."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    start.record()
    for _ in range(repeats):
        call()
        # An answer is there when the device is done: of calls in a row, the next is not begun before.
        torch.cuda.synchronize()
    end.record()
    end.synchronize()
    return float(start.elapsed_time(end)) / 1e3 / repeats


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Collect garbage first, and none in between."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
