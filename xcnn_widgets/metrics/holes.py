"""Pixels that are the weighted mean of their neighbours: conjugate gradients, each step made good by multigrid.

A hole's middle hears of its rim through all pixels between, one a step. At half the size it is half as many: so a step
asks what is missing at half the size first, and so on down (Briggs, Henson and McCormick, A Multigrid Tutorial, 2000,
chapter 3), and begins from what is found there. Six steps fill a hole of any size, where conjugate gradients alone
take hundreds.

Values are held row after row, ``(B, C, H * (W + 1))``, with a zero at the end of each row: what stands beside a pixel
is one further, what stands below it is a row further, and beyond the picture's border is a zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

# Of the residual, against that of zeros: about a tenth of a grey level at the worst pixel.
_TOLERANCE = 5e-5
_MOST_STEPS = 200
# Grids with a shorter side are smoothed until they are solved.
_SMALLEST, _SWEEPS = 8, 20
# The weights of a pixel's neighbours are a twelfth of 1 2 1 of rows and of columns, but for its own.
_SUM, _OWN = 12, 4


@dataclass(frozen=True, eq=False)
class Holes:
    """Where pixels are to be filled, at one size and at all halves of it.

    Attributes
    ----------
    size
        ``(H, W)``; both are even where there is a half.
    inside
        ``(B, 1, n)``: 1 where a pixel is to be filled, else 0. So are the next three 0 elsewhere.
    own, beside
        The factors of a pixel, and of the sum of 1 2 1 of rows and columns, in how far it is from its neighbours' mean.
    step
        What makes that good, if the neighbours stay.
    spread
        What makes a mean of that sum.
    share
        Of one known pixel in the mean of those of its cell of the half; 0 in cells that are to be filled.
    half
        The same at half the size; None where nothing is missing there, or the size is small.
    """

    size: tuple[int, int]
    inside: Tensor
    own: Tensor
    beside: Tensor
    step: Tensor
    spread: Tensor
    share: Tensor
    half: Holes | None

    @classmethod
    def of(cls, holes: Tensor, picture: Tensor | None = None) -> Holes:
        """From where pixels are missing, and where there is a picture at all, both ``(B, 1, H, W)``."""
        holes = holes.float()
        picture = torch.ones_like(holes) if picture is None else picture
        half, share = None, holes.new_empty(0)
        if min(holes.shape[2:]) >= _SMALLEST:
            even = tuple(side + side % 2 for side in holes.shape[2:])
            holes, picture = _padded(holes, even), _padded(picture, even)
            cells = F.max_pool2d(picture, 2)
            # A cell is known if any of its pixels is.
            missing = cells - F.max_pool2d(picture - holes, 2)
            half = cls.of(missing, cells) if missing.any() else None
        if half is not None:
            known = F.avg_pool2d(picture - holes, 2, divisor_override=1)
            known = _in_rows(_padded(known, half.size))
            share = torch.where(known > 0, 1 / known.clamp(min=1), 0)
        height, width = holes.shape[2:]
        inside, there = _in_rows(holes), _in_rows(picture)
        total = _summed(there, width)
        # Of less than 12 where the border is near; outside of holes any number but 0.
        total = torch.where(inside > 0, total, 2 * _OWN)
        weight = (total - _OWN) / _SUM
        own, beside = inside * total / _SUM, inside / _SUM
        step, spread = inside / weight, inside / total
        return cls((height, width), inside, own, beside, step, spread, share, half)

    def filled(self, values: Tensor) -> Tensor:
        """Values ``(B, C, H, W)`` with what is missing filled."""
        height, width = values.shape[2:]
        known = _in_rows(_padded(values, self.size)).masked_fill(self.inside > 0, 0)
        residual = self.beside * _summed(known, self.size[1])
        enough = _TOLERANCE**2 * _dot(residual, residual)
        found = self._begun(known)
        residual = residual - self._missed(found)
        direction = torch.zeros_like(known)
        before, product = residual, torch.ones_like(enough)
        for _ in range(_MOST_STEPS):
            unsolved = _dot(residual, residual) > enough
            if not unsolved.any():
                break
            better = self._cycle(residual)
            # As Polak and Ribiere do, for the cycle is not quite symmetric.
            kept = _share(_dot(better, residual - before), product)
            direction = torch.addcmul(better, kept, direction)
            before, product = residual, _dot(residual, better)
            moved = self._missed(direction)
            # What is solved stays: of rounding errors, steps of any length would be made.
            length = _share(product, _dot(direction, moved)) * unsolved
            found.addcmul_(length, direction)
            residual = torch.addcmul(residual, length, moved, value=-1)
        return self._grid(known.add_(found))[..., :height, :width]

    def _begun(self, known: Tensor) -> Tensor:
        """About what is missing: what is found at half the size, and one cycle."""
        if self.half is None:
            found = torch.zeros_like(known)
        else:
            cells = self._of_cells(known).mul_(self.share)
            found = self._from_half(cells.add_(self.half._begun(cells)))
        residual = self.beside * _summed(known, self.size[1])
        return found.add_(self._cycle(residual - self._missed(found)))

    def _missed(self, values: Tensor) -> Tensor:
        """How far values are from the weighted mean of their neighbours."""
        summed = _summed(values, self.size[1])
        return (self.own * values).addcmul_(self.beside, summed, value=-1)

    def _cycle(self, residual: Tensor) -> Tensor:
        """About the values that make this residual good: smoothed, mended at half the size, smoothed."""
        found = self.step * residual
        if self.half is None:
            small = min(self.size) < _SMALLEST
            for _ in range(_SWEEPS if small else 1):
                found.addcmul_(self.step, residual - self._missed(found))
            return found
        rest = self._to_half(residual - self._missed(found)).mul_(self.half.inside)
        found.add_(self._from_half(self.half._cycle(rest)))
        return found.addcmul_(self.step, residual - self._missed(found))

    def _to_half(self, values: Tensor) -> Tensor:
        """What bilinear interpolation to twice the size takes from each cell, turned round: 1 3 3 1 of rows and columns."""
        return self._of_cells(_summed(values, self.size[1])).div_(16)

    def _of_cells(self, values: Tensor) -> Tensor:
        """The sums of the four pixels of each cell of the half."""
        assert self.half is not None
        grid = self._grid(values)
        rows = grid[..., ::2, :] + grid[..., 1::2, :]
        return _in_rows(_padded(rows[..., ::2] + rows[..., 1::2], self.half.size))

    def _from_half(self, values: Tensor) -> Tensor:
        """Bilinear interpolation to twice the size, inside of the holes: each pixel's cell, and 1 2 1 of that."""
        assert self.half is not None
        height, width = self.size
        cells = self.half._grid(values)[..., : height // 2, : width // 2]
        large = F.interpolate(cells, scale_factor=2.0, mode="nearest")
        return _summed(_in_rows(large), self.size[1]).mul_(self.spread)

    def _grid(self, values: Tensor) -> Tensor:
        height, width = self.size
        return values.view(*values.shape[:2], height, width + 1)[..., :width]


def _in_rows(grid: Tensor) -> Tensor:
    """From ``(B, C, H, W)`` to values row after row, with a zero at the end of each."""
    return F.pad(grid, (0, 1)).flatten(2)


def _summed(values: Tensor, width: int) -> Tensor:
    """The sum of 1 2 1 of rows and of columns; at the ends of rows it means nothing."""
    across = 2 * values
    across[..., 1:].add_(values[..., :-1])
    across[..., :-1].add_(values[..., 1:])
    row = width + 1
    summed = 2 * across
    summed[..., row:].add_(across[..., :-row])
    summed[..., :-row].add_(across[..., row:])
    return summed


def _padded(grid: Tensor, size: tuple[int, ...]) -> Tensor:
    """With zeros at the right and below."""
    height, width = grid.shape[2:]
    return F.pad(grid, (0, size[1] - width, 0, size[0] - height))


def _dot(first: Tensor, second: Tensor) -> Tensor:
    """The sum of products over all pixels, ``(B, C, 1)``."""
    total: Tensor = torch.linalg.vecdot(first, second)
    return total.unsqueeze(2)


def _share(above: Tensor, below: Tensor) -> Tensor:
    return torch.where(below > 0, above / below.clamp(min=torch.finfo(below.dtype).tiny), 0.0)
