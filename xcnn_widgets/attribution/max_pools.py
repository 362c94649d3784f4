"""Max pooling that finds where each maximum was only when a gradient asks for it.

torch's max pooling of maps that lie channel by channel notes with each maximum where it was, and takes 4
to 12 times as long as the maxima alone: 11 ms of VGG-16's first pool are 1.4. A window's maximum is that
of its rows' maxima, and a maximum has no rounding: the result is torch's to the bit, NaN where it has NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.utils import _pair

from .graph import is_packed

# Of fewer numbers, torch's one call takes less time than these few.
_FEWEST = 1 << 16

Pair = tuple[int, int]


def pooled(pool: nn.MaxPool2d, given: Tensor) -> Tensor | None:
    """A max pooling of `given` ``(B, C, H, W)``, if it is one that this way is faster for."""
    if given.ndim != 4 or given.numel() < _FEWEST or pool.return_indices:
        return None
    window = Window(
        _pair(pool.kernel_size), _pair(pool.stride), _pair(pool.padding), pool.ceil_mode
    )
    if _pair(pool.dilation) != (1, 1) or not window.fits(given):
        return None
    if not given.requires_grad:
        return window.maxima(given)
    # What is computed again on the way back is torch's own, and keeps the places too.
    result: Tensor | None = None if is_packed() else _MaxPool.apply(given, window)
    return result


@dataclass(frozen=True)
class Window:
    """What a max pooling looks at; sizes are of rows and columns."""

    size: Pair
    stride: Pair
    padding: Pair
    ceil: bool

    def fits(self, given: Tensor) -> bool:
        """Whether it has something to compare; who pads by more than half of it gets torch's own error."""
        sizes = zip(self.size, self.padding, strict=True)
        usual = all(size > 1 and 2 * padding <= size for size, padding in sizes)
        return usual and all(self._count(given, axis) > 0 for axis in (0, 1))

    def maxima(self, given: Tensor) -> Tensor:
        """The largest number in each window, ``(B, C, h, w)``; no view of anything."""
        samples, channels, height, width = given.shape
        (_, size), (_, stride), (_, padding) = self.size, self.stride, self.padding
        lines = given.view(1, samples * channels * height, width)
        across = F.max_pool1d(lines, size, stride, padding, ceil_mode=self.ceil)
        across = across.view(samples, channels, height, -1)
        (size, _), (stride, _), (padding, _) = self.size, self.stride, self.padding
        rows = self._count(given, 0)
        # The row of a window where the padding ends is one that hardly any window misses.
        some = across[:, :, ::stride][:, :, :rows]
        whole = some.shape[2] == rows
        shape = (samples, channels, rows, across.shape[-1])
        result = some.clone() if whole else across.new_full(shape, -math.inf)
        for row in range(size):
            above = row - padding
            if above == 0 and whole:
                continue
            first = -(above // stride) if above < 0 else 0
            part = across[:, :, first * stride + above :: stride][:, :, : rows - first]
            there = result[:, :, first : first + part.shape[2]]
            torch.maximum(there, part, out=there)
        return result

    def _count(self, given: Tensor, axis: int) -> int:
        """How many windows fit, as torch counts them: none begins in the padding at the end."""
        side, size, stride = given.shape[2 + axis], self.size[axis], self.stride[axis]
        padding = self.padding[axis]
        room = side + 2 * padding - size
        if not self.ceil:
            return room // stride + 1
        count = -(-room // stride) + 1
        return count - 1 if (count - 1) * stride >= side + padding else count


class _MaxPool(torch.autograd.Function):
    """A max pooling, whose first gradient looks for where the maxima were.

    Its node says in `will_keep` how many bytes that takes from then on.
    """

    @staticmethod
    def forward(ctx: Any, given: Tensor, window: Window) -> Tensor:
        # As autograd's own node keeps it, which notices writes into it.
        ctx.save_for_backward(given)
        ctx.window, ctx.places = window, None
        result = window.maxima(given)
        ctx.will_keep = result.numel() * torch.int64.itemsize
        return result

    @staticmethod
    def backward(ctx: Any, *arriving: Tensor) -> tuple[Tensor, None]:
        (given,) = ctx.saved_tensors
        window: Window = ctx.window
        asked = window.size, window.stride, window.padding, (1, 1), window.ceil
        if ctx.places is None:
            _, ctx.places = F.max_pool2d_with_indices(given, *asked)
        back = torch.ops.aten.max_pool2d_with_indices_backward
        return back(arriving[0], given, *asked, ctx.places), None


# What autograd calls its node.
POOL_NODE = f"{_MaxPool.__name__}Backward"
