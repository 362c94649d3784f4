"""Occlusion: cover a part of the input and watch the target's score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod
from typing import Any

import torch
from torch import Tensor

from ..network import at_least_float32
from .many_scores import (
    IsCancelled,
    ManyScores,
    Progress,
    chunks,
    require_positive,
    versions_at_once,
)
from .question import Question


def occlusion(
    asked: Question,
    *,
    patch: int = 32,
    stride: int = 16,
    baseline: float | Sequence[float] | Tensor = 0.0,
    batch_size: int | None = None,
    exact: bool = True,
    progress: Progress = None,
    cancelled: IsCancelled = None,
) -> Tensor:
    r"""Occlusion: the drop in the target's score when a patch is covered, averaged over a pixel's windows.

    .. math:: \frac{1}{|W|} \sum_{w \in W} \left( s(x) - s(x_w) \right)

    with :math:`W` the windows that cover the pixel, and :math:`x_w` the input with window :math:`w` covered.

    Zeiler and Fergus, 2014, arXiv:1311.2901, section 4.2; windows and averaging as in Captum's
    `Occlusion`: they start at every multiple of the stride, and those at the right and lower edge
    are cut off by it.

    Parameters
    ----------
    asked
        What is explained, and the forward pass of the untouched inputs.
    patch, stride
        The side of the square window and the step between windows, in pixels of the input; at least
        1. The stride is at most the patch, so that no pixel is left out. A patch larger than the
        input covers all of it.
    baseline
        What covers the patch, in the units of the input: a number, one number a channel, or a
        tensor that broadcasts against ``(C, H, W)``. 0 is the mean colour under the usual
        normalisation.
    batch_size
        How many covered inputs go through the model at once, at most. None is what is fast: on a
        processor 2**18 pixels, which are 5 inputs of 224 x 224, and no more than 32 inputs; on a
        graphics card 2**22 pixels, 83 inputs.
    exact
        Whether the covered inputs go through the model as it stands. If not, BatchNorms are folded
        and maps are channels last, as `ForwardPass` says: up to two fifths faster, with numbers
        that differ in their last digits, for one run more the first time a model is seen.
    progress
        Called after every batch with the share done, up to 1.
    cancelled
        Asked before every batch.

    Returns
    -------
    Tensor
        ``(B, H, W)``, signed: positive where covering lowers the score.

    Raises
    ------
    TypeError, ValueError
        If an option does not fit.
    Cancelled
        If `cancelled` says so.
    """
    forward, target, inputs = asked.forward, asked.target, asked.forward.inputs
    for name, value in {"patch": patch, "stride": stride}.items():
        require_positive(name, value)
    if any(patch < stride and patch < side for side in inputs.shape[2:]):
        raise ValueError(
            f"stride {stride} is larger than patch {patch}, which leaves pixels out; "
            f"use at most {patch}"
        )
    windows = _Windows.over(inputs, patch, stride)
    at_once = versions_at_once(inputs, len(windows), batch_size)
    cover = _cover(baseline, inputs)
    untouched = at_least_float32(forward.scores(target))
    covered_scores = ManyScores(forward, target, exact=exact)
    drops = [
        untouched - covered_scores(_with_covered(inputs, cover, windows, chunk))
        for chunk in chunks(
            len(windows), at_once, "occlusion", "windows", progress=progress, cancelled=cancelled
        )
    ]
    return windows.spread(torch.cat(drops))


@dataclass(frozen=True, eq=False)
class _Windows:
    """Windows on a grid, numbered row by row.

    Attributes
    ----------
    covered
        For each side of the input, the pixels that each row of windows covers, ``(windows, patch)``.
        Where the edge cuts a window off, the last pixel stands for those beyond it.
    size
        The sides of the input, ``(H, W)``.
    """

    covered: tuple[Tensor, ...]
    size: tuple[int, ...]

    @classmethod
    def over(cls, inputs: Tensor, patch: int, stride: int) -> _Windows:
        """Those over a batch of inputs."""
        size = tuple(inputs.shape[2:])
        covered = (_covered(side, min(patch, side), stride).to(inputs.device) for side in size)
        return cls(tuple(covered), size)

    def __len__(self) -> int:
        return prod(map(len, self.covered))

    def pixels(self, numbers: range) -> tuple[Tensor, ...]:
        """The pixels of some windows along each side, to be used as one index."""
        number = torch.arange(numbers.start, numbers.stop, device=self.covered[0].device)
        pixels: list[Tensor] = []
        for axis in reversed(range(len(self.size))):
            covered = self.covered[axis]
            shape = [len(number), *(1 for _ in self.size)]
            shape[1 + axis] = covered.shape[1]
            pixels.append(covered[number % len(covered)].reshape(shape))
            number = number.div(len(covered), rounding_mode="floor")
        return tuple(reversed(pixels))

    def spread(self, values: Tensor) -> Tensor:
        """From one value a window, ``(windows, B)``, to the mean over each pixel's windows, ``(B, H, W)``."""
        # A small sum, and not every device has numbers as fine as this.
        spread = values.T.cpu().double().reshape(-1, *map(len, self.covered))
        covered_by = torch.ones((), dtype=torch.float64)
        for pixels, side in zip(self.covered, self.size, strict=True):
            covers = torch.zeros(len(pixels), side, dtype=torch.float64)
            covers.scatter_(1, pixels.cpu(), 1)
            spread = torch.tensordot(spread, covers, dims=([1], [0]))
            covered_by = covered_by.unsqueeze(-1) * covers.sum(0)
        return (spread / covered_by).to(values)


def _with_covered(inputs: Tensor, cover: Tensor, windows: _Windows, numbers: range) -> Tensor:
    """The inputs with each of some windows covered, ``(windows, B, C, H, W)``."""
    pixels = windows.pixels(numbers)
    covered = inputs.expand(len(numbers), *inputs.shape).clone(
        memory_format=torch.contiguous_format
    )
    window = torch.arange(len(numbers), device=covered.device)
    window = window.reshape(-1, *(1 for _ in pixels))
    # Where an index stands on both sides of a slice, torch puts what it picks in front.
    everything: Any = slice(None)
    patch = cover[everything, *pixels].movedim(0, -1).unsqueeze(-2)
    covered[window, everything, everything, *pixels] = patch
    return covered


def _covered(side: int, patch: int, stride: int) -> Tensor:
    """The pixels of a side that the windows along it cover, ``(windows, patch)``."""
    starts = stride * torch.arange(ceil((side - patch) / stride) + 1)[:, None]
    return (starts + torch.arange(patch)).clamp(max=side - 1)


def _cover(baseline: float | Sequence[float] | Tensor, inputs: Tensor) -> Tensor:
    shape = inputs.shape[1:]
    cover = torch.as_tensor(baseline, dtype=inputs.dtype, device=inputs.device)
    if cover.ndim == 1:
        cover = cover.reshape(-1, *(1 for _ in shape[1:]))
    try:
        return cover.expand(shape)
    except RuntimeError:
        raise ValueError(
            f"baseline has the shape {tuple(cover.shape)}, which does not broadcast against "
            f"the input's {tuple(shape)}; use one number, or one a channel"
        ) from None
