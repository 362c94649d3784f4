"""Input gradients: which pixels would change the target's score most, under each backward rule."""

from __future__ import annotations

from torch import Tensor

from ..network.relu_rules import BackwardRule
from ..network.targets import Resolved
from ..passes.forward_pass import ForwardPass
from .cam import grad_cam
from .heatmaps import at_least_float32, upsample


def input_gradient(
    forward: ForwardPass, target: Resolved, rule: BackwardRule, *, release: bool = False
) -> Tensor:
    """The gradient of the target with respect to the input.

    Plain, it is the saliency of Simonyan et al., 2014, arXiv:1312.6034, section 3; guided, the
    guided backpropagation of Springenberg et al., 2015, arXiv:1412.6806; deconvnet, that of Zeiler
    and Fergus, 2014, arXiv:1311.2901.

    Returns
    -------
    Tensor
        ``(B, C, H, W)``, signed.
    """
    return at_least_float32(forward.gradients(target, [None], rule, release=release)[None])


def guided_grad_cam(
    forward: ForwardPass, target: Resolved, layer: str, *, release: bool = False
) -> Tensor:
    """Guided Grad-CAM: guided backpropagation times Grad-CAM upsampled to the input.

    Selvaraju et al., 2017, arXiv:1610.02391, section 3.2.

    Returns
    -------
    Tensor
        ``(B, C, H, W)``, signed.
    """
    cam = grad_cam(forward, target, layer)
    guided = input_gradient(forward, target, "guided", release=release)
    return guided * upsample(cam, (guided.shape[2], guided.shape[3])).unsqueeze(1)
