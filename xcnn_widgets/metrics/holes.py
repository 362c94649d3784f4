"""Pixels that are the weighted mean of their neighbours: conjugate gradients, each step made good by multigrid.

A hole's middle hears of its rim through all pixels between, one a step. At half the size it is half as many: so a step
asks what is missing at half the size first, and so on down (Briggs, Henson and McCormick, A Multigrid Tutorial, 2000,
chapter 3). Nine steps fill a hole of any size, where conjugate gradients alone take hundreds.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

# Of the residual, against that of zeros: about a hundredth of a grey level.
_TOLERANCE = 1e-5
_MOST_STEPS = 200
# Grids with a shorter side are smoothed until they are solved.
_SMALLEST, _SWEEPS = 8, 20


@dataclass(frozen=True, eq=False)
class Holes:
    """Where pixels are to be filled, at one size and at all halves of it.

    Attributes
    ----------
    inside
        ``(B, 1, H, W)``: 1 where a pixel is to be filled, else 0.
    weight
        ``(B, 1, H, W)``: the sum of the weights of a pixel's neighbours; less than 1 at the picture's border.
    half
        The same at half the size; None where nothing is missing there, or the size is small.
    """

    inside: Tensor
    weight: Tensor
    half: Holes | None

    @classmethod
    def of(cls, holes: Tensor, picture: Tensor | None = None) -> Holes:
        """From where pixels are missing, and where there is a picture at all, both ``(B, 1, H, W)``."""
        inside = holes.float()
        picture = torch.ones_like(inside) if picture is None else picture
        weight = neighbours(picture)
        if min(holes.shape[2:]) < _SMALLEST:
            return cls(inside, weight, None)
        cells = F.max_pool2d(_even(picture), 2)
        # A cell is known if any of its pixels is.
        missing = cells - F.max_pool2d(_even(picture - inside), 2)
        return cls(inside, weight, cls.of(missing, cells) if missing.any() else None)

    def filled(self, values: Tensor) -> Tensor:
        """Values ``(B, C, H, W)`` with what is missing filled."""
        known = values.masked_fill(self.inside > 0, 0)
        residual = self.inside * neighbours(known)
        enough = _TOLERANCE**2 * _dot(residual, residual)
        found, direction = torch.zeros_like(values), torch.zeros_like(values)
        before, product = residual, torch.ones_like(enough)
        for _ in range(_MOST_STEPS):
            if (_dot(residual, residual) <= enough).all():
                break
            better = self._cycle(residual)
            # As Polak and Ribiere do, for the cycle is not quite symmetric.
            kept = _share(_dot(better, residual - before), product)
            direction = better + kept * direction
            before, product = residual, _dot(residual, better)
            moved = self._missed(direction)
            length = _share(product, _dot(direction, moved))
            found = found + length * direction
            residual = residual - length * moved
        return known + found

    def _missed(self, values: Tensor) -> Tensor:
        """How far values are from the weighted mean of their neighbours."""
        return (self.weight * values).sub_(neighbours(values)).mul_(self.inside)

    def _cycle(self, residual: Tensor) -> Tensor:
        """About the values that make this residual good: smoothed, mended at half the size, smoothed."""
        step = self.inside / self.weight
        found = step * residual
        if self.half is None:
            small = min(residual.shape[2:]) < _SMALLEST
            for _ in range(_SWEEPS if small else 1):
                found.addcmul_(step, residual - self._missed(found))
            return found
        height, width = residual.shape[2:]
        rest = _to_half(_even(residual - self._missed(found))).mul_(self.half.inside)
        large = F.interpolate(
            self.half._cycle(rest), scale_factor=2, mode="bilinear", align_corners=False
        )
        found.addcmul_(self.inside, large[..., :height, :width])
        return found.addcmul_(step, residual - self._missed(found))


def neighbours(values: Tensor) -> Tensor:
    """The weighted sum of each pixel's eight neighbours, 0 outside: 1/6 of those at the sides, 1/12 at the corners.

    That is a twelfth of what 1 2 1 makes of rows and of columns, but for the pixel itself: three times as fast as a
    convolution.
    """
    padded = F.pad(values, (1, 1, 1, 1))
    across = (padded[..., :-2] + padded[..., 2:]).add_(padded[..., 1:-1], alpha=2)
    summed = (across[..., :-2, :] + across[..., 2:, :]).add_(across[..., 1:-1, :], alpha=2)
    return summed.div_(12).sub_(values, alpha=1 / 3)


def _to_half(values: Tensor) -> Tensor:
    """What bilinear interpolation to twice the size takes from each cell, turned round: 1 3 3 1 of rows and columns."""
    padded = F.pad(values, (1, 1, 1, 1))
    across = (padded[..., 1:-2:2] + padded[..., 2:-1:2]).mul_(3)
    across = across.add_(padded[..., :-3:2]).add_(padded[..., 3::2])
    summed = (across[..., 1:-2:2, :] + across[..., 2:-1:2, :]).mul_(3)
    return summed.add_(across[..., :-3:2, :]).add_(across[..., 3::2, :]).div_(16)


def _even(values: Tensor) -> Tensor:
    height, width = values.shape[2:]
    return F.pad(values, (0, width % 2, 0, height % 2))


def _dot(first: Tensor, second: Tensor) -> Tensor:
    return (first * second).sum(dim=(2, 3), keepdim=True)


def _share(above: Tensor, below: Tensor) -> Tensor:
    return torch.where(below > 0, above / below.clamp(min=torch.finfo(below.dtype).tiny), 0.0)
