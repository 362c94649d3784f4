"""Questions about one picture: the first answer, and all those that follow it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import xcnn_widgets as xw

from .bare import Recorded, input_gradients, layer_gradient, layers_gradients
from .networks import Network
from .peers import Captum, PytorchGradCam, Torchcam
from .rivals import against_captum, against_grad_cam, against_torchcam
from .rows import Bound, Contender, Race, Rival

_PATCH, _STRIDE, _AT_ONCE = 32, 16, 32
_SIX = ("grad_cam", "guided_grad_cam", "guided_backprop", "saliency", "deconvnet", "occlusion")


def cold(network: Network) -> Iterator[Race]:
    """The first answer about a picture: Grad-CAM at the last layer."""
    inputs, layer, target = network.inputs, network.layers[-1], 3
    frozen = network.frozen_copy()
    captum, grad_cam = Captum(network, [layer]), PytorchGradCam(network, [layer])
    torchcam = Torchcam(network, [layer])
    must = 1.10 if network.name == "resnet50" else None
    yield Race(
        "1 cold Grad-CAM, last layer",
        network.name,
        Contender(
            "ours",
            "explain(model, inputs, 'grad_cam')",
            lambda: xw.explain(network.model, inputs, target=target),
        ),
        (
            Rival(
                Contender(
                    "bare torch",
                    "forward, autograd.grad to the layer, frozen",
                    lambda: layer_gradient(frozen, inputs, layer, target),
                ),
                Bound("at_most", must, 1.05),
            ),
            against_captum(
                "LayerGradCam.attribute", lambda: captum.grad_cam(inputs, target, layer)
            ),
            against_grad_cam("GradCAM(...)", lambda: grad_cam.grad_cam(inputs, target, layer)),
            against_torchcam("model, GradCAM(...)", lambda: torchcam.grad_cam(inputs, target)),
        ),
    )


def another_class(network: Network) -> Iterator[Race]:
    """The second answer about a picture: Grad-CAM for a class that nobody asked for yet."""
    layers = network.layers
    must = 100.0 if network.name == "resnet50" else None
    aim = 10.0 if network.name == "vgg16" else 150.0
    yield _another_class(network, "last", layers[-1], Bound("at_least", must, aim))
    yield _another_class(network, "middle", layers[len(layers) // 2], Bound("at_least"))
    yield _another_class(network, "first", layers[0], Bound("at_least"))


def _another_class(network: Network, where: str, layer: str, bound: Bound) -> Race:
    inputs = network.inputs
    forward = xw.ForwardPass(network.model, inputs, network.layers)
    captum, grad_cam = Captum(network, [layer]), PytorchGradCam(network, [layer])
    torchcam, kept = Torchcam(network, [layer]), Torchcam(network, [layer])
    kept.keep_scores(inputs)
    fresh = _fresh_classes(forward)
    return Race(
        f"2 another class, {where} layer",
        network.name,
        Contender(
            "ours",
            "explain_pass(forward, 'grad_cam', target, layer)",
            lambda: xw.explain_pass(forward, "grad_cam", next(fresh), layer),
        ),
        (
            against_captum(
                "LayerGradCam.attribute",
                lambda: captum.grad_cam(inputs, next(fresh), layer),
                bound,
            ),
            against_grad_cam(
                "GradCAM(...)", lambda: grad_cam.grad_cam(inputs, next(fresh), layer), bound
            ),
            against_torchcam(
                "model, GradCAM(...)", lambda: torchcam.grad_cam(inputs, next(fresh)), bound
            ),
            Rival(
                Contender(
                    "torchcam, graph kept",
                    "GradCAM(..., retain_graph=True) on scores kept",
                    lambda: kept.another_class(next(fresh)),
                ),
                # Both go back through the head alone then: nobody can be far ahead.
                Bound("at_least", aim=1.0),
            ),
        ),
    )


def all_layers(network: Network) -> Iterator[Race]:
    """Grad-CAM at all offered layers for a class that nobody asked for yet."""
    layers = network.layers
    forward = xw.ForwardPass(network.model, network.inputs, layers)
    recorded = Recorded(network.frozen_copy(), network.inputs, layers[0])
    fresh = _fresh_classes(forward)

    def ours() -> None:
        target = next(fresh)
        for layer in layers:
            xw.explain_pass(forward, "grad_cam", target, layer)

    yield Race(
        "3 all layers, one class",
        network.name,
        Contender("ours", "explain_pass(forward, 'grad_cam', target, layer) for every layer", ours),
        (
            Rival(
                Contender(
                    "bare torch",
                    "one autograd.grad to the first layer, frozen",
                    lambda: recorded.gradient(next(fresh)),
                ),
                Bound("at_most", aim=1.1),
            ),
        ),
    )


def six_methods(network: Network) -> Iterator[Race]:
    """All six methods for one class, at the last layer, from a fresh forward pass."""
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

    yield Race(
        "4 six methods, one class",
        network.name,
        Contender("ours", "ForwardPass, explain_pass for each", ours),
        (
            against_captum(
                "LayerGradCam, GuidedGradCam, GuidedBackprop, Saliency, Deconvolution, Occlusion",
                theirs,
            ),
        ),
    )


def session(network: Network) -> Iterator[Race]:
    """50 views: 5 classes; saliency, guided backpropagation, Grad-CAM and Guided Grad-CAM at 4 layers."""
    inputs, layers, targets = network.inputs, network.session_layers, [3, 1, 4, 5, 9]
    frozen = network.frozen_copy()
    captum, grad_cam = Captum(network, layers), PytorchGradCam(network, layers)
    torchcam = Torchcam(network, layers)
    held = network.name in ("resnet18", "resnet50", "vgg16")
    shown = [("saliency", layers[:1]), ("guided_backprop", layers[:1])]
    shown += [("grad_cam", layers), ("guided_grad_cam", layers)]

    def ours(methods: list[tuple[str, list[str]]] = shown) -> None:
        forward = xw.ForwardPass(network.model, inputs, layers)
        for target in targets:
            for method, at in methods:
                for layer in at:
                    xw.explain_pass(forward, method, target, layer)

    yield Race(
        "5 session of 50 views",
        network.name,
        Contender("ours", "ForwardPass, explain_pass for each view", ours),
        (
            against_captum(
                "Saliency, GuidedBackprop, LayerGradCam, GuidedGradCam for each view",
                lambda: captum.session(inputs, targets, layers),
                Bound("at_least", 8.0 if held else None, 9.0),
            ),
            against_grad_cam(
                "GradCAM, GuidedBackpropReLUModel, their products; bare saliency",
                lambda: grad_cam.session(inputs, targets, layers),
                Bound("at_least", 5.0 if held else None, 6.0),
            ),
            Rival(
                Contender(
                    "bare torch",
                    "a forward, ten autograd.grad to the input, frozen",
                    lambda: input_gradients(frozen, inputs, targets * 2),
                ),
                Bound("at_most", 1.15 if held else None, 1.0),
            ),
        ),
    )
    only_grad_cam = [("grad_cam", layers)]
    yield Race(
        "5 its 20 Grad-CAM views",
        network.name,
        Contender("ours", "ForwardPass, explain_pass for each view", lambda: ours(only_grad_cam)),
        (
            against_torchcam(
                "model, GradCAM(...) for each view",
                lambda: [torchcam.grad_cam(inputs, target) for target in targets for _ in layers],
                Bound("at_least", aim=6.0),
            ),
            Rival(
                Contender(
                    "torchcam, graph kept",
                    "model once, GradCAM of 4 layers(..., retain_graph=True)",
                    lambda: torchcam.session(inputs, targets),
                ),
                Bound("at_least", aim=6.0),
            ),
            Rival(
                # What nobody can be far ahead of: torchcam with its graph kept is as fast.
                Contender(
                    "bare torch",
                    "a forward, five autograd.grad to 4 layers, frozen",
                    lambda: layers_gradients(frozen, inputs, layers, targets),
                ),
                Bound("at_most"),
            ),
        ),
    )


def _fresh_classes(forward: xw.ForwardPass) -> Iterator[int]:
    classes = forward.logits.shape[1]
    return (number % classes for number in count())
