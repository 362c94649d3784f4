"""A network that counts red pixels, whose answers are known by hand."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

SIZE = (8, 10)
RED = (slice(2, 4), slice(5, 8))


class CountsRed(nn.Module):
    """Red pixels against nothing: each three of them make "red" three times as likely to be right as wrong."""

    def __init__(self) -> None:
        super().__init__()
        only_red = nn.Conv2d(3, 1, 1, bias=False)
        with torch.no_grad():
            only_red.weight.copy_(torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1))
        self.red = nn.Sequential(only_red, nn.ReLU())
        self.broken = False
        self.runs = 0

    def forward(self, inputs: Tensor) -> Tensor:
        if self.broken:
            raise RuntimeError("out of memory")
        self.runs += 1
        score = self.red(inputs).sum(dim=(1, 2, 3)) * log(3) / 3
        return torch.stack([score, torch.zeros_like(score)], dim=1)


def probability(red: float) -> float:
    """The probability of "red" where so many pixels are red."""
    odds = 3 ** (red / 3)
    return odds / (1 + odds)


def pixels(*places: tuple[int, int]) -> Any:
    """A mask of single pixels."""
    mask = np.zeros(SIZE, bool)
    for row, column in places:
        mask[row, column] = True
    return mask


def six_red_pixels() -> Any:
    """A picture on which "red" is at 0.9."""
    drawn = np.zeros((*SIZE, 3), np.uint8)
    drawn[RED] = [255, 0, 0]
    return drawn
