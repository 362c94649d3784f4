"""Timing contenders side by side, so that whatever else the machine does falls on all of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from statistics import median, quantiles

import torch


@dataclass(frozen=True)
class Effort:
    """How long to measure: at least `rounds`, then until `seconds` are over, at most `most_rounds`.

    Where the calls take long, two rounds are enough once six times as many seconds are over, and half a minute.

    `clock` is that of the wall, or of the processor for a machine that others use at the same time. What runs on the
    `device` ``cuda`` is timed by events of the device itself.
    """

    rounds: int = 5
    most_rounds: int = 100
    seconds: float = 5.0
    most_repeats: int = 20
    clock: Callable[[], float] = time.perf_counter
    device: str = "cpu"

    def is_enough(self, rounds: int, seconds: float) -> bool:
        """Whether to stop after so many rounds in so many seconds."""
        if rounds >= self.rounds:
            return seconds > self.seconds
        return rounds >= _FEWEST_ROUNDS and seconds > max(_LONG, _TIMES * self.seconds)


# Of a race whose calls take long: the fewest rounds, and when they are enough, in seconds and times its own.
_FEWEST_ROUNDS, _LONG, _TIMES = 2, 30.0, 6

QUICK = Effort(rounds=1, most_rounds=1, seconds=0.0, most_repeats=1)

# A call that is over sooner is repeated, so that the clock and cold caches weigh little.
_SHORTEST_SAMPLE = 0.005
# The first call of all tells little about the others; only if it was quick does that matter.
_WORTH_REPEATING = 1.0


@dataclass(frozen=True)
class Ratio:
    """A ratio of medians, with the quartiles of the ratios of each round."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
        """Compare samples that were taken in the same rounds."""
        paired = [a / b for a, b in zip(numerators, denominators, strict=True)]
        low, _, high = quantiles(paired, n=4, method="inclusive") if len(paired) > 1 else paired * 3
        return cls(median(numerators) / median(denominators), low, high)


def interleaved(
    calls: Mapping[str, Callable[[], object]], effort: Effort
) -> dict[str, list[float]]:
    """The seconds of each call, one sample a round; every round runs all of them, in an order of its own.

    A run of each to warm up is thrown away, two of the quick ones, and six of those that are over at once: what an
    answer prepares for later ones is not what a later one costs.
    """
    repeats, quick = {}, True
    for name, call in calls.items():
        once = _seconds(call, effort)
        quick &= once < _WORTH_REPEATING
        if once < _WORTH_REPEATING:
            once = _seconds(call, effort)
        if once < _SHORTEST_SAMPLE:
            once = min(_seconds(call, effort) for _ in range(4))
        repeats[name] = min(effort.most_repeats, 1 + int(_SHORTEST_SAMPLE / once))
    samples: dict[str, list[float]] = {name: [] for name in calls}
    order, chance = list(calls), Random(0)
    start = time.perf_counter()
    for done in range(effort.most_rounds):
        if effort.is_enough(done, time.perf_counter() - start):
            break
        chance.shuffle(order)
        with _garbage_kept():
            if quick:
                # Who comes first would meet caches that the garbage collector has swept.
                calls[order[-1]]()
            for name in order:
                samples[name].append(_seconds(calls[name], effort, repeats[name]))
    return samples


def _seconds(call: Callable[[], object], effort: Effort, repeats: int = 1) -> float:
    if effort.device == "cuda":
        return _seconds_by_events(call, repeats)
    start = effort.clock()
    for _ in range(repeats):
        call()
    return (effort.clock() - start) / repeats


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
