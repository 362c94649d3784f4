"""The target's scores of inputs made from the ones explained: covered, masked, or otherwise changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, prod
from typing import Any

import torch
from torch import Tensor

from ..network import Cancelled, Resolved, Subject, at_least_float32, class_scores, scores
from ..passes import ForwardPass, ManyRuns

# Called after every batch with the share done, up to 1.
Progress = Callable[[float], None] | None
# Asked before every batch.
IsCancelled = Callable[[], bool] | None
# From class scores to what is read of them.
Read = Callable[[Tensor], Tensor]

# A processor is fastest while the memory of one batch is at hand for the next.
_PIXELS_AT_ONCE = 2**18
_MOST_AT_ONCE = 32
# A graphics card waits for Python while batches are small.
_PIXELS_ON_A_CARD = 2**22


class ManyScores:
    """Runs the model on versions of a batch and reads the target's scores.

    Parameters
    ----------
    forward
        The forward pass of the untouched inputs ``(B, C, H, W)``.
    target
        What is explained.
    exact
        Whether the model is run as it stands; see `ForwardPass`.
    read
        From class scores ``(n, classes)`` to what is read of them, such as probabilities; by default the scores.
    """

    def __init__(
        self, forward: ForwardPass, target: Resolved, *, exact: bool, read: Read | None = None
    ) -> None:
        self._subject, self._target, self._read = forward.subject, target, read
        self._run = ManyRuns(forward.subject, exact=exact)

    def __call__(self, versions: Tensor) -> Tensor:
        """The scores ``(n, B)`` of n versions of the batch, ``(n, B, C, H, W)``."""
        with torch.no_grad():
            output = self._run(versions.flatten(0, 1))
            found = scores_of(self._subject, self._target, output, len(versions), self._read)
        return at_least_float32(found).reshape(versions.shape[:2])


def scores_of(
    subject: Subject, target: Resolved, output: Any, versions: int, read: Read | None = None
) -> Tensor:
    """The target's scores in an output of the model for several versions of the batch, ``(versions * B,)``."""
    samples = versions * len(subject.inputs)
    if callable(target):
        return scores(target, output, samples)
    rows = class_scores(subject.logits(output, samples))
    rows = rows if read is None else read(rows)
    return rows[torch.arange(samples), list(target) * versions]


def versions_at_once(inputs: Tensor, versions: int, batch_size: int | None = None) -> int:
    """How many versions of a batch to run at once, so that no run is much smaller than the others.

    Parameters
    ----------
    inputs
        ``(B, C, H, W)``.
    versions
        How many there are.
    batch_size
        The most inputs a run. None is what is fast: on a processor 2**18 pixels, which are 5 inputs of
        224 x 224, and no more than 32 inputs; on a graphics card 2**22 pixels, 83 inputs.

    Raises
    ------
    TypeError, ValueError
        If `batch_size` is no whole number of at least 1.
    """
    if batch_size is not None:
        require_positive("batch_size", batch_size)
        return max(1, batch_size // len(inputs))
    pixels = prod(inputs.shape[2:])
    if inputs.is_cpu:
        most = min(_PIXELS_AT_ONCE // pixels, _MOST_AT_ONCE)
    else:
        most = _PIXELS_ON_A_CARD // pixels
    at_once = max(1, most // len(inputs))
    return ceil(versions / ceil(versions / at_once))


def refuse_cancelled(cancelled: IsCancelled, what: str, done: int, count: int, things: str) -> None:
    """Raise `Cancelled` if somebody says so, with how far it came."""
    if cancelled is not None and cancelled():
        raise Cancelled(f"{what} was cancelled after {done} of {count} {things}")


def chunks(
    count: int,
    at_once: int,
    what: str,
    things: str,
    *,
    progress: Progress,
    cancelled: IsCancelled,
) -> Iterator[range]:
    """The numbers of things, some at once: asks before each chunk whether to stop, and tells after it how far that is.

    Parameters
    ----------
    what, things
        What is done, and of what `count` is the number, for the message of a cancel.

    Raises
    ------
    Cancelled
        If `cancelled` says so.
    """
    for start in range(0, count, at_once):
        refuse_cancelled(cancelled, what, start, count, things)
        chunk = range(count)[start : start + at_once]
        yield chunk
        if progress is not None:
            progress(chunk.stop / count)


def require_positive(name: str, value: object) -> None:
    """Raise a TypeError or ValueError that names an option, unless it is a whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(
            f"{name} {value!r} is a {type(value).__name__}; expected a whole number of at least 1"
        )
    if value < 1:
        raise ValueError(f"{name} is {value}; expected at least 1")
