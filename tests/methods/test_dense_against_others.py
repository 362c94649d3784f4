"""Targets in torchvision's segmentation networks, against Captum and pytorch-grad-cam."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import torch
from captum.attr import LayerGradCam, Occlusion, Saliency
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import SemanticSegmentationTarget
from torch import Tensor, nn

import xcnn_widgets as xw

from ..models.reference import relative_error
from ..models.segmenters import Plain, segmenter

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")

NETWORKS = {"lraspp_mobilenet_v3_large": "backbone.16", "deeplabv3_resnet50": "backbone.layer4"}
CLOSE = 1e-5


def pictures() -> Tensor:
    generator = torch.Generator().manual_seed(2)
    coarse = 2 * torch.randn(2, 3, 4, 6, generator=generator, dtype=torch.float64)
    return nn.functional.interpolate(coarse, (64, 96), mode="bilinear")


@functools.cache
def network(name: str) -> nn.Module:
    model = segmenter(name, pictures())
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    return model


@pytest.fixture(
    params=["lraspp_mobilenet_v3_large", pytest.param("deeplabv3_resnet50", marks=pytest.mark.slow)]
)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def inputs() -> Tensor:
    return pictures()


def masks(name: str, inputs: Tensor, classes: list[int]) -> Tensor:
    """``(B, H, W)``: where each sample's class is predicted."""
    with torch.no_grad():
        predicted = network(name)(inputs)["out"].argmax(dim=1)
    return predicted == torch.tensor(classes)[:, None, None]


class Summed(nn.Module):
    """For Captum: the sums of all classes over one mask a sample."""

    def __init__(self, name: str, regions: Tensor) -> None:
        super().__init__()
        self.model, self.regions = Plain(network(name)), regions

    def forward(self, x: Tensor) -> Tensor:
        return (self.model(x) * self.regions[:, None]).sum(dim=(2, 3))


def predicted(name: str, inputs: Tensor) -> list[int]:
    with torch.no_grad():
        areas = xw.class_areas(network(name)(inputs))
    classes: list[int] = areas.argmax(dim=1).tolist()
    # Not all of the picture, or the regions are put to no test.
    assert (areas.amax(dim=1) < 64 * 96).all()
    return classes


def test_the_default_layer_is_the_backbone_s_last(name: str, inputs: Tensor) -> None:
    assert xw.default_layer(network(name), inputs) == NETWORKS[name]


def test_classes_equal_captum(name: str, inputs: Tensor) -> None:
    model, layer = network(name), NETWORKS[name]
    classes = predicted(name, inputs)
    summed = Summed(name, masks(name, inputs, classes))
    found = xw.explain(model, inputs, "saliency")
    assert found.target == tuple(classes)
    expected = Saliency(summed).attribute(inputs, classes, abs=False)
    assert relative_error(found.values, expected) < CLOSE
    asked = xw.explain(model, inputs, "grad_cam", classes, layer).values
    captum = LayerGradCam(summed, model.get_submodule(layer))
    expected = captum.attribute(inputs, classes, relu_attributions=True)[:, 0]
    assert expected.max() > 0
    assert relative_error(asked, expected) < CLOSE


def test_occlusion_equals_captum_s_over_the_regions_as_they_were(name: str, inputs: Tensor) -> None:
    inputs = inputs[:1]
    classes = predicted(name, inputs)
    summed = Summed(name, masks(name, inputs, classes))
    found = xw.explain(network(name), inputs, "occlusion", classes, patch=40, stride=30).values
    with torch.no_grad():
        expected = Occlusion(summed).attribute(
            inputs, sliding_window_shapes=(3, 40, 40), strides=(3, 30, 30), target=classes
        )
    assert relative_error(found, expected[:, 0]) < CLOSE


def weighted_maps(name: str, inputs: Tensor, target: Any) -> Tensor:
    """Grad-CAM of pytorch-grad-cam, by its own steps, before it is normalised and resized."""
    layer = network(name).get_submodule(NETWORKS[name])
    with GradCAM(Plain(network(name)), [layer]) as cam:
        outputs = cam.activations_and_grads(inputs)
        sum(target(output) for output in outputs).backward()
        activations = cam.activations_and_grads.activations[0].numpy()
        gradients = cam.activations_and_grads.gradients[0].numpy()
        found = cam.get_cam_image(inputs, layer, [target], activations, gradients)
    return torch.from_numpy(found).relu()


def test_a_class_and_a_region_equal_pytorch_grad_cam(name: str, inputs: Tensor) -> None:
    inputs = inputs[:1]
    model, layer = network(name), NETWORKS[name]
    [chosen] = predicted(name, inputs)
    own = masks(name, inputs, [chosen])[0]
    target = SemanticSegmentationTarget(chosen, own.numpy())
    found = xw.explain(model, inputs, "grad_cam", chosen, layer).values
    assert found.max() > 0
    assert relative_error(found, weighted_maps(name, inputs, target)) < CLOSE
    mask = torch.zeros(64, 96, dtype=torch.bool)
    mask[10:30, 40:80] = True
    for number in (chosen, (chosen + 1) % 5):
        target = SemanticSegmentationTarget(number, mask.numpy())
        found = xw.explain(model, inputs, "grad_cam", xw.region(mask, number), layer).values
        expected = weighted_maps(name, inputs, target)
        assert relative_error(found, expected) < CLOSE if expected.any() else not found.any()
