"""Class activation maps: a layer's activation, weighted by what the target thinks of it.

``A`` is the layer's activation ``(B, C, h, w)`` and ``g`` the target's gradient with respect to it. Each method
returns ``(B, h, w)`` at the layer's own resolution, not negative, and asks one backward pass at most.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..network import at_least_float32
from .question import Question


def grad_cam(asked: Question) -> Tensor:
    r"""Grad-CAM: each channel's activation, weighted by the mean of its gradient.

    .. math:: \left[ \sum_k \overline{g_k} A_k \right]_+

    Selvaraju et al., 2017, arXiv:1610.02391, equations 1 and 2.
    """
    weights = asked.forward.mean_gradient(asked.target, asked.layer, release=asked.release)
    return weighted_sum(weights, _activation(asked))


def grad_cam_plus_plus(asked: Question) -> Tensor:
    r"""Grad-CAM++: as Grad-CAM, with a weight of its own for each place where the gradient is positive.

    .. math::

        \left[ \sum_k w_k A_k \right]_+ , \quad w_k = \sum_{ij} \alpha_k [g_k]_+ , \quad
        \alpha_k = \frac{g_k^2}{2 g_k^2 + g_k^3 \sum_{ij} A_k}

    Chattopadhay et al., 2018, arXiv:1710.11063, equations 5 and 19, with the exponential of the score as what is
    derived: it is one factor for all of a sample's weights, and left out. Divided by :math:`g_k^2`, :math:`\alpha_k`
    is :math:`1 / (2 + g_k \sum A_k)`, which also holds for the smallest gradients.
    """
    maps, gradient = _activation_and_gradient(asked)
    alpha = _quotient(torch.ones_like(gradient), 2 + _over_grid(maps) * gradient)
    return weighted_sum((alpha * gradient.relu()).flatten(2).sum(dim=2), maps)


def xgrad_cam(asked: Question) -> Tensor:
    r"""XGrad-CAM: as Grad-CAM, with gradients weighted by activation.

    .. math::

        \left[ \sum_k w_k A_k \right]_+ , \quad w_k = \frac{\sum_{ij} g_k A_k}{\sum_{ij} A_k}

    Fu et al., 2020, arXiv:2008.02312, equation 8. A channel whose activation sums to 0 has no weight.
    """
    maps, gradient = _activation_and_gradient(asked)
    weights = _quotient((gradient * maps).flatten(2).sum(dim=2), maps.flatten(2).sum(dim=2))
    return weighted_sum(weights, maps)


def hires_cam(asked: Question) -> Tensor:
    r"""HiResCAM: activation times gradient, place by place.

    .. math:: \left[ \sum_k g_k \odot A_k \right]_+

    Draelos and Carin, 2020, arXiv:2011.08891, equation 5.
    """
    maps, gradient = _activation_and_gradient(asked)
    return (gradient * maps).sum(dim=1).relu()


def layer_cam(asked: Question) -> Tensor:
    r"""LayerCAM: activation times the positive part of the gradient, place by place.

    .. math:: \left[ \sum_k [g_k]_+ \odot A_k \right]_+

    Jiang et al., 2021, doi:10.1109/TIP.2021.3089943, equations 6 and 7.
    """
    maps, gradient = _activation_and_gradient(asked)
    return (gradient.relu() * maps).sum(dim=1).relu()


def eigen_cam(asked: Question) -> Tensor:
    r"""Eigen-CAM: the activation's projection on its first principal component; the same for every class.

    .. math:: \left[ A v_1 \right]_+ , \quad A = U S V^T

    Muhammad and Yeasin, 2020, arXiv:2008.00299, equations 3 and 4, with :math:`A` as a matrix of places by channels,
    not centred. The sign, which is free, is the one whose sum over the grid is positive; what is negative then is
    set to 0.
    """
    maps = _activation(asked)
    finite = maps.isfinite().flatten(1).all(dim=1)[:, None]
    # What is not finite has no components; it is told about when all methods are, by the model's output.
    places = torch.where(finite[..., None], maps.flatten(2), 0).transpose(1, 2)
    # The smaller of the two products has the same singular values.
    if places.shape[1] <= places.shape[2]:
        values, vectors = torch.linalg.eigh(places @ places.transpose(1, 2))
        projected = vectors[..., -1] * values[..., -1:].clamp(min=0).sqrt()
    else:
        _, vectors = torch.linalg.eigh(places.transpose(1, 2) @ places)
        projected = (places @ vectors[..., -1:]).squeeze(2)
    projected = torch.where(projected.sum(dim=1, keepdim=True) < 0, -projected, projected)
    projected = torch.where(finite, projected, torch.nan)
    return projected.reshape(len(maps), *maps.shape[2:]).relu()


def weighted_sum(weights: Tensor, maps: Tensor) -> Tensor:
    """``relu(sum_k w_k A_k)`` of weights ``(B, C)`` and maps ``(B, C, h, w)``."""
    # One product of matrices: a sum of weighted maps would write them all down first.
    with torch.autocast(maps.device.type, enabled=False):
        weighted = torch.bmm(weights.unsqueeze(1), maps.flatten(2))
    return weighted.reshape(len(maps), *maps.shape[2:]).relu()


def _activation(asked: Question) -> Tensor:
    return at_least_float32(asked.forward.maps(asked.layer))


def _activation_and_gradient(asked: Question) -> tuple[Tensor, Tensor]:
    found = asked.forward.gradients(asked.target, [asked.layer], release=asked.release)
    return _activation(asked), at_least_float32(found[asked.layer])


def _quotient(above: Tensor, below: Tensor) -> Tensor:
    """0 where nothing is divided by."""
    nothing = below == 0
    return torch.where(nothing, torch.zeros_like(above), above / torch.where(nothing, 1, below))


def _over_grid(maps: Tensor) -> Tensor:
    """The sum of each channel, with the sides of the grid kept as 1."""
    return maps.sum(dim=tuple(range(2, maps.ndim)), keepdim=True)
