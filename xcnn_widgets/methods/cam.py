"""Class activation maps: a layer's activation, weighted by what the target thinks of it."""

from __future__ import annotations

import torch
from torch import Tensor

from ..network import at_least_float32
from .question import Question


def grad_cam(asked: Question) -> Tensor:
    """Grad-CAM: ``relu(sum_k mean(g_k) A_k)``.

    Selvaraju et al., 2017, arXiv:1610.02391, equations 1 and 2.

    Returns
    -------
    Tensor
        ``(B, h, w)`` at the layer's own resolution, not negative.
    """
    weights = asked.forward.mean_gradient(asked.target, asked.layer, release=asked.release)
    maps = at_least_float32(asked.forward.maps(asked.layer))
    # One product of matrices: a sum of weighted maps would write them all down first.
    with torch.autocast(maps.device.type, enabled=False):
        weighted = torch.bmm(weights.unsqueeze(1), maps.flatten(2))
    return weighted.reshape(len(maps), *maps.shape[2:]).relu()
