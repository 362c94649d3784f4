"""NaN and infinity are told, with where they come from, and never painted."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import torch
from torch import Tensor, nn

OVERFLOWED = "some value overflowed on the way: try the model in float32"


def is_finite(values: Tensor) -> bool:
    """Whether no value is NaN or infinite."""
    # A sum carries every NaN and infinity along, and takes a twentieth of the time.
    return isfinite(values.sum().item()) or bool(torch.isfinite(values).all())


def require_finite(what: str, values: Tensor, why: Callable[[], str]) -> None:
    """Check values ``(B, ...)``.

    Raises
    ------
    FloatingPointError
        If any is NaN or infinite; it names the samples, and says why.
    """
    if not is_finite(values):
        finite = torch.isfinite(values)
        broken = [sample for sample, values_of_it in enumerate(finite) if not values_of_it.all()]
        count = int((~finite).sum())
        raise FloatingPointError(
            f"{what} has {count} NaN or infinite values of {values.numel()} (samples {broken}); "
            f"{why()}"
        )


def why_not_finite(model: nn.Module, inputs: Tensor) -> str:
    """Say where the first value that is not finite came from."""
    if not torch.isfinite(inputs).all():
        return "the input has some too: look at how it was prepared"
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if not torch.isfinite(tensor).all():
            return f"the model's {name!r} has some too: load its weights again"
    return f"weights and input are finite, so {OVERFLOWED}"
