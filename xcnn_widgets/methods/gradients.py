"""Input gradients: which pixels would change the target's score most, under each backward rule."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from ..network import BackwardRule, at_least_float32
from .cam import grad_cam
from .heatmaps import upsample
from .question import Question


def saliency(asked: Question) -> Tensor:
    r"""Saliency: the gradient of the target's score with respect to the input, ``(B, C, H, W)``, signed.

    .. math:: \frac{\partial s}{\partial x}

    Simonyan et al., 2014, arXiv:1312.6034, section 3.
    """
    return _input_gradient(asked, "plain")


def guided_backprop(asked: Question) -> Tensor:
    r"""Guided backpropagation: the input gradient with another rule for ReLUs; ``(B, C, H, W)``, signed.

    Where :math:`z` came into a ReLU and the gradient :math:`g` comes back, it passes

    .. math:: g \cdot [z > 0] \cdot [g > 0]

    Springenberg et al., 2015, arXiv:1412.6806, figure 1.
    """
    return _input_gradient(asked, "guided")


def deconvnet(asked: Question) -> Tensor:
    r"""Deconvnet: the input gradient with another rule for ReLUs; ``(B, C, H, W)``, signed.

    Where the gradient :math:`g` comes back to a ReLU, it passes

    .. math:: g \cdot [g > 0]

    whatever came in.

    Zeiler and Fergus, 2014, arXiv:1311.2901, section 2.1.
    """
    return _input_gradient(asked, "deconvnet")


def guided_grad_cam(asked: Question) -> Tensor:
    """Guided Grad-CAM: guided backpropagation times Grad-CAM, scaled up to the input; ``(B, C, H, W)``, signed.

    Selvaraju et al., 2017, arXiv:1610.02391, section 3.2.
    """
    cam = grad_cam(replace(asked, release=False))
    guided = guided_backprop(asked)
    return guided * upsample(cam, tuple(guided.shape[2:])).unsqueeze(1)


def _input_gradient(asked: Question, rule: BackwardRule) -> Tensor:
    found = asked.forward.gradients(asked.target, [None], rule, release=asked.release)
    return at_least_float32(found[None])
