"""Explaining many pictures: one forward pass a batch, as large as memory allows."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ..imaging.preprocessing import Prepared
from ..methods.explanation import Explanation, explain_pass
from ..methods.table import METHODS
from ..network.targets import class_scores
from ..passes.forward_pass import ForwardPass

# Larger batches gain nothing more, and the first rows of a page would come later.
_LARGEST = 32
# A batch may take this share of the memory that is free when the size is chosen.
_SHARE = 0.25
# A container's limit and use, of control groups version 2 and 1.
_LIMITS = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture that was read: its index, and what became of it."""

    index: int
    prepared: Prepared


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
    exact
        Whether the model is run as it stands; see `ForwardPass`.
    """

    methods: tuple[str, ...]
    layer: str | None
    targets: Callable[[Tensor], Sequence[int]]
    exact: bool = True


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
    forward = ForwardPass(
        model, inputs, layers, input_gradient=to_input, copy_inputs=False, exact=question.exact
    )
    targets = list(question.targets(class_scores(forward.logits)))
    found = {}
    for name in methods:
        layer = question.layer if METHODS[name].uses_layer else None
        found[name] = explain_pass(forward, name, targets, layer, release=name == methods[-1])
    return forward.logits, found


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
        self._measured = self.chosen

    def measure(self, model: nn.Module, sample: Tensor) -> None:
        """Choose the size from what one sample's graph takes and the memory there is; once.

        A sample on which the model fails tells nothing; the next one is measured.
        """
        if self._measured:
            return
        on = sample if sample.is_cuda else next(model.parameters(), sample)
        try:
            one = graph_bytes(model, sample)
        except Exception as error:
            self._measured = out_of_memory(error)
            return
        self._measured = True
        self.value = max(1, min(_LARGEST, int(_free_bytes(on) * _SHARE / max(1, one))))

    def halve(self, too_large: int) -> None:
        """Go on with half of a size that was too large."""
        self.value = max(1, min(self.value, too_large // 2))
        pictures = "1 picture" if self.value == 1 else f"{self.value} pictures"
        self.note = f"Memory ran out; going on with {pictures} at a time."


def batches(
    indices: Iterable[int], read: Callable[[int], Sample | None], size: Callable[[], int]
) -> Iterator[tuple[list[Sample], list[int]]]:
    """Group neighbours of one shape into batches of at most `size`; with each come the indices that could not be read."""
    batch: list[Sample] = []
    lost: list[int] = []
    for index in indices:
        sample = read(index)
        if sample is None:
            lost.append(index)
        elif batch and batch[0].prepared.input.shape != sample.prepared.input.shape:
            yield batch, lost
            batch, lost = [sample], []
        else:
            batch.append(sample)
        if len(batch) + len(lost) >= size():
            yield batch, lost
            batch, lost = [], []
    if batch or lost:
        yield batch, lost


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


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(
        said in text for said in ("out of memory", "can't allocate memory", "alloc_failed")
    )


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
