"""What stands for "nothing there": where a path to the input starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

Named = Literal["mean", "blur", "noise"]
Baseline = float | Sequence[float] | Tensor | Named

# Of the shorter side: what is left are large shapes.
_BLUR = 1 / 16


def baseline_of(baseline: Baseline, inputs: Tensor, seed: int = 0) -> Tensor:
    """A baseline, which broadcasts against inputs ``(B, C, H, W)``, in their units.

    Parameters
    ----------
    baseline
        A number; one number a channel (black is ``-mean / std`` of the usual normalisation); a tensor that broadcasts
        against ``(C, H, W)`` or ``(B, C, H, W)``, such as another picture's input; or a name: ``mean``, the mean of
        each sample's channels; ``blur``, the input through a Gaussian whose standard deviation is a sixteenth of its
        shorter side; ``noise``, Gaussian noise with the mean and the standard deviation of each sample's channels.
    inputs
        What is explained.
    seed
        Of the noise.

    Raises
    ------
    TypeError, ValueError
        If it is none of these.

    Examples
    --------
    >>> import torch
    >>> baseline_of("mean", torch.tensor([[[[1.0, 3.0]]]])).tolist()
    [[[[2.0]]]]
    """
    if isinstance(baseline, str):
        return _named(baseline, inputs, seed)
    start = torch.as_tensor(baseline, dtype=inputs.dtype, device=inputs.device)
    if start.ndim == 1:
        start = start.reshape(-1, *(1,) * (inputs.ndim - 2))
    try:
        return start.expand(inputs.shape)
    except RuntimeError:
        raise ValueError(
            f"baseline has the shape {tuple(start.shape)}, which does not broadcast against the input's "
            f"{tuple(inputs.shape[1:])}; use one number, or one a channel, or an input of that shape"
        ) from None


def _named(name: str, inputs: Tensor, seed: int) -> Tensor:
    sides = tuple(range(2, inputs.ndim))
    mean = inputs.mean(dim=sides, keepdim=True)
    if name == "mean":
        return mean
    if name == "noise":
        drawn = torch.randn(inputs.shape[1:], generator=torch.Generator().manual_seed(seed))
        return mean + inputs.std(dim=sides, keepdim=True) * drawn.to(inputs)
    if name == "blur":
        return blurred(inputs, max(1.0, _BLUR * min(inputs.shape[2:])))
    raise ValueError(
        f"no baseline {name!r}; there are {', '.join(map(repr, get_args(Named)))}; or give a number, one a channel "
        "(black is -mean / std of your normalisation), or another input"
    )


def blurred(inputs: Tensor, deviation: float) -> Tensor:
    """Inputs ``(B, C, *grid)`` through a Gaussian of a standard deviation in pixels; edges are repeated."""
    radius = int(3 * deviation + 0.5)
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float32, device=inputs.device)
    kernel = torch.exp(-(offsets**2) / (2 * deviation**2))
    kernel = (kernel / kernel.sum()).to(inputs.dtype)
    for axis in range(2, inputs.ndim):
        along = inputs.movedim(axis, -1)
        rows = along.reshape(-1, 1, along.shape[-1])
        padded = F.pad(rows, (radius, radius), mode="replicate")
        inputs = F.conv1d(padded, kernel[None, None]).reshape(along.shape).movedim(-1, axis)
    return inputs
