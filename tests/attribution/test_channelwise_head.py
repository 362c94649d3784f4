"""Where each channel reaches a linear head by itself, a third class needs no backward pass, and is what autograd gives."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.utils._python_dispatch import _disable_current_modes

from xcnn_widgets.attribution.forward_pass import ForwardPass
from xcnn_widgets.attribution.methods import explain, explain_pass

from .test_what_it_costs import Operations


class Hooked(nn.Module):
    """Changes the gradient on its way, with a hook that no graph shows."""

    def __init__(self, operation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.operation = operation

    def forward(self, maps: Tensor) -> Tensor:
        maps = self.operation(maps)
        if maps.requires_grad:
            maps.register_hook(lambda gradient: gradient.clamp(min=0))
        return maps


def pooled(*before: nn.Module, channels: int = 6) -> nn.Module:
    """A convolution, what stands between, a pooling and a linear head."""
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 5)]
    return nn.Sequential(nn.Conv2d(3, 6, 3), *before, *head).eval()


BY_THEMSELVES: dict[str, Callable[[], nn.Module]] = {
    "pooling": pooled,
    "relu": lambda: pooled(nn.ReLU(inplace=True)),
    "batch norm, relu6": lambda: pooled(nn.BatchNorm2d(6), nn.ReLU6()),
    "max pooling": lambda: pooled(nn.MaxPool2d(2), nn.SiLU(), nn.Dropout(0.5)),
    "largest": lambda: nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(6, 5)
    ).eval(),
}
NOT_BY_THEMSELVES: dict[str, Callable[[], nn.Module]] = {
    "another convolution": lambda: pooled(nn.Conv2d(6, 6, 1)),
    "channels in another order": lambda: pooled(nn.ChannelShuffle(2)),
    "softmax over the channels": lambda: pooled(nn.Softmax(dim=1)),
    "a grid of four": lambda: nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 5)
    ).eval(),
    "two linear layers": lambda: nn.Sequential(
        pooled(), nn.ReLU(), nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 5)
    ).eval(),
    "a multiplication": lambda: pooled(Hooked(lambda maps: maps * 1)),
    "a hook that nobody sees": lambda: pooled(Hooked(torch.clone)),
}


def backward_nodes(model: nn.Module, inputs: Tensor, layer: str) -> int:
    """How many operations a third class takes; and it has to be what `explain` says."""
    torch.manual_seed(2)
    forward = ForwardPass(model, inputs, [layer])
    for target in (0, [1, 2]):
        explain_pass(forward, "grad_cam", target, layer)
    with Operations() as operations:
        for target in ([3, 4], [4, 1]):
            found = explain_pass(forward, "grad_cam", target, layer).values
            torch.testing.assert_close(
                found, explain_without_counting(model, inputs, target, layer)
            )
    return sum(n for name, n in operations.counts.items() if "backward" in name or name == "div")


def explain_without_counting(
    model: nn.Module, inputs: Tensor, target: list[int], layer: str
) -> Tensor:
    with _disable_current_modes():
        return explain(model, inputs, "grad_cam", target, layer).values


def layer_of(model: nn.Module) -> str:
    """The name of the first convolution."""
    return next(name for name, part in model.named_modules() if isinstance(part, nn.Conv2d))


@pytest.mark.parametrize("network", BY_THEMSELVES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_third_class_needs_no_backward_pass(
    network: str, dtype: torch.dtype, inputs: Tensor
) -> None:
    torch.manual_seed(1)
    model = BY_THEMSELVES[network]().to(dtype)
    assert backward_nodes(model, inputs.to(dtype), layer_of(model)) == 0


@pytest.mark.parametrize("network", NOT_BY_THEMSELVES)
def test_other_heads_are_asked_each_time(network: str, inputs: Tensor) -> None:
    torch.manual_seed(1)
    model = NOT_BY_THEMSELVES[network]()
    assert backward_nodes(model, inputs, layer_of(model)) > 0


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("resnet18", "layer4"),
        ("densenet121", "features.norm5"),
        ("mobilenet_v2", "features.18"),
        ("efficientnet_b0", "features.8"),
        ("regnet_x_400mf", "trunk_output"),
    ],
)
def test_it_holds_for_usual_networks(name: str, layer: str) -> None:
    torch.manual_seed(3)
    model = torchvision.models.get_model(name).eval()
    assert backward_nodes(model, torch.rand(2, 3, 64, 64), layer) == 0


def test_half_precision_keeps_the_digits_it_has(inputs: Tensor) -> None:
    torch.manual_seed(1)
    model = pooled(nn.ReLU()).to(torch.bfloat16)
    forward = ForwardPass(model, inputs, ["0"])
    for target in (0, 1, 2):
        found = explain_pass(forward, "grad_cam", target, "0").values
        expected = explain(model, inputs, "grad_cam", target, "0").values
        torch.testing.assert_close(found, expected, rtol=0.02, atol=0.02 * float(expected.max()))


def test_weights_written_after_the_pass_are_refused_not_mixed(inputs: Tensor) -> None:
    model = pooled()
    forward = ForwardPass(model, inputs, ["0"])
    for target in (0, 1, 2):
        explain_pass(forward, "grad_cam", target, "0")
    with torch.no_grad():
        model.get_parameter("3.weight").mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        explain_pass(forward, "grad_cam", 3, "0")


def test_a_pass_that_was_closed_answers_nothing(inputs: Tensor) -> None:
    forward = ForwardPass(pooled(), inputs, ["0"])
    for target in (0, 1, 2):
        explain_pass(forward, "grad_cam", target, "0")
    forward.close()
    with pytest.raises(RuntimeError, match="was closed"):
        explain_pass(forward, "grad_cam", 3, "0")
