"""A model that stands for its family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..zoo import SkipRandom


@dataclass(frozen=True)
class Specimen:
    """A model, and the input on which it is asked.

    Attributes
    ----------
    library, family, model
        What it is called. No two of a library have the same family.
    make
        Builds the model, with whatever weights.
    size
        ``(H, W)``: small, and not square where the model allows that.
    said
        What has to be said where the model is made; empty if nothing has.
    """

    library: str
    family: str
    model: str
    make: Callable[[], nn.Module]
    size: tuple[int, int] = (64, 96)
    said: str = ""

    @property
    def id(self) -> str:
        """What its test is called."""
        return f"{self.library}-{self.family}".replace(" ", "_")

    def built(self) -> nn.Module:
        """The model in evaluation mode, with seeded weights."""
        with SkipRandom():
            model = self.make()
        return seeded(model)

    def inputs(self) -> Tensor:
        """A picture of noise."""
        generator = torch.Generator().manual_seed(7)
        return torch.randn(1, 3, *self.size, generator=generator)


def seeded(model: nn.Module) -> nn.Module:
    """Give a model weights with which every part matters: no head of zeros, no block scaled by 1e-6.

    Convolutions keep the size of what they are given, linear layers are torch's own at the start.
    """
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                gain = 6 if weight.ndim > 2 else 1
                bound = (gain / weight[0].numel()) ** 0.5
                weight.uniform_(-bound, bound, generator=generator)
            elif weight.unique().numel() != 1 or weight[0] == 0:
                weight.uniform_(-0.05, 0.05, generator=generator)
            elif abs(weight[0]) < 0.05:
                weight.uniform_(0.05, 0.15, generator=generator)
    return model.eval().requires_grad_(False)
