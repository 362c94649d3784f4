"""Noisy linear imputation: missing pixels become the weighted mean of their neighbours, and a little noise.

Rong et al., 2022, arXiv:2202.00449, section 4.2. Each missing pixel is the mean of its eight neighbours, those at the
sides with weight 1/6 and those at the corners with 1/12; neighbours outside of the picture are left out. That is one
linear equation a missing pixel, symmetric and positive definite, which conjugate gradients solve, from a start that
was solved at half the size.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_SIDE, _CORNER = 1 / 6, 1 / 12
# Of the residual, against that of zeros: a hundredth of a grey level.
_TOLERANCE = 1e-5
_MOST_ITERATIONS = 2000
# Below this a start of zeros is as good.
_SMALLEST = 8


def imputed(inputs: Tensor, missing: Tensor, noise: float = 0.01, seed: int = 0) -> Tensor:
    """Fill missing pixels from their neighbours.

    Parameters
    ----------
    inputs
        ``(B, C, H, W)``.
    missing
        ``(B, H, W)``, where a pixel is to be filled. Where all of a picture is missing, its mean is taken.
    noise
        The standard deviation of what is added to filled pixels, in the units of the input.
    seed
        The same seed makes the same noise.

    Returns
    -------
    Tensor
        ``(B, C, H, W)``.

    Examples
    --------
    >>> import torch
    >>> row = torch.tensor([[[[1.0, 0.0, 0.0, 4.0]]]])
    >>> filled = imputed(row, torch.tensor([[[False, True, True, False]]]), noise=0)
    >>> [round(value, 3) for value in filled.flatten().tolist()]
    [1.0, 2.0, 3.0, 4.0]
    """
    hole = missing.unsqueeze(1)
    nothing_left = hole.flatten(1).all(dim=1)
    whole = hole & ~nothing_left[:, None, None, None]
    values = torch.where(hole, torch.zeros_like(inputs), inputs)
    found = _solved(values.float(), whole)
    mean = inputs.float().mean(dim=(2, 3), keepdim=True)
    found = torch.where(nothing_left[:, None, None, None], mean, found)
    if noise:
        generator = torch.Generator().manual_seed(seed)
        drawn = torch.randn(inputs.shape, generator=generator).to(found)
        found = found + noise * drawn * hole
    return found.to(inputs.dtype)


def _solved(values: Tensor, hole: Tensor) -> Tensor:
    """Values ``(B, C, H, W)`` with holes ``(B, 1, H, W)`` filled; 0 stands in them before."""
    inside = hole.to(values)
    weight = _neighbours(torch.ones_like(inside))
    right = inside * _neighbours(values * (1 - inside))
    found = inside * _start(values, hole)
    residual = right - inside * (weight * found - _neighbours(found))
    direction = residual.clone()
    square = _dot(residual, residual)
    enough = _TOLERANCE**2 * _dot(right, right)
    for _ in range(_MOST_ITERATIONS):
        if (square <= enough).all():
            break
        moved = inside * (weight * direction - _neighbours(direction))
        step = _share(square, _dot(direction, moved))
        found += step * direction
        residual -= step * moved
        new = _dot(residual, residual)
        direction = residual + _share(new, square) * direction
        square = new
    return values + found


def _start(values: Tensor, hole: Tensor) -> Tensor:
    """A first guess: the same problem at half the size, where a cell is known if any of its pixels is."""
    height, width = values.shape[2:]
    if min(height, width) < _SMALLEST or not hole.any():
        return torch.zeros_like(values)
    known = (~hole).to(values)
    sums = F.avg_pool2d(values * known, 2, ceil_mode=True)
    shares = F.avg_pool2d(known, 2, ceil_mode=True)
    coarse = torch.where(shares > 0, sums / shares.clamp(min=1e-6), torch.zeros_like(sums))
    solved = _solved(coarse, shares == 0)
    return F.interpolate(solved, size=(height, width), mode="bilinear", align_corners=False)


def _neighbours(values: Tensor) -> Tensor:
    """The weighted sum of each pixel's eight neighbours, 0 outside; ``(B, C, H, W)``."""
    kernel = values.new_tensor(
        [[_CORNER, _SIDE, _CORNER], [_SIDE, 0.0, _SIDE], [_CORNER, _SIDE, _CORNER]]
    )
    flat = values.flatten(0, 1).unsqueeze(1)
    return F.conv2d(flat, kernel[None, None], padding=1).reshape(values.shape)


def _dot(first: Tensor, second: Tensor) -> Tensor:
    return (first * second).sum(dim=(2, 3), keepdim=True)


def _share(above: Tensor, below: Tensor) -> Tensor:
    return torch.where(below > 0, above / below.clamp(min=torch.finfo(below.dtype).tiny), 0.0)
