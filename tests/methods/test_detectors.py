"""Boxes of torchvision's detectors, with random weights, against pytorch-grad-cam and by hand."""

from __future__ import annotations

import functools

import pytest
import torch
import torchvision.models.detection
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import FasterRCNNBoxScoreTarget
from torch import Tensor, nn
from torchvision.ops import box_iou

import xcnn_widgets as xw

from ..models.reference import relative_error
from ..models.segmenters import Answering

CLOSE = 1e-3
INDEX = 1


def faster_rcnn() -> nn.Module:
    model = torchvision.models.detection.fasterrcnn_mobilenet_v3_large_fpn(
        weights=None,
        weights_backbone=None,
        num_classes=4,
        box_score_thresh=0.0,
        box_detections_per_img=6,
        rpn_score_thresh=0.0,
        rpn_post_nms_top_n_test=50,
        min_size=96,
        max_size=160,
    )
    with torch.no_grad():
        model.roi_heads.box_predictor.cls_score.weight *= 1e3
    return model


def ssd() -> nn.Module:
    model = torchvision.models.detection.ssdlite320_mobilenet_v3_large(
        weights=None,
        weights_backbone=None,
        num_classes=4,
        score_thresh=0.0,
        detections_per_img=6,
        topk_candidates=50,
    )
    with torch.no_grad():
        for module in model.head.classification_head.modules():
            if isinstance(module, nn.Conv2d):
                module.weight *= 5
    return model


DETECTORS = {"faster_rcnn": faster_rcnn, "ssd": ssd}


@functools.cache
def detector(name: str) -> nn.Module:
    torch.manual_seed(0)
    model = DETECTORS[name]()
    for module in model.modules():
        if isinstance(module, nn.ReLU | nn.Hardswish):
            module.inplace = False
    return model.eval()


@pytest.fixture(params=["faster_rcnn", pytest.param("ssd", marks=pytest.mark.slow)])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def picture() -> Tensor:
    generator = torch.Generator().manual_seed(5)
    coarse = torch.rand(1, 3, 6, 8, generator=generator)
    return nn.functional.interpolate(coarse, (96, 128), mode="bilinear")


def still(found: list[dict[str, Tensor]]) -> list[dict[str, Tensor]]:
    """Boxes without a graph: pytorch-grad-cam adds the overlap to the score, and its gradient too."""
    return [{**each, "boxes": each["boxes"].detach()} for each in found]


def test_the_map_of_a_box_equals_pytorch_grad_cam(name: str, picture: Tensor) -> None:
    model = detector(name)
    found = xw.explain(model, picture, "grad_cam", xw.box(INDEX))
    # Between the input and the score, and not the class scores of all places themselves.
    assert found.layer is not None
    assert found.layer.startswith("backbone.")
    assert found.values.max() > 0
    with torch.no_grad():
        [known] = model(picture)
    target = FasterRCNNBoxScoreTarget([known["labels"][INDEX]], [known["boxes"][INDEX]])
    layer = model.get_submodule(found.layer)
    with GradCAM(Answering(model, still), [layer]) as cam:
        [output] = cam.activations_and_grads(picture)
        target(output).sum().backward()
        activations = cam.activations_and_grads.activations[0].numpy()
        gradients = cam.activations_and_grads.gradients[0].numpy()
        expected = cam.get_cam_image(picture, layer, [target], activations, gradients)
    assert relative_error(found.values, torch.from_numpy(expected).relu()) < CLOSE


def test_every_layer_that_is_offered_has_a_part_in_the_box(name: str, picture: Tensor) -> None:
    model, target = detector(name), xw.box(INDEX)
    offered = xw.target_layers(model, picture, target=target)
    assert offered
    forward = xw.ForwardPass(model, picture, offered)
    gradients = forward.gradients(target, offered)
    assert all(gradient.any() for gradient in gradients.values())
    # Where a region is proposed has no gradient back to its proposal.
    assert not any("rpn" in layer or "regression" in layer for layer in offered)


def test_saliency_of_a_box_is_the_gradient_of_its_score(name: str, picture: Tensor) -> None:
    leaf = picture.clone().requires_grad_()
    [found] = detector(name)(leaf)
    [expected] = torch.autograd.grad(found["scores"][INDEX], [leaf])
    assert expected.any()
    values = xw.explain(detector(name), picture, "saliency", xw.box(INDEX)).values
    assert relative_error(values, expected) < CLOSE


def test_occlusion_finds_the_box_again_as_torchvision_measures_overlap(
    name: str, picture: Tensor
) -> None:
    model = detector(name)
    values = xw.explain(model, picture, "occlusion", xw.box(INDEX), patch=64, stride=64).values
    with torch.no_grad():
        [known] = model(picture)
        box, label = known["boxes"][[INDEX]], known["labels"][INDEX]
        for row, column in ((0, 0), (0, 64), (64, 0), (64, 64)):
            covered = picture.clone()
            covered[:, :, row : row + 64, column : column + 64] = 0
            [found] = model(covered)
            overlaps = box_iou(box, found["boxes"])[0] * (found["labels"] == label)
            is_there = overlaps.max() >= 0.5
            score = found["scores"][overlaps.argmax()] if is_there else torch.tensor(0.0)
            drop = known["scores"][INDEX] - score
            torch.testing.assert_close(values[0, row, column], drop, atol=1e-5, rtol=1e-4)
