"""The same answers on a GPU as on the processor; without one, nothing here runs."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.transforms import ToTensor

import xcnn_widgets as xw

from .models.zoo import classifier, picture_for

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

METHODS = ("grad_cam", "guided_grad_cam", "guided_backprop", "saliency", "deconvnet", "occlusion")
NETWORKS = (
    "resnet18",
    "vgg11_bn",
    "densenet121",
    "efficientnet_b0",
    "mobilenet_v2",
    "convnext_tiny",
)


@pytest.fixture(scope="module", params=NETWORKS)
def pair(request: pytest.FixtureRequest) -> tuple[nn.Module, nn.Module, Tensor]:
    """The same network on the processor and on the GPU, and two samples.

    In float64, so that a ReLU or a maximum that rounding decides otherwise does not hide what is wrong.
    """
    model = classifier(request.param).double()
    return model, copy.deepcopy(model).cuda(), picture_for(request.param, samples=2).double()


@pytest.mark.parametrize("method", METHODS)
def test_every_method(pair: tuple[nn.Module, nn.Module, Tensor], method: str) -> None:
    model, on_gpu, inputs = pair
    layer = xw.target_layers(model, inputs)[-1]
    expected = xw.explain(model, inputs, method, layer=layer)
    assert expected.values.any()
    # Inputs follow the model to its device.
    found = xw.explain(on_gpu, inputs, method, layer=layer)
    assert found.values.is_cuda
    assert found.target == expected.target
    assert _agree(found.heatmaps(), expected.heatmaps())


def test_a_session(pair: tuple[nn.Module, nn.Module, Tensor]) -> None:
    model, on_gpu, inputs = pair
    layers = xw.target_layers(model, inputs)
    assert xw.target_layers(on_gpu, inputs) == layers
    before = copy.deepcopy(on_gpu.state_dict())
    forward, expected = (
        xw.ForwardPass(on_gpu, inputs, layers),
        xw.ForwardPass(model, inputs, layers),
    )
    for target in (3, 1, 4):
        for layer in layers:
            for method in ("grad_cam", "guided_grad_cam"):
                found = xw.explain_pass(forward, method, target, layer).heatmaps()
                assert _agree(found, xw.explain_pass(expected, method, target, layer).heatmaps()), (
                    method,
                    target,
                    layer,
                )
    assert all(torch.equal(tensor, before[name]) for name, tensor in on_gpu.state_dict().items())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("exact", [True, False])
def test_other_precisions(
    pair: tuple[nn.Module, nn.Module, Tensor], dtype: torch.dtype, exact: bool
) -> None:
    _, on_gpu, inputs = pair
    coarser = copy.deepcopy(on_gpu).to(dtype)
    layer = xw.target_layers(on_gpu, inputs)[-1]
    # A drop in the score of an untrained network is less than bfloat16 can tell.
    for method in METHODS if dtype == torch.float32 else METHODS[:-1]:
        expected = xw.explain(on_gpu, inputs, method, layer=layer)
        # The first run may be watched, the second goes the faster way where there is one.
        for _ in range(2):
            found = xw.explain(coarser, inputs, method, expected.target, layer, exact=exact)
            assert found.logits.dtype == dtype
            assert found.values.dtype == torch.float32
            likeness = torch.cosine_similarity(
                found.values.double().flatten(1), expected.values.flatten(1)
            )
            # Convolutions in float32 are computed in TF32 there, with a mantissa of 10 bits.
            assert likeness.min() > (0.95 if dtype == torch.float32 else 0.5), method


def test_the_widgets() -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Conv2d(6, 5, 3),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(5, 4),
    ).cuda()
    random = np.random.default_rng(0)
    pictures = {str(i): random.integers(0, 256, (40, 48, 3), dtype=np.uint8) for i in range(3)}
    explorer = xw.ExplainerWidget(network, pictures, transform=ToTensor())
    for method in METHODS:
        explorer.method = method
        explorer.wait()
        assert not explorer.error, method
    explorer.close()
    gallery = xw.GalleryWidget(network, pictures, transform=ToTensor())
    gallery.wait()
    assert not gallery.error
    gallery.close()


def _agree(found: NDArray[np.float32], expected: NDArray[np.float32]) -> bool:
    return bool(abs(found - expected).max() < 1e-5)
