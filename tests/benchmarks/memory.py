"""How much memory an answer takes at its peak, from the profiler's log of every allocation: exact, the same in every run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import torch
from torch.profiler import ProfilerActivity, profile

from . import many_inputs, one_picture
from .networks import Network
from .rows import BARE, Race, Row, row
from .timing import Effort

_MEBIBYTE = 2**20


def memory(network: Network, _: Effort) -> Iterator[Row]:
    """The peak of allocated memory in `cold`, `session` and `batch`."""
    for name, asked in (
        ("memory cold", one_picture.cold),
        ("memory session", one_picture.session),
        ("memory batch", many_inputs.batch),
    ):
        race: Race = asked(network)
        bare = next(rival for rival in race.rivals if rival.name == BARE)
        ours, theirs = (
            peak_bytes(call, network.device) / _MEBIBYTE for call in (race.ours, bare.run)
        )
        yield row(name, network.name, BARE, [ours], [theirs], "MiB", at_most=True)


def peak_bytes(call: Callable[[], object], device: str = "cpu") -> int:
    """How far the bytes allocated rise above what they were before the call."""
    call()
    gc.collect()
    if device == "cuda":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        call()
        return torch.cuda.max_memory_allocated() - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as log:
        call()
    assert log.profiler is not None and log.profiler.kineto_results is not None
    changes = [e for e in log.profiler.kineto_results.events() if e.name() == "[memory]"]
    held = peak = 0
    for change in sorted(changes, key=lambda event: event.start_ns()):
        held += change.nbytes()
        peak = max(peak, held)
    if not peak:
        raise RuntimeError(
            "the profiler logged no allocation: its event for memory may have another name now"
        )
    return peak
