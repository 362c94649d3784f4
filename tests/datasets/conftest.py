"""A network with a known answer, and a folder of pictures for it, one of which is broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms import ToTensor

NAMES = ["red", "green", "blue"]
COLOURS = {"red": (200, 20, 30), "green": (10, 210, 40), "blue": (30, 40, 220)}
# Pictures a colour.
EACH = 4


class ColourNet(nn.Module):
    """Says which colour there is most of; counts the pictures that it was asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 3, 3, padding=1), nn.Linear(3, 3)
        with torch.no_grad():
            self.conv.weight.copy_(torch.eye(3)[:, :, None, None].expand(3, 3, 3, 3) / 9)
            self.head.weight.copy_(10 * torch.eye(3))
            for parameter in (self.conv.bias, self.head.bias):
                parameter.zero_()
        self.asked = 0
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        self.asked += len(x)
        scores: Tensor = self.head(self.conv(x).relu().mean((2, 3)))
        return scores


def to_tensor(picture: Image.Image) -> Tensor:
    """From a picture to numbers in [0, 1]."""
    tensor: Tensor = ToTensor()(picture)
    return tensor


def colour_net() -> ColourNet:
    """What a command line calls."""
    return ColourNet()


@pytest.fixture
def model() -> ColourNet:
    return ColourNet()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for each colour, with noisy pictures; ``red`` has one more that is none."""
    made = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(EACH):
            noise = made.integers(-30, 30, (20, 28, 3))
            pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pictures" / name / f"{number}.png")
    (tmp_path / "pictures" / "red" / "broken.png").write_text("no picture")
    return tmp_path / "pictures"
