"""Right on every torchvision classifier: a handful always, all of them in the marked run."""

from __future__ import annotations

import pytest
import torch
from captum.attr import GuidedBackprop
from torch import nn

from xcnn_widgets.methods.explanation import explain_pass
from xcnn_widgets.network.layers import default_layer, layer_shapes, target_layers
from xcnn_widgets.passes.forward_pass import ForwardPass

from ..models.reference import graph_gradient, input_gradient, relative_error
from ..models.zoo import CLASSIFIERS, classifier, picture_for

# Captum tells what it does to the model while it works.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")

CLOSE = 1e-5
TARGET = 3

# One of each family, the smallest.
FAST = [
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "efficientnet_v2_s",
    "googlenet",
    "inception_v3",
    "maxvit_t",
    "mnasnet0_5",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "regnet_x_400mf",
    "regnet_y_400mf",
    "resnet18",
    "resnext50_32x4d",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "swin_t",
    "swin_v2_t",
    "vgg11",
    "vit_b_32",
]
# Captum exchanges nn.ReLU modules, which is wrong where they are called twice, or as functions.
EVERY_RELU_IS_A_MODULE = ("alexnet", "mnasnet", "regnet", "shufflenet", "squeezenet", "vgg")
FUNCTIONS_AND_OTHERS = ("googlenet", "inception_v3", "densenet121", "mobilenet_v2", "swin_v2_t")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in CLASSIFIERS],
)
def test_a_classifier_is_explained_right(name: str) -> None:
    model, inputs = classifier(name), picture_for(name)
    layer = default_layer(model, inputs)
    channels, height, width = layer_shapes(model, inputs, [layer])[layer]
    forward = ForwardPass(model, inputs)
    assert forward.activation(layer).shape == (1, channels, height, width)
    assert len(target_layers(model, inputs)) >= 4

    cam = explain_pass(forward, "grad_cam", TARGET, layer)
    assert cam.values.shape == (1, height, width)
    assert torch.isfinite(cam.values).all()
    gradient = forward.gradient(TARGET, layer=layer)
    assert gradient.abs().max() > 0, "the default layer has no part in the answer"

    leaf = inputs.clone().requires_grad_()
    (expected,) = torch.autograd.grad(model(leaf)[:, TARGET].sum(), leaf)
    assert relative_error(forward.gradient(TARGET), expected) < CLOSE

    if name.startswith(EVERY_RELU_IS_A_MODULE):
        guided = forward.gradient(TARGET, rule="guided")
        assert relative_error(guided, captum_guided(model, inputs)) < CLOSE
    if name.startswith(("resnet", "resnext", "wide_resnet")):
        # Their ReLU modules are called several times, which the reference follows.
        guided = forward.gradient(TARGET, rule="guided")
        assert relative_error(guided, input_gradient(model, inputs, TARGET, "guided")) < CLOSE


@pytest.mark.parametrize("rule", ["guided", "deconvnet"])
@pytest.mark.parametrize("name", FUNCTIONS_AND_OTHERS)
def test_the_rules_equal_the_reference_where_captum_is_wrong(name: str, rule: str) -> None:
    model, inputs = classifier(name).double(), picture_for(name).double()
    found = ForwardPass(model, inputs, []).gradient(TARGET, rule=rule)  # type: ignore[arg-type]
    assert relative_error(found, input_gradient(model, inputs, TARGET, rule)) < CLOSE
    if name != "swin_v2_t":  # which torch.fx traces only for one size
        assert relative_error(found, graph_gradient(model, inputs, TARGET, rule)) < CLOSE


def captum_guided(model: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    guided: torch.Tensor = GuidedBackprop(model).attribute(inputs.clone(), TARGET)
    return guided
