"""What is explained: a class index, or a callable from the output to one scalar a sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Target = int | Sequence[int] | Tensor | NDArray[np.integer[Any]] | Callable[[Any], Tensor] | None
# One class index a sample, or a callable.
Resolved = tuple[int, ...] | Callable[[Any], Tensor]


def logits_of(output: Any) -> Tensor:
    """Find the logits ``(B, classes)`` in whatever a model returned.

    Parameters
    ----------
    output
        A tensor; a tuple or list (its first tensor); a mapping (its ``"logits"``, else its first
        tensor); or an object with an attribute ``logits``.

    Raises
    ------
    TypeError
        If there is no tensor to be found.
    """
    if isinstance(output, Tensor):
        return output
    logits = (
        output.get("logits") if isinstance(output, Mapping) else getattr(output, "logits", None)
    )
    if isinstance(logits, Tensor):
        return logits
    if isinstance(output, Mapping):
        output = list(output.values())
    if isinstance(output, Sequence):
        for item in output:
            if isinstance(item, Tensor):
                return item
    raise TypeError(
        f"the model returned {type(output).__name__}, in which no logits were found; expected a "
        "tensor (B, classes), a tuple or dict that holds one, or an object with .logits: wrap the "
        "model in one that returns its logits"
    )


def class_scores(logits: Tensor) -> Tensor:
    """Check that logits are one row of class scores a sample, and return them as ``(B, classes)``.

    Raises
    ------
    ValueError
        If they have another shape, as those of a segmentation network do.
    """
    if logits.ndim == 1:
        return logits.unsqueeze(1)
    if logits.ndim == 2:
        return logits
    raise ValueError(
        f"the model's output has the shape {tuple(logits.shape)}, expected (B, classes); "
        "pass a callable as target that turns the model's output into one scalar a sample"
    )


def class_indices(target: Target, logits: Tensor) -> tuple[int, ...] | None:
    """Turn a target into one class index a sample; None for a callable. Errors as of `resolved`."""
    found = resolved(target, logits)
    return found if isinstance(found, tuple) else None


def resolved(target: Target, logits: Tensor) -> Resolved:
    """Turn a target into one class index a sample; a callable stays what it is.

    Parameters
    ----------
    target
        None (each sample's predicted class), one index for all samples, or one index for each.
    logits
        ``(B, classes)``.

    Raises
    ------
    TypeError
        If the target is none of these.
    ValueError
        If an index is out of range, or their number is not B.
    """
    if callable(target):
        return target
    if target is None:
        return tuple(class_scores(logits).argmax(dim=1).tolist())
    samples, classes = class_scores(logits).shape
    if isinstance(target, Tensor | np.ndarray):
        target = target.tolist()
    indices = [target] * samples if _is_index(target) else target
    if isinstance(indices, str) or not isinstance(indices, Sequence):
        raise TypeError(
            f"target {target!r} is a {type(target).__name__}; expected a class index, "
            "one index for each sample, a callable, or None for the predicted class"
        )
    if len(indices) != samples:
        raise ValueError(
            f"{len(indices)} targets for {samples} samples; give one for all or one for each"
        )
    return tuple(_checked(index, classes) for index in indices)


def scores(target: Target, output: Any) -> Tensor:
    """Evaluate a target: one scalar a sample, ``(B,)``, still part of the graph.

    Raises
    ------
    TypeError, ValueError
        As `class_indices`; and if a callable returns something else than one scalar a sample.
    """
    if callable(target):
        return _called(target, output)
    logits = class_scores(logits_of(output))
    indices = torch.tensor(class_indices(target, logits), device=logits.device)
    return logits.gather(1, indices.unsqueeze(1)).squeeze(1)


def _called(target: Callable[[Any], Tensor], output: Any) -> Tensor:
    name = getattr(target, "__name__", type(target).__name__)
    samples = len(logits_of(output))
    result = target(output)
    if not isinstance(result, Tensor):
        raise TypeError(
            f"the target {name} returned {type(result).__name__}; expected a tensor ({samples},)"
        )
    if result.numel() != samples or result.ndim > 1:
        raise ValueError(
            f"the target {name} returned the shape {tuple(result.shape)}; expected one scalar a "
            f"sample: ({samples},)"
        )
    return result.reshape(samples)


def _is_index(value: object) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool | np.bool_)


def _checked(index: Any, classes: int) -> int:
    if not _is_index(index):
        raise TypeError(
            f"target {index!r} is a {type(index).__name__}; expected a class index, "
            f"0 to {classes - 1}"
        )
    number = int(index.__index__())
    if not 0 <= number < classes:
        raise ValueError(
            f"target {number} is out of range: the model has {classes} classes, 0 to {classes - 1}"
        )
    return number
