"""The networks measured, with the layers that the questions are about."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
import torchvision
from torch import Tensor, nn

import xcnn_widgets as xw

NETWORKS = ("resnet18", "resnet50", "vgg16", "efficientnet_b0", "densenet121", "demo")
# A bound is set for it where many pictures are explained at once, and nowhere else.
ONLY_IN_BATCHES = ("mobilenet_v2",)
TINY = "tiny"


@dataclass(frozen=True)
class Placement:
    """Where a network runs, in which precision, and how its tensors lie in memory."""

    device: str = "cpu"
    dtype: torch.dtype = torch.float32
    memory_format: torch.memory_format = torch.contiguous_format

    def model(self, model: nn.Module) -> nn.Module:
        """Move a model there."""
        return model.to(self.device, self.dtype).to(memory_format=self.memory_format)

    def inputs(self, inputs: Tensor) -> Tensor:
        """The same inputs ``(B, C, H, W)`` there."""
        return inputs.to(self.device, self.dtype, memory_format=self.memory_format)


ON_CPU = Placement()
VARIANTS: Mapping[str, tuple[torch.dtype, torch.memory_format]] = {
    "fp32": (torch.float32, torch.contiguous_format),
    "fp32-channels-last": (torch.float32, torch.channels_last),
    "bf16-channels-last": (torch.bfloat16, torch.channels_last),
}


@dataclass(frozen=True)
class Network:
    """A model in evaluation mode and a batch of inputs for it."""

    name: str
    model: nn.Module
    side: int = 224
    placement: Placement = ON_CPU

    @cached_property
    def inputs(self) -> Tensor:
        """One input ``(1, 3, side, side)``."""
        return self.noise(1, self.side, seed=0)

    def batch(self, samples: int) -> Tensor:
        """A batch ``(samples, 3, side, side)``."""
        return self.noise(samples, self.side, seed=1)

    def noise(self, samples: int, side: int, seed: int) -> Tensor:
        """Inputs of any side, the same on every device."""
        generator = torch.Generator().manual_seed(seed)
        return self.placement.inputs(torch.randn(samples, 3, side, side, generator=generator))

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


def network(name: str, placement: Placement = ON_CPU) -> Network:
    """Build a network by name, with random weights where no real ones are at hand."""
    torch.manual_seed(0)
    model = placement.model(_model(name).eval())
    return Network(name, model, 32 if name == TINY else 224, placement)


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
        # The demo's own dependencies are imported only by those who measure it.
        from xcnn_widgets import demo

        return demo.load().model
    model: nn.Module = torchvision.models.get_model(name, weights=None)
    return model


def _tiny() -> nn.Module:
    blocks: list[nn.Module] = []
    channels = 3
    for wider in (4, 6, 8, 10):
        blocks += [nn.Conv2d(channels, wider, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels = wider
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 12))
