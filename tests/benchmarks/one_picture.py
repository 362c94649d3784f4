"""Questions about one picture: the first answer, and all those that follow it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import numpy as np
import torch

import xcnn_widgets as xw

from .bare import Recorded, input_gradients, layer_gradient, layers_gradients
from .networks import Network, as_it_is, noise_pictures
from .peers import Captum, PytorchGradCam, Torchcam
from .rows import Race, Rival, bare

_PATCH, _STRIDE, _AT_ONCE = 32, 16, 32
_SIX = ("grad_cam", "guided_grad_cam", "guided_backprop", "saliency", "deconvnet", "occlusion")
_SESSION = [3, 1, 4, 5, 9]


def cold(network: Network) -> Race:
    """The first answer about a picture: `explain`, Grad-CAM at the last layer."""
    inputs, layer, target = network.inputs, network.layers[-1], 3
    frozen = network.frozen_copy()
    captum, grad_cam = Captum(network, [layer]), PytorchGradCam(network, [layer])
    torchcam = Torchcam(network, [layer])
    return Race(
        lambda: xw.explain(network.model, inputs, target=target),
        (
            bare(lambda: layer_gradient(frozen, inputs, layer, target)),
            Rival("Captum", lambda: captum.grad_cam(inputs, target, layer)),
            Rival("pytorch-grad-cam", lambda: grad_cam.grad_cam(inputs, target, layer)),
            Rival("torchcam", lambda: torchcam.grad_cam(inputs, target)),
        ),
    )


def another_class(network: Network) -> Race:
    """`explain_pass`, Grad-CAM at the last layer for a class that nobody asked for yet; peers as they are documented."""
    return _another_class(network, network.layers[-1])


def class_middle(network: Network) -> Race:
    """The same at the layer in the middle."""
    return _another_class(network, network.layers[len(network.layers) // 2])


def class_first(network: Network) -> Race:
    """The same at the first layer."""
    return _another_class(network, network.layers[0])


def _another_class(network: Network, layer: str) -> Race:
    inputs, unasked = network.inputs, _unasked(network)
    captum, grad_cam = Captum(network, [layer]), PytorchGradCam(network, [layer])
    torchcam, kept = Torchcam(network, [layer]), Torchcam(network, [layer])
    kept.keep_scores(inputs)
    targets = cycle(range(10))
    return Race(
        lambda: xw.explain_pass(*_with_method(next(unasked)), layer),
        (
            Rival("Captum", lambda: captum.grad_cam(inputs, next(targets), layer)),
            Rival("pytorch-grad-cam", lambda: grad_cam.grad_cam(inputs, next(targets), layer)),
            Rival("torchcam", lambda: torchcam.grad_cam(inputs, next(targets))),
            # Both go back through the head alone then: nobody can be far ahead.
            Rival("torchcam, graph kept", lambda: kept.another_class(next(targets))),
        ),
    )


def all_layers(network: Network) -> Race:
    """Grad-CAM at all offered layers for a class that nobody asked for yet; bare, one backward pass to the first."""
    layers, unasked = network.layers, _unasked(network)
    recorded = Recorded(network.frozen_copy(), network.inputs, layers[0])
    targets = cycle(range(10))

    def ours() -> None:
        asked = _with_method(next(unasked))
        for layer in layers:
            xw.explain_pass(*asked, layer)

    return Race(ours, (bare(lambda: recorded.gradient(next(targets))),))


def six_methods(network: Network) -> Race:
    """All six methods for one class, at the last layer."""
    inputs, layer, target = network.inputs, network.layers[-1], 3
    captum = Captum(network, [layer])

    def ours() -> None:
        forward = xw.ForwardPass(network.model, inputs, network.layers)
        for method in _SIX:
            xw.explain_pass(forward, method, target, layer)

    def theirs() -> None:
        captum.grad_cam(inputs, target, layer)
        captum.guided_grad_cam(inputs, target, layer)
        captum.guided_backprop(inputs, target)
        captum.saliency(inputs, target)
        captum.deconvnet(inputs, target)
        captum.occlusion(inputs, target, _PATCH, _STRIDE, _AT_ONCE)

    return Race(ours, (Rival("Captum", theirs),))


def session(network: Network) -> Race:
    """50 views of a picture: 5 classes; saliency, guided backpropagation, Grad-CAM and Guided Grad-CAM at 4 layers; bare, a forward pass and ten backward passes to the input."""
    inputs, layers = network.inputs, network.session_layers
    frozen = network.frozen_copy()
    captum, grad_cam = Captum(network, layers), PytorchGradCam(network, layers)

    def ours() -> None:
        forward = xw.ForwardPass(network.model, inputs, layers)
        for target in _SESSION:
            xw.explain_pass(forward, "saliency", target)
            xw.explain_pass(forward, "guided_backprop", target)
            for layer in layers:
                xw.explain_pass(forward, "grad_cam", target, layer)
                xw.explain_pass(forward, "guided_grad_cam", target, layer)

    return Race(
        ours,
        (
            bare(lambda: input_gradients(frozen, inputs, _SESSION * 2)),
            Rival("Captum", lambda: captum.session(inputs, _SESSION, layers)),
            Rival("pytorch-grad-cam", lambda: grad_cam.session(inputs, _SESSION, layers)),
        ),
    )


def session_cams(network: Network) -> Race:
    """Its 20 Grad-CAM views; bare, a forward pass and five backward passes to 4 layers."""
    inputs, layers = network.inputs, network.session_layers
    frozen, torchcam = network.frozen_copy(), Torchcam(network, layers)

    def ours() -> None:
        forward = xw.ForwardPass(network.model, inputs, layers)
        for target in _SESSION:
            for layer in layers:
                xw.explain_pass(forward, "grad_cam", target, layer)

    def theirs() -> None:
        for target in _SESSION:
            for _ in layers:
                torchcam.grad_cam(inputs, target)

    return Race(
        ours,
        (
            bare(lambda: layers_gradients(frozen, inputs, layers, _SESSION)),
            Rival("torchcam", theirs),
            Rival("torchcam, graph kept", lambda: torchcam.session(inputs, _SESSION)),
        ),
    )


def stroke(network: Network) -> Race:
    """A new mask on the brush until its answer has come; bare, a forward pass."""
    pictures = noise_pictures(network.side, 1)
    brush = xw.OcclusionBrush(network.model, pictures, transform=as_it_is, target=0, fill="blur")
    brush.wait()
    inputs = brush.masked_input.unsqueeze(0)
    half = np.zeros_like(brush.mask)
    half[: network.side // 2] = True
    masks = cycle([half, ~half])

    def ours() -> None:
        brush.mask = next(masks)
        brush.wait()

    def theirs() -> None:
        with torch.no_grad():
            network.model(inputs)

    return Race(ours, (bare(theirs),), brush.close)


def _unasked(network: Network) -> Iterator[tuple[xw.ForwardPass, int]]:
    """Recorded passes, each with its classes one after the other: what was asked once is known."""
    while True:
        forward = xw.ForwardPass(network.model, network.inputs, network.layers)
        for target in range(forward.logits.shape[1]):
            yield forward, target


def _with_method(asked: tuple[xw.ForwardPass, int]) -> tuple[xw.ForwardPass, str, int]:
    forward, target = asked
    return forward, "grad_cam", target
