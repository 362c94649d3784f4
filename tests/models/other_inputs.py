"""Small networks of signals and volumes."""

from __future__ import annotations

import torch
from torch import nn


def network_of(dimensions: int, channels: int = 1, classes: int = 3) -> nn.Sequential:
    """Three convolutions of one or three dimensions, the second with a stride."""
    conv, pool = {
        1: (nn.Conv1d, nn.AdaptiveAvgPool1d),
        3: (nn.Conv3d, nn.AdaptiveAvgPool3d),
    }[dimensions]
    torch.manual_seed(4)
    return nn.Sequential(
        conv(channels, 6, 3, padding=1), nn.ReLU(),
        conv(6, 8, 3, stride=2, padding=1), nn.ReLU(),
        conv(8, 8, 3, padding=1), nn.ReLU(),
        pool(1), nn.Flatten(), nn.Linear(8, classes),
    ).eval()  # fmt: skip
