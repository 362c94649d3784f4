"""The networks measured, with the layers that the questions are about."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
import torchvision
from torch import Tensor, nn

import xcnn_widgets as xw

NETWORKS = (
    "resnet18",
    "resnet50",
    "vgg16",
    "efficientnet_b0",
    "densenet121",
    "mobilenet_v2",
    "demo",
)
TINY = "tiny"


@dataclass(frozen=True)
class Network:
    """A model in evaluation mode, and inputs for it."""

    name: str
    model: nn.Module
    side: int = 224
    samples: int = 32
    device: str = "cpu"

    @cached_property
    def inputs(self) -> Tensor:
        """One input ``(1, 3, side, side)``."""
        return self._noise(1, seed=0)

    @cached_property
    def batch(self) -> Tensor:
        """Many inputs ``(samples, 3, side, side)``."""
        return self._noise(self.samples, seed=1)

    @cached_property
    def layers(self) -> list[str]:
        """The layers offered, first to last."""
        return xw.target_layers(self.model, self.inputs)

    @property
    def session_layers(self) -> list[str]:
        """The last four of them."""
        return self.layers[-4:]

    def frozen_copy(self) -> nn.Module:
        """A copy whose weights take no part in a graph."""
        return copy.deepcopy(self.model).requires_grad_(False)

    def plain_copy(self) -> nn.Module:
        """A copy for a peer that changes what it is given."""
        return copy.deepcopy(self.model)

    def _noise(self, samples: int, seed: int) -> Tensor:
        # The same on every device.
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(samples, 3, self.side, self.side, generator=generator)
        return noise.to(self.device)


def network(name: str, device: str = "cpu") -> Network:
    """Build a network by name, with random weights where no real ones are at hand."""
    torch.manual_seed(0)
    model = _model(name).eval().to(device)
    if name == TINY:
        return Network(name, model, side=32, samples=4, device=device)
    return Network(name, model, device=device)


def noise_pictures(side: int, number: int) -> dict[str, Tensor]:
    """Pictures ``(3, side, side)`` in [0, 1] by name, the same in every run."""
    return {
        f"noise {seed}": torch.rand(3, side, side, generator=torch.Generator().manual_seed(seed))
        for seed in range(number)
    }


def as_it_is(picture: Any) -> Tensor:
    """A transform that leaves a picture as it is, in [0, 1]."""
    pixels: Tensor = torchvision.transforms.functional.pil_to_tensor(picture)
    return pixels.float() / 255


def _model(name: str) -> nn.Module:
    if name == TINY:
        return _tiny()
    if name == "demo":
        return xw.demo.load().model
    model: nn.Module = torchvision.models.get_model(name, weights=None)
    return model


def _tiny() -> nn.Module:
    blocks: list[nn.Module] = []
    channels = 3
    for wider in (4, 6, 8, 10):
        blocks += [nn.Conv2d(channels, wider, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels = wider
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 12))
