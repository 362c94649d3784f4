"""Questions about many inputs at once: a batch of pictures, and the windows of occlusion."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch

import xcnn_widgets as xw

from .bare import input_gradients, layer_gradient
from .networks import Network
from .peers import Captum, PytorchGradCam, Torchcam, upsampled
from .rivals import against_captum, against_grad_cam, against_torchcam
from .rows import Bound, Contender, Race, Rival

_BATCH = 32
_PATCH, _STRIDE = 32, 16
# How many covered inputs: which is best depends on the network and the machine.
_AT_ONCE = (4, 8, 32)


def batch(network: Network, samples: int = _BATCH) -> Iterator[Race]:
    """Grad-CAM, alone and with Guided Grad-CAM, for many pictures at once."""
    inputs, layer, target = network.batch(samples), network.layers[-1], 3
    targets = [target] * samples
    frozen = network.frozen_copy()
    captum, grad_cam = Captum(network, [layer]), PytorchGradCam(network, [layer])
    torchcam = Torchcam(network, [layer])
    # The first run of a model is watched; what is measured is how it goes on.
    xw.explain(network.model, inputs[:1], target=target, exact=False)
    yield Race(
        f"6 batch of {samples}: Grad-CAM",
        network.name,
        Contender(
            "ours",
            "explain(model, inputs, 'grad_cam', exact=False)",
            lambda: xw.explain(network.model, inputs, target=target, exact=False),
        ),
        (
            Rival(
                Contender(
                    "bare torch",
                    "forward, autograd.grad to the layer, frozen",
                    lambda: layer_gradient(frozen, inputs, layer, target),
                ),
                Bound("at_most", aim=_batch_aim(network)),
            ),
            against_captum(
                "LayerGradCam.attribute", lambda: captum.grad_cam(inputs, target, layer)
            ),
            against_grad_cam("GradCAM(...)", lambda: grad_cam.grad_cam(inputs, target, layer)),
            against_torchcam("model, GradCAM(...)", lambda: torchcam.grad_cam(inputs, targets)),
        ),
    )

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

    captum_aim = {"resnet18": 2.0, "resnet50": 3.0}.get(network.name)
    yield Race(
        f"6 batch of {samples}: with Guided Grad-CAM",
        network.name,
        Contender("ours", "ForwardPass(exact=False), explain_pass twice, release=True", ours),
        (
            Rival(
                Contender(
                    "bare torch",
                    "a forward, one autograd.grad to the input, frozen",
                    lambda: input_gradients(frozen, inputs, [target]),
                ),
                Bound("at_most", aim=_batch_aim(network)),
            ),
            Rival(
                Contender("ours, exact", "the same with exact=True", lambda: ours(exact=True)),
                Bound("at_most", aim=1.0),
            ),
            against_captum(
                "LayerGradCam, GuidedBackprop, product",
                captum_both,
                Bound("at_least", aim=captum_aim),
            ),
            against_grad_cam(
                "GradCAM, GuidedBackpropReLUModel one by one, product",
                grad_cam_both,
                Bound("at_least", aim=3.0),
            ),
        ),
    )


def occlusion(network: Network) -> Iterator[Race]:
    """Occlusion with patch 32, stride 16."""
    inputs, target = network.inputs, 3
    frozen = network.frozen_copy()
    captum = Captum(network, [])
    patch, stride = min(_PATCH, network.side // 2), min(_STRIDE, network.side // 4)
    windows = ((network.side - patch) // stride + 1) ** 2

    def bare(at_once: int) -> None:
        with torch.no_grad():
            for start in range(0, windows, at_once):
                frozen(inputs.repeat(min(at_once, windows - start), 1, 1, 1))

    yield Race(
        f"7 occlusion, {windows} windows",
        network.name,
        Contender(
            "ours",
            "explain(model, inputs, 'occlusion', patch=32, stride=16)",
            lambda: xw.explain(
                network.model, inputs, "occlusion", target, patch=patch, stride=stride
            ),
        ),
        (
            *(
                Rival(
                    Contender(
                        f"bare torch, {size} at once",
                        "forward passes of as many inputs",
                        partial(bare, size),
                    ),
                    Bound("at_most", aim=1.05),
                )
                for size in _AT_ONCE
            ),
            *(
                against_captum(
                    "Occlusion.attribute",
                    partial(captum.occlusion, inputs, target, patch, stride, size),
                    suffix=f", {size} at once",
                )
                for size in _AT_ONCE
            ),
        ),
    )


def _batch_aim(network: Network) -> float:
    return 0.8 if network.name in ("resnet50", "mobilenet_v2", "demo") else 1.0
