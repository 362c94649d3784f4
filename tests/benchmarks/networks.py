"""The networks measured, with the layers that the questions are about."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cached_property

import torch
import torchvision
from torch import Tensor, nn

import xcnn_widgets as xw

NETWORKS = ("resnet18", "resnet50", "vgg16", "efficientnet_b0", "densenet121", "demo")
TINY = "tiny"


@dataclass(frozen=True)
class Network:
    """A model in evaluation mode and a batch of inputs for it."""

    name: str
    model: nn.Module
    side: int = 224

    @cached_property
    def inputs(self) -> Tensor:
        """One input ``(1, 3, side, side)``."""
        return torch.randn(1, 3, self.side, self.side, generator=torch.Generator().manual_seed(0))

    def batch(self, samples: int) -> Tensor:
        """A batch ``(samples, 3, side, side)``."""
        generator = torch.Generator().manual_seed(1)
        return torch.randn(samples, 3, self.side, self.side, generator=generator)

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


def network(name: str) -> Network:
    """Build a network by name, with random weights where no real ones are at hand."""
    torch.manual_seed(0)
    if name == TINY:
        return Network(name, _tiny().eval(), side=32)
    if name == "demo":
        # The demo's own dependencies are imported only by those who measure it.
        from xcnn_widgets import demo

        return Network(name, demo.load().model)
    return Network(name, torchvision.models.get_model(name, weights=None).eval())


def _tiny() -> nn.Module:
    blocks: list[nn.Module] = []
    channels = 3
    for wider in (4, 6, 8, 10):
        blocks += [nn.Conv2d(channels, wider, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels = wider
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 12))
