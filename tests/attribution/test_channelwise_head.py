"""Where each channel reaches a linear head by itself, a third class needs no backward pass, and is what autograd gives."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.utils._python_dispatch import _disable_current_modes

from xcnn_widgets.attribution.explanation import explain, explain_pass
from xcnn_widgets.attribution.forward_pass import ForwardPass

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


def on_a_grid(*head: nn.Module) -> nn.Module:
    """A convolution whose pooled grid is flattened, as in AlexNet and VGG."""
    before = [nn.Conv2d(3, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(2)]
    return nn.Sequential(*before, nn.Flatten(), *head).eval()


class Flattened(nn.Module):
    """Lays the grid before the channels."""

    def forward(self, maps: Tensor) -> Tensor:
        return maps.permute(0, 2, 3, 1).flatten(1)


class Around(nn.Module):
    """A hidden layer that is added to what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(6, 6)

    def forward(self, features: Tensor) -> Tensor:
        added: Tensor = features + self.linear(features).tanh()
        return added


class OfEachPosition(nn.Module):
    """A linear layer for each position of the grid, and the mean over them."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(6, 6)

    def forward(self, maps: Tensor) -> Tensor:
        features: Tensor = self.linear(maps.flatten(2).transpose(1, 2)).tanh()
        return features.mean(dim=1)


BY_THEMSELVES: dict[str, Callable[[], nn.Module]] = {
    "pooling": pooled,
    "relu": lambda: pooled(nn.ReLU(inplace=True)),
    "batch norm, relu6": lambda: pooled(nn.BatchNorm2d(6), nn.ReLU6()),
    "max pooling": lambda: pooled(nn.MaxPool2d(2), nn.SiLU(), nn.Dropout(0.5)),
    "largest": lambda: nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(6, 5)
    ).eval(),
}
BEHIND_MORE_LAYERS: dict[str, Callable[[], nn.Module]] = {
    "two more linear layers": lambda: nn.Sequential(
        pooled(nn.ReLU()), nn.ReLU(), nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 5)
    ).eval(),
    "a grid of four": lambda: on_a_grid(nn.Linear(24, 5)),
    "a grid of four, then hidden layers": lambda: on_a_grid(
        nn.Linear(24, 9), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(9, 5)
    ),
}
NOT_BY_THEMSELVES: dict[str, Callable[[], nn.Module]] = {
    "another convolution": lambda: pooled(nn.Conv2d(6, 6, 1)),
    "channels in another order": lambda: pooled(nn.ChannelShuffle(2)),
    "softmax over the channels": lambda: pooled(nn.Softmax(dim=1)),
    "a multiplication": lambda: pooled(Hooked(lambda maps: maps * 1)),
    "the grid before the channels": lambda: nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.AdaptiveAvgPool2d(2), Flattened(), nn.Linear(24, 5)
    ).eval(),
    "a linear layer of each position": lambda: nn.Sequential(
        nn.Conv2d(3, 6, 3), OfEachPosition(), nn.Linear(6, 5)
    ).eval(),
    "a way around": lambda: nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), Around(), nn.Linear(6, 5)
    ).eval(),
    "a hook that nobody sees": lambda: pooled(Hooked(torch.clone)),
}


def further_classes(model: nn.Module, inputs: Tensor, layer: str) -> Operations:
    """What a third and a fourth class take; and they have to be what `explain` says."""
    torch.manual_seed(2)
    forward = ForwardPass(model, inputs, [layer])
    asked = [[0, 0], [1, 2], [3, 4], [4, 1]]
    first, second, *others = (target[: len(inputs)] for target in asked)
    for target in (first, second):
        explain_pass(forward, "grad_cam", target, layer)
    with Operations() as operations:
        for target in others:
            found = explain_pass(forward, "grad_cam", target, layer).values
            torch.testing.assert_close(
                found, explain_without_counting(model, inputs, target, layer)
            )
    return operations


def backward_nodes(model: nn.Module, inputs: Tensor, layer: str) -> int:
    """How many operations of autograd a third and a fourth class take."""
    counts = further_classes(model, inputs, layer).counts
    return sum(n for name, n in counts.items() if "backward" in name or name == "div")


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


@pytest.mark.parametrize("network", BEHIND_MORE_LAYERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_behind_more_layers_it_goes_back_no_further_than_the_first_of_them(
    network: str, dtype: torch.dtype, inputs: Tensor
) -> None:
    torch.manual_seed(1)
    model = BEHIND_MORE_LAYERS[network]().to(dtype)
    counts = further_classes(model, inputs[:1].to(dtype), layer_of(model)).counts
    linears = sum(isinstance(part, nn.Linear) for part in model.modules())
    # Of each class: a row is looked up in the head, and multiplied by each layer but the first.
    products = linears - 1
    assert counts["mm"] == 2 * products
    assert not any("pool" in name or "div" in name for name in counts), counts


@pytest.mark.parametrize("network", BEHIND_MORE_LAYERS)
def test_of_several_inputs_each_class_is_right_as_well(network: str, inputs: Tensor) -> None:
    torch.manual_seed(1)
    model = BEHIND_MORE_LAYERS[network]()
    further_classes(model, inputs, layer_of(model))


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


def test_it_holds_for_a_network_that_flattens_a_grid() -> None:
    torch.manual_seed(3)
    model = torchvision.models.alexnet().eval()
    counts = further_classes(model, torch.rand(1, 3, 64, 64), "features.12").counts
    assert not any("pool" in name for name in counts), counts


def test_half_precision_keeps_the_digits_it_has(inputs: Tensor) -> None:
    torch.manual_seed(1)
    model = pooled(nn.ReLU()).to(torch.bfloat16)
    forward = ForwardPass(model, inputs, ["0"])
    for target in (0, 1, 2):
        found = explain_pass(forward, "grad_cam", target, "0").values
        expected = explain(model, inputs, "grad_cam", target, "0").values
        torch.testing.assert_close(found, expected, rtol=0.02, atol=0.02 * float(expected.max()))


@pytest.mark.parametrize(("head", "written"), [("one layer", "3"), ("two", "5"), ("two", "8")])
def test_weights_written_after_the_pass_are_refused_not_mixed(
    head: str, written: str, inputs: Tensor
) -> None:
    inputs = inputs[:1]
    hidden = BEHIND_MORE_LAYERS["a grid of four, then hidden layers"]
    model = pooled() if head == "one layer" else hidden()
    forward = ForwardPass(model, inputs, ["0"])
    for target in (0, 1, 2):
        explain_pass(forward, "grad_cam", target, "0")
    with torch.no_grad():
        model.get_parameter(f"{written}.weight").mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        explain_pass(forward, "grad_cam", 3, "0")


def test_a_pass_that_was_closed_answers_nothing(inputs: Tensor) -> None:
    forward = ForwardPass(pooled(), inputs, ["0"])
    for target in (0, 1, 2):
        explain_pass(forward, "grad_cam", target, "0")
    forward.close()
    with pytest.raises(RuntimeError, match="was closed"):
        explain_pass(forward, "grad_cam", 3, "0")
