"""How many pictures go through a model at once: as many as memory allows."""

from __future__ import annotations

import operator
import os
from pathlib import Path

import torch
from torch import Tensor, nn

from ..passes import ForwardPass, out_of_memory

# Larger batches gain nothing more, and the first rows of a page would come later.
_LARGEST = 32
# A processor is fastest while a batch stays near its caches: of photos 8 (decision 40 has the numbers), more of what is small.
_NEAR_PROCESSOR = 8
_GRAPHS_NEAR_PROCESSOR = 32 * 2**20
# A batch may take this share of the memory that is free when the size is chosen.
_SHARE = 0.25
# A container's limit and use, of control groups version 2 and 1.
_LIMITS = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)


class BatchSize:
    """How many samples go through the model at once; gets smaller when memory runs out.

    Parameters
    ----------
    chosen
        The size to begin with; None measures.

    Attributes
    ----------
    value
        The size in force.
    chosen
        Whether a person chose it.
    is_measured
        Whether the size stands; if not, `measure` is to be called.
    note
        What a reader has to know: that it was halved, and to what.
    """

    def __init__(self, chosen: int | None) -> None:
        try:
            self.value = 1 if chosen is None else operator.index(chosen)
        except TypeError:
            self.value = 0
        if self.value < 1 or isinstance(chosen, bool):
            raise ValueError(
                f"batch_size is {chosen!r}; expected a whole number of at least 1, or None"
            )
        self.chosen = chosen is not None
        self.note = ""
        self.is_measured = self.chosen

    def measure(self, model: nn.Module, sample: Tensor) -> None:
        """Choose the size from what one sample's graph takes and the memory there is; once.

        A sample on which the model fails tells nothing; the next one is measured.
        """
        if self.is_measured:
            return
        on = sample if sample.is_cuda else next(model.parameters(), sample)
        try:
            one = graph_bytes(model, sample)
        except Exception as error:
            self.is_measured = out_of_memory(error)
            return
        self.is_measured = True
        fits = int(_free_bytes(on) * _SHARE / max(1, one))
        self.value = max(1, min(_largest(on, one), fits))

    def halve(self, too_large: int) -> None:
        """Go on with half of a size that was too large."""
        self.value = max(1, min(self.value, too_large // 2))
        pictures = "1 picture" if self.value == 1 else f"{self.value} pictures"
        self.note = f"Memory ran out; going on with {pictures} at a time."


def _largest(on: Tensor, one: int) -> int:
    if on.device.type != "cpu":
        return _LARGEST
    return min(_LARGEST, max(_NEAR_PROCESSOR, _GRAPHS_NEAR_PROCESSOR // max(1, one)))


def graph_bytes(model: nn.Module, sample: Tensor) -> int:
    """The bytes that the graph of one sample ``(1, C, H, W)`` keeps."""
    seen: dict[int, int] = {}

    def note(saved: Tensor) -> Tensor:
        seen[saved.untyped_storage().data_ptr()] = saved.untyped_storage().nbytes()
        # The tensor itself would hold the node that holds it, and the whole graph with both.
        return saved.detach()

    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    with torch.autograd.graph.saved_tensors_hooks(note, lambda saved: saved):
        ForwardPass(model, sample, [])
    return sum(size for storage, size in seen.items() if storage not in weights)


def room_in_container(groups: Path) -> int | None:
    """The bytes that a container may still take, by its control groups; None if it has no limit."""
    for limit, used in _LIMITS:
        try:
            return int((groups / limit).read_text()) - int((groups / used).read_text())
        except (OSError, ValueError):
            continue
    return None


def _free_bytes(on: Tensor) -> int:
    if on.is_cuda:
        return int(torch.cuda.mem_get_info(on.device)[0])
    free = 2 * 2**30
    if "SC_AVPHYS_PAGES" in os.sysconf_names:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    room = room_in_container(Path("/sys/fs/cgroup"))
    return free if room is None else max(0, min(free, room))
