"""A network of two convolutions and their BatchNorms, and what may happen between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torch.utils.checkpoint import checkpoint

from xcnn_widgets.passes.fast import folded_weights


class Block(nn.Module):
    """A convolution and its BatchNorm, and what a test lets happen between and after them."""

    def __init__(self, between: Callable[[Block, Tensor], Tensor] | None = None) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = lively(nn.BatchNorm2d(6))
        self.other_norm = lively(nn.BatchNorm2d(6))
        self.second = nn.Conv2d(6, 5, 3, bias=False)
        self.second_norm = lively(nn.BatchNorm2d(5, affine=False))
        self.head = nn.Linear(5, 4)
        self.between = between
        self.kept = torch.zeros(())
        self.runs = 0

    def forward(self, inputs: Tensor) -> Tensor:
        self.runs += 1
        found = self.conv(inputs)
        normed = self.norm(found) if self.between is None else self.between(self, found)
        maps = F.relu(normed, inplace=True)
        return self.head(self.second_norm(self.second(maps)).relu_().mean((2, 3)))


def lively(norm: nn.BatchNorm2d) -> nn.BatchNorm2d:
    """Statistics and weights as after training: to leave them out would show."""
    assert norm.running_mean is not None and norm.running_var is not None
    norm.running_mean.normal_(0, 0.3)
    norm.running_var.uniform_(0.5, 2)
    if norm.affine:
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias, 0, 0.3)
    return norm


def folds_from_now_on(monkeypatch: pytest.MonkeyPatch) -> list[nn.Parameter]:
    """The weights into which BatchNorms are folded, in order."""
    folds: list[nn.Parameter] = []

    def noted(weight: nn.Parameter, *rest: Any) -> tuple[nn.Parameter, nn.Parameter]:
        folds.append(weight)
        return fuse_conv_bn_weights(weight, *rest)

    monkeypatch.setattr(folded_weights, "fuse_conv_bn_weights", noted)
    return folds


def added(block: Block, found: Tensor) -> Tensor:
    normed: Tensor = block.norm(found)
    return normed + found


def two_norms(block: Block, found: Tensor) -> Tensor:
    first, second = block.norm(found), block.other_norm(found)
    return first + second


def written_into(block: Block, found: Tensor) -> Tensor:
    return block.norm(found.mul_(2))


def twice(block: Block, found: Tensor) -> Tensor:
    again = F.conv2d(found[:, :3], block.conv.weight, block.conv.bias, 1, 1)
    return block.norm(found) + block.other_norm(again)


def batch_statistics(block: Block, found: Tensor) -> Tensor:
    return F.batch_norm(found, None, None, block.norm.weight, block.norm.bias, training=True)


def sometimes(block: Block, found: Tensor) -> Tensor:
    normed: Tensor = block.norm(found)
    return normed if block.runs < 3 else normed + found


def other_norm_later(block: Block, found: Tensor) -> Tensor:
    norm = block.norm if block.runs < 3 else block.other_norm
    return norm(found)


def norm_left_out_later(block: Block, found: Tensor) -> Tensor:
    return block.norm(found) if block.runs < 3 else found


def recomputed(block: Block, found: Tensor) -> Tensor:
    return checkpoint(
        lambda maps: block.other_norm(block.conv(maps[:, :3])), found, use_reentrant=False
    )
