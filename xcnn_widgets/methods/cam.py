"""Class activation maps: a layer's activation, weighted by what the target thinks of it."""

from __future__ import annotations

import torch
from torch import Tensor

from ..network.targets import Resolved
from ..passes.forward_pass import ForwardPass
from .heatmaps import at_least_float32


def grad_cam(
    forward: ForwardPass, target: Resolved, layer: str, *, release: bool = False
) -> Tensor:
    """Grad-CAM: ``relu(sum_k mean(g_k) A_k)``.

    Selvaraju et al., 2017, arXiv:1610.02391, equations 1 and 2.

    Parameters
    ----------
    forward
        The recorded forward pass.
    target
        What is explained.
    layer
        The target layer, whose output is ``A`` and whose gradient is ``g``.
    release
        Let go of the graph, for the last question asked of `forward`.

    Returns
    -------
    Tensor
        ``(B, h, w)`` at the layer's own resolution, not negative.
    """
    weights = forward.mean_gradient(target, layer, release=release)
    maps = at_least_float32(forward.maps(layer))
    # One product of matrices: a sum of weighted maps would write them all down first.
    with torch.autocast(maps.device.type, enabled=False):
        weighted = torch.bmm(weights.unsqueeze(1), maps.flatten(2))
    return weighted.reshape(len(maps), *maps.shape[2:]).relu()
