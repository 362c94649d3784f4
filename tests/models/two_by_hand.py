"""Tiny networks whose answers and maps can be worked out by hand."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


def colour_net(*rows: tuple[float, float, float]) -> nn.Sequential:
    """A network whose score of class c is the mean over the picture of rows[c] times red, green and blue.

    Its Grad-CAM at ``relu`` is what of that is above zero, over the number of pixels.
    """
    conv = nn.Conv2d(3, 3, 1, bias=False)
    head = nn.Linear(3, len(rows), bias=False)
    with torch.no_grad():
        conv.weight.copy_(torch.eye(3).reshape(3, 3, 1, 1))
        head.weight.copy_(torch.tensor(rows))
    parts = {
        "conv": conv,
        "relu": nn.ReLU(),
        "pool": nn.AdaptiveAvgPool2d(1),
        "flat": nn.Flatten(),
        "head": head,
    }
    return nn.Sequential(OrderedDict(parts)).eval()


def picture(seed: int = 0, height: int = 8, width: int = 12) -> NDArray[np.uint8]:
    """Noise, wider than high."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def to_input(picture: Any) -> Tensor:
    """The whole picture, in [0, 1]."""
    return torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1).float() / 255
