"""A small network that takes its ReLU as it is given, and pictures for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

NAMES = ["red", "green", "<b>blue</b>", "grey"]


class SmallNetwork(nn.Module):
    """Two convolutions with BatchNorm, four classes, inputs of any size; each one made has the same weights."""

    def __init__(self, relu: Callable[[Tensor], Tensor] = F.relu) -> None:
        super().__init__()
        self.relu = relu
        with torch.random.fork_rng():
            torch.manual_seed(3)
            self.first = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8))
            self.second = nn.Sequential(nn.Conv2d(8, 12, 3, padding=1), nn.BatchNorm2d(12))
            self.head = nn.Linear(12, len(NAMES))
            for name, statistic in self.named_buffers():
                if name.endswith("running_mean"):
                    statistic.uniform_(-0.2, 0.2)
                elif name.endswith("running_var"):
                    statistic.uniform_(0.1, 0.5)
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.relu(self.first(x)), 2)
        scores: Tensor = self.head(self.relu(self.second(x)).mean((2, 3)))
        return scores


def pictures(count: int = 3) -> dict[str, NDArray[Any]]:
    """Noise, wider than high, by name."""
    random = np.random.default_rng(5)
    return {f"picture {i}": random.integers(0, 256, (40, 56, 3), np.uint8) for i in range(count)}
