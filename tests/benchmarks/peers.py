"""The peers, called as their documentation says is fastest."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from captum.attr import (
    Deconvolution,
    GuidedBackprop,
    GuidedGradCam,
    LayerGradCam,
    Occlusion,
    Saliency,
)
from pytorch_grad_cam import GradCAM, GuidedBackpropReLUModel
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor
from torchcam.methods import GradCAM as TorchcamGradCAM

from .networks import Network


class Captum:
    """Captum: an attribution object for each method, made once."""

    def __init__(self, network: Network, layers: Iterable[str]) -> None:
        self.model = network.plain_copy()
        modules = {name: self.model.get_submodule(name) for name in layers}
        self._grad_cam = {
            name: LayerGradCam(self.model, module) for name, module in modules.items()
        }
        self._guided_grad_cam = {
            name: GuidedGradCam(self.model, module) for name, module in modules.items()
        }
        self._guided = GuidedBackprop(self.model)
        self._deconvnet = Deconvolution(self.model)
        self._saliency = Saliency(self.model)
        self._occlusion = Occlusion(self.model)

    def grad_cam(self, inputs: Tensor, target: int, layer: str) -> Any:
        return self._grad_cam[layer].attribute(inputs, target, relu_attributions=True)

    def guided_grad_cam(self, inputs: Tensor, target: int, layer: str) -> Any:
        with _quiet():
            return self._guided_grad_cam[layer].attribute(
                inputs, target, interpolate_mode="bilinear"
            )

    def guided_backprop(self, inputs: Tensor, target: int) -> Any:
        with _quiet():
            return self._guided.attribute(inputs, target)

    def deconvnet(self, inputs: Tensor, target: int) -> Any:
        with _quiet():
            return self._deconvnet.attribute(inputs, target)

    def saliency(self, inputs: Tensor, target: int) -> Any:
        with _quiet():
            return self._saliency.attribute(inputs, target, abs=False)

    def occlusion(
        self, inputs: Tensor, target: int, patch: int, stride: int, batch_size: int
    ) -> Any:
        return self._occlusion.attribute(
            inputs,
            (3, patch, patch),
            strides=(3, stride, stride),
            target=target,
            perturbations_per_eval=batch_size,
        )

    def session(self, inputs: Tensor, targets: Iterable[int], layers: Iterable[str]) -> None:
        layers = list(layers)
        for target in targets:
            self.saliency(inputs, target)
            self.guided_backprop(inputs, target)
            for layer in layers:
                self.grad_cam(inputs, target, layer)
                self.guided_grad_cam(inputs, target, layer)


class PytorchGradCam:
    """pytorch-grad-cam: a `GradCAM` for each layer and a guided model, made once.

    It has no saliency, for which bare torch stands in, and Guided Grad-CAM is a product that its user takes of
    maps made before.
    """

    def __init__(self, network: Network, layers: Iterable[str]) -> None:
        model = network.plain_copy()
        self._grad_cam = {name: GradCAM(model, [model.get_submodule(name)]) for name in layers}
        # It exchanges modules, which would take the hooks of the others along.
        self._guided = GuidedBackpropReLUModel(network.plain_copy(), device=network.device)
        self._frozen = network.frozen_copy()

    def grad_cam(self, inputs: Tensor, target: int, layer: str) -> Any:
        return self._grad_cam[layer](inputs, [ClassifierOutputTarget(target)] * len(inputs))

    def guided_backprop(self, inputs: Tensor, target: int) -> Any:
        # It leaves its gradient on the input that it is given.
        return self._guided(inputs.clone(), target_category=target)

    def session(self, inputs: Tensor, targets: Iterable[int], layers: Iterable[str]) -> None:
        layers = list(layers)
        for target in targets:
            given = inputs.detach().requires_grad_()
            torch.autograd.grad(self._frozen(given)[:, target].sum(), given)
            guided = self.guided_backprop(inputs, target)
            for layer in layers:
                guided * self.grad_cam(inputs, target, layer)[0][:, :, None]


class Torchcam:
    """torchcam: one `GradCAM` for all layers."""

    def __init__(self, network: Network, layers: Iterable[str]) -> None:
        self.model = network.plain_copy()
        self._extractor = TorchcamGradCAM(self.model, list(layers))
        self._scores: Tensor | None = None

    def grad_cam(self, inputs: Tensor, target: int | list[int]) -> Any:
        """A forward pass and a call, as in its README."""
        return self._extractor(target, self.model(inputs), normalized=False)

    def keep_scores(self, inputs: Tensor) -> None:
        """Run the model once for several calls of `another_class`."""
        self._scores = self.model(inputs)

    def another_class(self, target: int) -> Any:
        """A call on scores kept before, as its page on troubleshooting shows for several classes."""
        return self._extractor(target, self._scores, normalized=False, retain_graph=True)

    def session(self, inputs: Tensor, targets: Iterable[int]) -> None:
        self.keep_scores(inputs)
        for target in targets:
            self.another_class(target)


def upsampled(maps: Tensor, inputs: Tensor) -> Tensor:
    """Bring Captum's maps ``(B, 1, h, w)`` to the input's size."""
    return F.interpolate(maps, inputs.shape[-2:], mode="bilinear", align_corners=False)


@contextmanager
def _quiet() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
