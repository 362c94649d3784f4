"""Networks of one and of three dimensions: every method, against autograd by hand."""

from __future__ import annotations

import pytest
import torch
import torchvision
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

import xcnn_widgets as xw

SIZES = {1: (24,), 3: (6, 8, 12)}


def network(dimensions: int) -> nn.Sequential:
    torch.manual_seed(0)
    conv, norm, pool = {
        1: (nn.Conv1d, nn.BatchNorm1d, nn.AdaptiveAvgPool1d),
        3: (nn.Conv3d, nn.BatchNorm3d, nn.AdaptiveAvgPool3d),
    }[dimensions]
    return nn.Sequential(
        conv(2, 5, 3, padding=1), norm(5), nn.ReLU(),
        conv(5, 6, 3, stride=2, padding=1), nn.ReLU(), pool(1), nn.Flatten(), nn.Linear(6, 3),
    ).eval()  # fmt: skip


@pytest.fixture(params=SIZES)
def case(request: pytest.FixtureRequest) -> tuple[nn.Sequential, Tensor]:
    size = SIZES[request.param]
    inputs = torch.randn(2, 2, *size, generator=torch.Generator().manual_seed(1))
    return network(request.param), inputs


def test_grad_cam_is_the_weighted_sum_of_the_maps(case: tuple[nn.Sequential, Tensor]) -> None:
    model, inputs = case
    maps = model[:5](inputs).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model[5:](maps)[:, 1].sum(), maps)
    weights = gradient.flatten(2).mean(2)
    expected = torch.einsum("bc,bc...->b...", weights, maps).relu()
    result = xw.explain(model, inputs, target=1)
    assert result.layer == "4"
    torch.testing.assert_close(result.values, expected.detach())
    assert result.heatmaps().shape == (2, *inputs.shape[2:])


def test_input_gradients_are_autograds(case: tuple[nn.Sequential, Tensor]) -> None:
    model, inputs = case
    leaf = inputs.clone().requires_grad_()
    (expected,) = torch.autograd.grad(model(leaf)[:, 1].sum(), leaf)
    saliency = xw.explain(model, inputs, "saliency", 1)
    torch.testing.assert_close(saliency.values, expected)
    torch.testing.assert_close(saliency.maps(), expected.abs().amax(1))
    for method in ("guided_backprop", "deconvnet", "guided_grad_cam"):
        result = xw.explain(model, inputs, method, 1)
        assert result.values.shape == inputs.shape and result.maps().shape == saliency.maps().shape


def test_occlusion_covers_windows_of_every_side(case: tuple[nn.Sequential, Tensor]) -> None:
    model, inputs = case
    found = xw.explain(model, inputs, "occlusion", 1, patch=2, stride=2).values
    assert found.shape == (2, *inputs.shape[2:])
    first = (slice(None), slice(None), *(slice(0, 2) for _ in inputs.shape[2:]))
    covered = inputs.clone()
    covered[first] = 0
    with torch.no_grad():
        drop = model(inputs)[:, 1] - model(covered)[:, 1]
    corner = found[(slice(None), *(slice(0, 2) for _ in inputs.shape[2:]))]
    torch.testing.assert_close(
        corner, drop.reshape(2, *(1 for _ in inputs.shape[2:])).expand_as(corner)
    )


def test_r3d_equals_pytorch_grad_cam() -> None:
    model = torchvision.models.video.r3d_18(weights=None).eval()
    inputs = torch.randn(1, 3, 8, 48, 64, generator=torch.Generator().manual_seed(2))
    result = xw.explain(model, inputs, target=3, layer="layer4")
    with GradCAM(model, [model.layer4]) as theirs:
        activations = theirs.activations_and_grads
        activations(inputs)[0, 3].backward()
        cam = theirs.get_cam_image(
            inputs, model.layer4, [ClassifierOutputTarget(3)],
            activations.activations[0].numpy(), activations.gradients[0].numpy(),
        )  # fmt: skip
    expected = torch.from_numpy(cam).relu()
    torch.testing.assert_close(result.values, expected, rtol=1e-4, atol=1e-6)
    assert result.heatmaps().shape == (1, 8, 48, 64)


def test_a_picture_without_a_batch_is_told_from_a_signal() -> None:
    picture = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with pytest.raises(ValueError, match=r"expected \(B, C, H, W\): add the batch dimension"):
        xw.explain(picture, torch.rand(3, 8, 8), "saliency", 1)
