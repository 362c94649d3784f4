"""How a model is called on pictures: what it takes beside them, and which part of its answer counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..network import OutputChoice, Reshape


@dataclass(frozen=True, eq=False)
class Calling:
    """How a model is called.

    Attributes
    ----------
    output, reshape
        As `explain` takes them.
    additional_forward_args
        What the model takes after the picture, for one picture (tensors have a first size of 1): one
        thing or a tuple; or a callable from the picture's index to that.
    """

    output: OutputChoice = None
    reshape: Reshape | None = None
    additional_forward_args: Any = None

    def on(self, indices: Sequence[int]) -> dict[str, Any]:
        """What `ForwardPass`, `explain` and `target_layers` take, for a batch of pictures."""
        further = self.additional_forward_args
        if further is not None:
            each = [_as_tuple(further(i) if callable(further) else further) for i in indices]
            further = _joined(each, indices)
        return {"output": self.output, "reshape": self.reshape, "additional_forward_args": further}


def _as_tuple(arguments: Any) -> tuple[Any, ...]:
    return arguments if isinstance(arguments, tuple) else (arguments,)


def _joined(each: Sequence[tuple[Any, ...]], indices: Sequence[int]) -> tuple[Any, ...]:
    """One tuple for a batch: rows below each other, and of what is no row the first."""
    counts = {index: len(arguments) for index, arguments in zip(indices, each, strict=True)}
    if len(set(counts.values())) != 1:
        told = ", ".join(f"picture {index}: {count}" for index, count in counts.items())
        raise ValueError(
            f"additional_forward_args gives tuples of different lengths ({told}); expected as many "
            "arguments for each picture"
        )
    return tuple(_column(parts) for parts in zip(*each, strict=True))


def _column(parts: Sequence[Any]) -> Any:
    first = parts[0]
    is_row = isinstance(first, Tensor) and first.ndim > 0 and len(first) == 1
    return torch.cat([*parts]) if is_row else first
