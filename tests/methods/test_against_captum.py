"""All six methods against Captum, where Captum is right."""

from __future__ import annotations

import functools

import pytest
import torch
import torchvision.models
from captum.attr import (
    Deconvolution,
    GuidedBackprop,
    GuidedGradCam,
    LayerAttribution,
    LayerGradCam,
    Occlusion,
    Saliency,
)
from torch import Tensor, nn

from xcnn_widgets import demo
from xcnn_widgets.methods.explanation import explain
from xcnn_widgets.methods.heatmaps import upsample

from ..models.reference import graph_gradient, input_gradient, relative_error
from ..models.zoo import classifier

# Captum tells what it does to the model while it works.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")

# float64, so that differences of large scores, as occlusion takes them, keep five digits.
NETWORKS = {"resnet18": "layer4", "vgg11": "features.19", "demo": "blocks.5"}
CLOSE = 1e-5


@functools.cache
def network(name: str) -> nn.Module:
    """A network for reading; Captum gets its own copy, without in-place ReLUs."""
    model = demo.load().model if name == "demo" else classifier(name)
    for module in model.modules():
        if isinstance(module, nn.ReLU | nn.ReLU6):
            module.inplace = False
    return model.double().eval()


@pytest.fixture(params=NETWORKS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def inputs() -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(2, 3, 64, 96, generator=generator, dtype=torch.float64)


TARGETS = [281, 7]


def test_saliency_equals_captum(name: str, inputs: Tensor) -> None:
    found = explain(network(name), inputs, "saliency", TARGETS).values
    expected = Saliency(network(name)).attribute(inputs, TARGETS, abs=False)
    assert relative_error(found, expected) < CLOSE


def test_grad_cam_equals_captum(name: str, inputs: Tensor) -> None:
    model, layer = network(name), NETWORKS[name]
    found = explain(model, inputs, "grad_cam", TARGETS, layer).values
    captum = LayerGradCam(model, model.get_submodule(layer))
    expected = captum.attribute(inputs, TARGETS, relu_attributions=True)
    assert expected.max() > 0
    assert relative_error(found, expected[:, 0]) < CLOSE
    larger = LayerAttribution.interpolate(expected, (64, 96), interpolate_mode="bilinear")
    assert relative_error(upsample(found, (64, 96)), larger[:, 0]) < CLOSE


@pytest.mark.parametrize(
    ("method", "captum", "rule"),
    [("guided_backprop", GuidedBackprop, "guided"), ("deconvnet", Deconvolution, "deconvnet")],
)
def test_guided_rules_equal_captum_and_the_reference(
    name: str, method: str, captum: type, rule: str, inputs: Tensor
) -> None:
    model = network(name)
    found = explain(model, inputs, method, TARGETS).values
    for sample, target in enumerate(TARGETS):
        one = inputs[sample : sample + 1]
        assert relative_error(found[[sample]], input_gradient(model, one, target, rule)) < CLOSE
        if name != "demo":  # Captum does not see ReLU6
            assert relative_error(found[[sample]], graph_gradient(model, one, target, rule)) < CLOSE
            assert relative_error(found[[sample]], captum(model).attribute(one, target)) < CLOSE


def test_guided_grad_cam_equals_captum_or_its_two_factors(name: str, inputs: Tensor) -> None:
    model, layer = network(name), NETWORKS[name]
    found = explain(model, inputs, "guided_grad_cam", TARGETS, layer).values
    module = model.get_submodule(layer)
    for sample, target in enumerate(TARGETS):
        one = inputs[sample : sample + 1]
        if name == "demo":
            cam = LayerGradCam(model, module).attribute(one, target, relu_attributions=True)
            larger = LayerAttribution.interpolate(cam, (64, 96), interpolate_mode="bilinear")
            expected = larger * input_gradient(model, one, target, "guided")
        else:
            expected = GuidedGradCam(model, module).attribute(
                one, target, interpolate_mode="bilinear"
            )
        assert expected.abs().max() > 0
        assert relative_error(found[[sample]], expected) < CLOSE


def test_occlusion_equals_captum_with_windows_cut_by_the_edge(name: str, inputs: Tensor) -> None:
    model = network(name)
    # 64 x 96 in steps of 30 with patches of 40: the last windows hang over both edges.
    found = explain(model, inputs, "occlusion", TARGETS, patch=40, stride=30, baseline=0.25).values
    with torch.no_grad():
        expected = Occlusion(model).attribute(
            inputs,
            sliding_window_shapes=(3, 40, 40),
            strides=(3, 30, 30),
            target=TARGETS,
            baselines=0.25,
            perturbations_per_eval=4,
        )
    assert found.shape == (2, 64, 96)
    assert relative_error(found, expected[:, 0]) < CLOSE


def test_float32_equals_captum_on_the_gradients() -> None:
    model = torchvision.models.resnet18(weights=None).eval()
    inputs = torch.randn(1, 3, 64, 96, generator=torch.Generator().manual_seed(3))
    found = explain(model, inputs, "saliency", 5).values
    assert relative_error(found, Saliency(model).attribute(inputs, 5, abs=False)) < CLOSE
