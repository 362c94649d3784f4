"""Wide linear layers of one picture, gone back through by the rows of their weights that count.

The gradient of a linear layer's input is the sum of the rows of its weights, each times what arrives at
its output. After a ReLU most of that is zero, and of VGG-16's first linear layer each row takes 100 kB to
read: to sum only the others takes 11 of 20 ms where half are zero, 2 where nine of ten are.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .graph import is_packed
from .model_parts import frozen_weights

# With fewer weights, a product takes no longer than to look for zeros.
_FEWEST_WEIGHTS = 1 << 20
# With more rows that count, a product of all is as fast.
_MOST_ROWS = 0.8


def back_by_rows(linear: nn.Linear, given: Tensor) -> Tensor | None:
    """A wide linear layer of one row, that a gradient goes back through by the rows that count."""
    if given.ndim != 2 or len(given) != 1 or not given.requires_grad:
        return None
    weights = frozen_weights(linear, given.dtype)
    if weights is None or is_packed():
        return None
    weight, bias = weights
    if not weight.is_contiguous() or weight.numel() < _FEWEST_WEIGHTS:
        return None
    result: Tensor = _WideLinear.apply(given, weight, bias)
    return result


class _WideLinear(torch.autograd.Function):
    """A linear layer of one row, without gradients of its weights."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        # As autograd's own node keeps them: it notices writes.
        ctx.save_for_backward(weight)
        return F.linear(given, weight, bias)

    @staticmethod
    def backward(ctx: Any, *arriving: Tensor) -> tuple[Tensor, None, None]:
        (weight,) = ctx.saved_tensors
        return _sum_of_rows(weight, arriving[0]), None, None


# What autograd calls its node.
WIDE_NODE = f"{_WideLinear.__name__}Backward"


def _sum_of_rows(weight: Tensor, factors: Tensor) -> Tensor:
    """``factors`` ``(1, K)`` times ``weight`` ``(K, C)``."""
    counting = factors[0].nonzero()[:, 0]
    if not 0 < len(counting) <= _MOST_ROWS * len(weight):
        return factors @ weight
    # Each bag is summed by one thread.
    share = -(-len(counting) // (2 * torch.get_num_threads()))
    bags = torch.arange(0, len(counting), share)
    sums = F.embedding_bag(
        counting, weight, bags, mode="sum", per_sample_weights=factors[0, counting]
    )
    return sums.sum(0, keepdim=True)
