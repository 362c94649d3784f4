"""What is explained: a class index, or a callable from the output to one scalar a sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .subject import Subject

Target = int | Sequence[int] | Tensor | NDArray[np.integer[Any]] | Callable[[Any], Tensor] | None
# One class index a sample, or a callable.
Resolved = tuple[int, ...] | Callable[[Any], Tensor]


@runtime_checkable
class Anchored(Protocol):
    """A callable target that is settled on the inputs as they are given.

    What is explained must stay the same while methods change the input: the same detection, the same
    pixels. So before any question such a target is shown the model's answer to the inputs as given.
    """

    def anchored(self, output: Any, subject: Subject) -> Callable[[Any], Tensor]:
        """The target to ask, of this and of every later output.

        Parameters
        ----------
        output
            What the model returned for the inputs as given.
        subject
            The model, its inputs, and how its output is read.
        """


def anchored(
    target: Callable[[Any], Tensor], output: Any, subject: Subject
) -> Callable[[Any], Tensor]:
    """Settle a callable target on an output, if it asks for that."""
    return target.anchored(output, subject) if isinstance(target, Anchored) else target


def class_scores(logits: Tensor) -> Tensor:
    """Check that logits are one row of class scores a sample, and return them as ``(B, classes)``.

    Raises
    ------
    ValueError
        If they have another shape, as tokens do.
    """
    if logits.ndim == 1:
        return logits.unsqueeze(1)
    if logits.ndim == 2:
        return logits
    raise ValueError(
        f"the model's output has the shape {tuple(logits.shape)}, expected (B, classes), "
        "or a score for each class and pixel, (B, C, H, W) for pictures; pass a callable as target "
        "that turns the model's output into one scalar a sample, as xw.region(mask, class_index) "
        "does of (B, C, L)"
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
    return tuple(require_class(index, classes) for index in indices)


def scores(target: Callable[[Any], Tensor], output: Any, samples: int) -> Tensor:
    """Evaluate a callable target on a model's whole output: one scalar a sample, ``(B,)``, with its graph.

    Raises
    ------
    TypeError, ValueError
        If it returns something else.
    """
    name = getattr(target, "__name__", type(target).__name__)
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


def require_gradient(score: Tensor) -> None:
    """Refuse a score that hangs on no graph.

    Raises
    ------
    ValueError
        With what may have cut it off.
    """
    if not score.requires_grad:
        raise ValueError(
            "the target does not depend on what is explained: the model's output, or what the "
            "callable made of it, carries no gradient (is something detached, rounded, "
            "computed under no_grad or turned into NumPy on the way?)"
        )


def _is_index(value: object) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool | np.bool_)


def require_class(index: Any, classes: int) -> int:
    """Refuse what is no class index.

    Raises
    ------
    TypeError, ValueError
        If it is no whole number, or out of range.
    """
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
