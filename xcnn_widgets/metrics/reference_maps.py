"""Maps that know nothing of the network: what a method has to be better than."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor

# From inputs (B, C, H, W) and a seed to maps (B, H, W).
ReferenceMap = Callable[[Tensor, int], Tensor]


def random_map(inputs: Tensor, seed: int) -> Tensor:
    """Uniform noise."""
    samples, _, *size = inputs.shape
    generator = torch.Generator().manual_seed(seed)
    return torch.rand((samples, *size), generator=generator).to(inputs.device)


def sobel_map(inputs: Tensor, _seed: int) -> Tensor:
    """The strength of edges: the length of Sobel's gradient of the channels' mean."""
    grey = F.pad(inputs.float().mean(dim=1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    across = grey.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    kernels = torch.stack([across, across.T]).unsqueeze(1)
    edges: Tensor = F.conv2d(grey, kernels).norm(dim=1)
    return edges


def centre_map(inputs: Tensor, _seed: int) -> Tensor:
    """A Gaussian in the middle, whose standard deviation is a quarter of each side: where photos have their subject."""
    sides = []
    for side in inputs.shape[2:]:
        places = (torch.arange(side, device=inputs.device) + 0.5) / side - 0.5
        sides.append(torch.exp(-(places**2) / (2 * 0.25**2)))
    return (sides[0][:, None] * sides[1]).expand(len(inputs), -1, -1)


REFERENCE_MAPS: Mapping[str, ReferenceMap] = MappingProxyType(
    {"random": random_map, "sobel": sobel_map, "centre": centre_map}
)
"""Maps that know nothing of the network, by name: from inputs ``(B, C, H, W)`` and a seed to ``(B, H, W)``."""
