"""Segmentation networks: one that can be worked out on paper, and torchvision's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torchvision.models.segmentation
from torch import Tensor, nn


def on_paper() -> nn.Module:
    """One channel in, three classes out: the scores of a pixel are a, 2 - a and -5, where a = relu(x)."""
    first, last = nn.Conv2d(1, 1, 1), nn.Conv2d(1, 3, 1)
    with torch.no_grad():
        first.weight.fill_(1)
        first.bias.zero_()
        last.weight.copy_(torch.tensor([1.0, -1.0, 0.0]).reshape(3, 1, 1, 1))
        last.bias.copy_(torch.tensor([0.0, 2.0, -5.0]))
    return nn.Sequential(first, nn.ReLU(), last)


class Answering(nn.Module):
    """A model whose output is put into something else."""

    def __init__(self, model: nn.Module, form: Any) -> None:
        super().__init__()
        self.model, self.form = model, form

    def forward(self, x: Tensor) -> Any:
        return self.form(self.model(x))


# The layer whose bias moves the scores of a whole class.
SCORING = {
    "lraspp_mobilenet_v3_large": "classifier.low_classifier",
    "deeplabv3_resnet50": "classifier.4",
}


def segmenter(name: str, inputs: Tensor, classes: int = 5) -> nn.Module:
    """One of torchvision's with random weights, by which several classes are predicted on some inputs."""
    torch.manual_seed(4)
    # Of float64, for differences of large sums.
    model: nn.Module = torchvision.models.get_model(
        name, weights=None, weights_backbone=None, num_classes=classes
    )
    model = model.double().eval()
    with torch.no_grad():
        bias = model.get_submodule(SCORING[name]).bias
        assert isinstance(bias, Tensor)
        bias -= model(inputs)["out"].mean(dim=(0, 2, 3))
    return model


class Plain(nn.Module):
    """For other libraries: the dense scores alone."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        output = self.model(x)
        scores: Tensor = output["out"] if isinstance(output, Mapping) else output
        return scores
