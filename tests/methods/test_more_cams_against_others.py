"""The further CAMs against pytorch-grad-cam and torchcam, and why they differ where they do.

- pytorch-grad-cam's Grad-CAM++ adds 1e-6 to a denominator of squared gradients, which small gradients vanish in: it is
  asked here about gradients of 1 and more.
- torchcam's Grad-CAM++ divides a copy (``alpha[mask].div_()``), so that alpha stays the squared gradient.
- pytorch-grad-cam's XGrad-CAM adds 1e-7 to a sum of activations.
- pytorch-grad-cam's Eigen-CAM takes the mean off each channel first, and leaves the sign to the library: of places
  where the layer is silent it may make the hottest ones. The paper's equation 3 does not centre.
- pytorch-grad-cam's Score-CAM upsamples masks with aligned corners; torchcam's stretches them before it upsamples, ours
  after it, as the paper's code does; where the layer is as large as the input all three are one.
- pytorch-grad-cam's Ablation-CAM divides by the score, and takes a channel of negative values for more than silent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from pytorch_grad_cam import EigenCAM, GradCAMPlusPlus, HiResCAM, LayerCAM, ScoreCAM, XGradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn
from torchcam.methods import GradCAMpp as TorchCamPlusPlus
from torchcam.methods import ScoreCAM as TorchCamScore

import xcnn_widgets as xw

from ..models.zoo import classifier

TARGETS = [281, 7]


@pytest.fixture
def network() -> nn.Module:
    return classifier("resnet18").double().eval()


@pytest.fixture
def inputs() -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(2, 3, 64, 96, generator=generator, dtype=torch.float64)


def layer_of(network: nn.Module, inputs: Tensor, layer: str) -> tuple[Any, Any]:
    forward = xw.ForwardPass(network, inputs, [layer])
    return (
        forward.activation(layer).numpy(),
        forward.gradient(TARGETS, layer=layer).numpy(),
    )


def theirs(kind: Any, network: nn.Module, inputs: Tensor, layer: str, scale: float = 1) -> Tensor:
    """Their weighted sum, before they stretch and resize it."""
    activation, gradient = layer_of(network, inputs, layer)
    with kind(network, [network.get_submodule(layer)]) as cam:
        image = cam.get_cam_image(
            inputs,
            None,
            [*map(ClassifierOutputTarget, TARGETS)],
            activation,
            scale * gradient,
            False,
        )
    return torch.from_numpy(np.maximum(image, 0)).double()


@pytest.mark.parametrize(
    ("method", "kind"), [("hires_cam", HiResCAM), ("layer_cam", LayerCAM), ("xgrad_cam", XGradCAM)]
)
@pytest.mark.parametrize("layer", ["layer2", "layer4"])
def test_gradient_cams_equal_pytorch_grad_cam(
    network: nn.Module, inputs: Tensor, method: str, kind: Any, layer: str
) -> None:
    ours = xw.explain(network, inputs, method, TARGETS, layer).values
    assert ours.amax() > 0
    error = (ours - theirs(kind, network, inputs, layer)).abs().amax() / ours.amax()
    assert error < 1e-5


def test_grad_cam_plus_plus_equals_pytorch_grad_cam_s_where_its_epsilon_is_lost(
    network: nn.Module, inputs: Tensor
) -> None:
    scale = 1e4
    louder = lambda output: scale * output[torch.arange(2), TARGETS]  # noqa: E731
    ours = xw.explain(network, inputs, "grad_cam_plus_plus", louder, "layer4").values
    expected = theirs(GradCAMPlusPlus, network, inputs, "layer4", scale)
    assert (ours - expected).abs().amax() / ours.amax() < 1e-5


def test_torchcam_s_grad_cam_plus_plus_is_another_one(network: nn.Module, inputs: Tensor) -> None:
    cam = TorchCamPlusPlus(network, "layer4")
    found = cam([*TARGETS], network(inputs.clone().requires_grad_()), normalized=False)[0]
    cam.remove_hooks()
    activation, gradient = map(torch.from_numpy, layer_of(network, inputs, "layer4"))
    weights = (gradient**2 * gradient.relu()).sum(dim=(2, 3))
    undivided = (weights[..., None, None] * activation).sum(dim=1)
    torch.testing.assert_close(found, undivided, rtol=1e-5, atol=1e-8)
    ours = xw.explain(network, inputs, "grad_cam_plus_plus", TARGETS, "layer4").values
    assert not torch.allclose(ours / ours.amax(), found / found.amax(), rtol=0.01, atol=0.01)


def test_eigen_cam_centred_equals_pytorch_grad_cam_up_to_sign(
    network: nn.Module, inputs: Tensor
) -> None:
    activation, gradient = layer_of(network, inputs, "layer4")
    with EigenCAM(network, [network.layer4]) as cam:
        found = cam.get_cam_image(inputs, None, None, activation, gradient, False)
    centred = torch.from_numpy(activation).flatten(2)
    centred = centred - centred.mean(dim=2, keepdim=True)
    centred = centred.reshape(activation.shape)

    class Returns(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.head = nn.Identity(), nn.Sequential(nn.Flatten(), nn.LazyLinear(2))

        def forward(self, x: Tensor) -> Any:
            return self.head(self.layer(x))

    net = Returns().double()
    net(centred)
    ours = xw.explain(net, centred, "eigen_cam", 0, "layer").values
    for sample in range(2):
        either = [np.maximum(sign * found[sample], 0) for sign in (1, -1)]
        assert min(np.abs(ours[sample].numpy() - each).max() for each in either) < 1e-4


class Full(nn.Module):
    """A layer as large as the input, so that masks are not upsampled."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.layer = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU())
        self.head = nn.Sequential(
            nn.Conv2d(6, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 300)
        )

    def forward(self, x: Tensor) -> Any:
        return self.head(self.layer(x))


def test_score_cam_equals_both(inputs: Tensor) -> None:
    net, small = Full().double().eval(), inputs[:, :, :12, :16]
    ours = xw.explain(net, small, "score_cam", TARGETS, "layer", channels=None).values
    with ScoreCAM(net, [net.layer]) as cam:
        activation, _ = layer_of(net, small, "layer")
        image = cam.get_cam_image(
            small, None, [*map(ClassifierOutputTarget, TARGETS)], activation, None, False
        )
    torch.testing.assert_close(ours, torch.from_numpy(image), rtol=1e-5, atol=1e-7)
    cam = TorchCamScore(net, "layer", input_shape=(3, 12, 16))
    found = cam([*TARGETS], net(small), normalized=False)[0]
    cam.remove_hooks()
    torch.testing.assert_close(ours, found, rtol=1e-5, atol=1e-7)


def test_ablation_cam_is_what_the_score_falls_by_without_each_channel(inputs: Tensor) -> None:
    net, small = Full().double().eval(), inputs[:, :, :12, :16]
    maps, rows = net.layer(small), torch.arange(2)
    untouched = net.head(maps)[rows, TARGETS]
    expected = torch.zeros_like(maps[:, 0])
    for channel in range(6):
        without = maps.clone()
        without[:, channel] = 0
        drop = untouched - net.head(without)[rows, TARGETS]
        expected += drop[:, None, None] * maps[:, channel]
    ours = xw.explain(net, small, "ablation_cam", TARGETS, "layer").values
    torch.testing.assert_close(ours, expected.relu().detach(), rtol=1e-6, atol=1e-9)
