"""Explaining many pictures: one forward pass a batch, as large as memory allows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..attribution.forward_pass import ForwardPass
from ..attribution.methods import METHODS, Explanation, explain_pass
from ..attribution.targets import class_scores

# Larger batches gain nothing more, and the first rows of a page would come later.
_LARGEST = 32
# A batch may take this share of the memory that is free when the size is chosen.
_SHARE = 0.25


@dataclass(frozen=True, eq=False)
class BatchQuestion:
    """What is asked of every sample of a batch.

    Attributes
    ----------
    methods
        Names of methods.
    layer
        The target layer, or None if no method uses one.
    targets
        From the logits ``(B, classes)`` to one class a sample.
    """

    methods: tuple[str, ...]
    layer: str | None
    targets: Callable[[Tensor], Sequence[int]]


def explain_batch(
    model: nn.Module, inputs: Tensor, question: BatchQuestion
) -> tuple[Tensor, dict[str, Explanation]]:
    """Answer a question about a batch ``(B, C, H, W)`` from one forward pass.

    Returns
    -------
    tuple
        The logits, and an explanation for each method.
    """
    # Those that need the whole graph come last, so that the last one can let go of it while it runs.
    methods = sorted(question.methods, key=lambda name: METHODS[name].uses_input_gradient)
    to_input = any(METHODS[name].uses_input_gradient for name in methods)
    uses_layer = any(METHODS[name].uses_layer for name in methods)
    layers = [question.layer] if uses_layer and question.layer is not None else []
    forward = ForwardPass(model, inputs, layers, input_gradient=to_input)
    targets = list(question.targets(class_scores(forward.logits)))
    found = {}
    for name in methods:
        layer = question.layer if METHODS[name].uses_layer else None
        found[name] = explain_pass(forward, name, targets, layer, release=name == methods[-1])
    return forward.logits, found


class BatchSize:
    """How many samples go through the model at once; halves itself when memory runs out.

    Attributes
    ----------
    value
        The size in force.
    note
        What a reader has to know: that it was halved, and to what.
    """

    def __init__(self, chosen: int | None) -> None:
        if chosen is not None and (isinstance(chosen, bool) or chosen < 1):
            raise ValueError(
                f"batch_size is {chosen!r}; expected a whole number of at least 1, or None"
            )
        self.value = chosen or 1
        self.note = ""
        self._measured = chosen is not None

    def measure(self, model: nn.Module, sample: Tensor) -> None:
        """Choose the size from what one sample's graph takes and the memory there is; once."""
        if not self._measured:
            self._measured = True
            room = (
                _free_bytes(sample if sample.is_cuda else next(model.parameters(), sample)) * _SHARE
            )
            self.value = max(1, min(_LARGEST, int(room / max(1, graph_bytes(model, sample)))))

    def halve(self) -> bool:
        """Use half of the size from now on; False if it is 1 already."""
        if self.value == 1:
            return False
        self.value //= 2
        self.note = f"Memory ran out; going on with {self.value} pictures at a time."
        return True


def graph_bytes(model: nn.Module, sample: Tensor) -> int:
    """The bytes that the graph of one sample ``(1, C, H, W)`` keeps."""
    seen: dict[int, int] = {}

    def note(saved: Tensor) -> Tensor:
        seen[saved.untyped_storage().data_ptr()] = saved.untyped_storage().nbytes()
        return saved

    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    with torch.autograd.graph.saved_tensors_hooks(note, lambda saved: saved):
        ForwardPass(model, sample, [])
    return sum(size for storage, size in seen.items() if storage not in weights)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "out of memory" in text or "can't allocate memory" in text
    )


def same_shapes(
    inputs: Iterable[tuple[int, Tensor]], size: Callable[[], int]
) -> Iterator[list[tuple[int, Tensor]]]:
    """Group neighbours of one shape into batches of at most `size` samples."""
    batch: list[tuple[int, Tensor]] = []
    for index, sample in inputs:
        if batch and (batch[0][1].shape != sample.shape or len(batch) >= size()):
            yield batch
            batch = []
        batch.append((index, sample))
    if batch:
        yield batch


def _free_bytes(on: Tensor) -> int:
    if on.is_cuda:
        return int(torch.cuda.mem_get_info(on.device)[0])
    if "SC_AVPHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 2 * 2**30
