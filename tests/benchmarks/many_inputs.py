"""Questions about many inputs at once: a batch of pictures, and the windows of occlusion."""

from __future__ import annotations

from functools import partial

import torch

import xcnn_widgets as xw

from .bare import input_gradients, layer_gradient
from .networks import Network
from .peers import Captum, PytorchGradCam, Torchcam, upsampled
from .rows import Race, Rival, bare

_PATCH, _STRIDE = 32, 16
# How many covered inputs: which is best depends on the network and the machine.
_AT_ONCE = (4, 8, 32)


def batch(network: Network) -> Race:
    """32 pictures, Grad-CAM and Guided Grad-CAM of each, exact=False; bare, a forward pass and a backward pass to the input."""
    inputs, layer, target = network.batch, network.layers[-1], 3
    frozen = network.frozen_copy()
    captum, grad_cam = Captum(network, [layer]), PytorchGradCam(network, [layer])

    def ours(*, exact: bool = False) -> None:
        forward = xw.ForwardPass(network.model, inputs, [layer], exact=exact)
        xw.explain_pass(forward, "grad_cam", target, layer)
        xw.explain_pass(forward, "guided_grad_cam", target, layer, release=True)

    def captum_both() -> None:
        cam = captum.grad_cam(inputs, target, layer)
        upsampled(cam, inputs) * captum.guided_backprop(inputs, target)

    def grad_cam_both() -> None:
        cams = grad_cam.grad_cam(inputs, target, layer)
        for cam, one in zip(cams, inputs, strict=True):
            grad_cam.guided_backprop(one[None], target) * cam[:, :, None]

    return Race(
        ours,
        (
            bare(lambda: input_gradients(frozen, inputs, [target])),
            Rival("ours, exact=True", lambda: ours(exact=True)),
            Rival("Captum", captum_both),
            Rival("pytorch-grad-cam", grad_cam_both),
        ),
    )


def batch_cams(network: Network) -> Race:
    """32 pictures, Grad-CAM alone; bare, a forward pass and a backward pass to the layer."""
    inputs, layer, target = network.batch, network.layers[-1], 3
    frozen = network.frozen_copy()
    captum, grad_cam = Captum(network, [layer]), PytorchGradCam(network, [layer])
    torchcam = Torchcam(network, [layer])
    return Race(
        lambda: xw.explain(network.model, inputs, target=target, exact=False),
        (
            bare(lambda: layer_gradient(frozen, inputs, layer, target)),
            Rival("Captum", lambda: captum.grad_cam(inputs, target, layer)),
            Rival("pytorch-grad-cam", lambda: grad_cam.grad_cam(inputs, target, layer)),
            Rival("torchcam", lambda: torchcam.grad_cam(inputs, [target] * len(inputs))),
        ),
    )


def occlusion(network: Network) -> Race:
    """Occlusion with patch 32, stride 16; the others with several numbers of inputs at once."""
    inputs, target = network.inputs, 3
    frozen, captum = network.frozen_copy(), Captum(network, [])
    patch, stride = min(_PATCH, network.side // 2), min(_STRIDE, network.side // 4)
    windows = ((network.side - patch) // stride + 1) ** 2

    def passes(at_once: int) -> None:
        with torch.no_grad():
            for start in range(0, windows, at_once):
                frozen(inputs.repeat(min(at_once, windows - start), 1, 1, 1))

    def theirs(at_once: int) -> None:
        captum.occlusion(inputs, target, patch, stride, at_once)

    return Race(
        lambda: xw.explain(network.model, inputs, "occlusion", target, patch=patch, stride=stride),
        (
            *(
                Rival(f"bare torch, {size} at once", partial(passes, size), is_limit=True)
                for size in _AT_ONCE
            ),
            *(Rival(f"Captum, {size} at once", partial(theirs, size)) for size in _AT_ONCE),
        ),
    )
