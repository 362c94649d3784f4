"""The first convolution's own way back gives what autograd gives, wherever it is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xcnn_widgets.attribution.forward_pass import ForwardPass
from xcnn_widgets.attribution.stem import filters_of, input_gradient

from .test_what_it_costs import Operations

# Kernel, stride, padding, size of the input.
CONVOLUTIONS = {
    "ResNet": ((7, 7), 2, (3, 3), (18, 20)),
    "VGG": ((3, 3), 1, (1, 1), (9, 8)),
    "AlexNet": ((11, 11), 4, (2, 2), (31, 35)),
    "patches": ((4, 4), 4, (0, 0), (16, 12)),
    "pixels at the end that nobody reads": ((3, 3), 2, (0, 0), (10, 12)),
    "patches and a rest": ((4, 4), 4, (0, 0), (19, 17)),
    "gaps between what is read": ((2, 2), 3, (0, 1), (13, 14)),
    "single pixels": ((1, 1), 2, (0, 0), (7, 8)),
    "a kernel and a padding with two sides": ((3, 5), 2, (1, 2), (11, 9)),
    "more padding than kernel": ((2, 3), 1, (3, 4), (5, 6)),
}


@pytest.mark.parametrize("convolution", CONVOLUTIONS)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_it_is_the_gradient_of_a_convolution(convolution: str, layout: torch.memory_format) -> None:
    torch.manual_seed(0)
    kernel, stride, padding, size = CONVOLUTIONS[convolution]
    given = torch.randn(2, 3, *size, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(5, 3, *kernel, dtype=torch.float64)
    result = F.conv2d(given, weights, stride=stride, padding=padding)
    arriving = torch.randn_like(result).contiguous(memory_format=layout)
    (expected,) = torch.autograd.grad(result, given, arriving)
    found = input_gradient(arriving, filters_of(weights, stride), size, stride, padding)
    torch.testing.assert_close(found, expected)


class Read(nn.Module):
    """A network whose input is read in a way of its own."""

    def __init__(self, read: Callable[[Any, Tensor], Tensor], **options: Any) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, stride=2, padding=1, **options)
        self.other = nn.Conv2d(3, 6, 3, stride=2, padding=1)
        self.rest = nn.Sequential(
            nn.ReLU(), nn.Conv2d(6, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )
        self.head = nn.Linear(4, 3)
        self.read = read

    def forward(self, inputs: Tensor) -> Tensor:
        scores: Tensor = self.head(self.rest(self.read(self, inputs)))
        return scores


def hooked(result: Tensor) -> Tensor:
    """A result whose gradient a hook makes three times as large."""
    if result.requires_grad:
        result.register_hook(lambda gradient: 3 * gradient)
    return result


def smaller(inputs: Tensor) -> Tensor:
    return inputs[..., ::2, ::2].repeat(1, 2, 1, 1)


def with_picture_hooked(model: Any, inputs: Tensor) -> Tensor:
    hooked(inputs)
    result: Tensor = model.stem(inputs)
    return result


# What reads the input, and how many backward passes of convolutions are left: one is the second layer's.
WAYS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "a stem": (lambda: Read(lambda model, x: model.stem(x)), 1),
    "normalised first": (lambda: Read(lambda model, x: model.stem((x - 0.4) / 0.2)), 1),
    "padded by itself": (lambda: Read(lambda model, x: model.stem(F.pad(x, (0, 1, 0, 1)))), 1),
    "a hook on its result": (lambda: Read(lambda model, x: hooked(model.stem(x))), 1),
    "a hook on the picture": (lambda: Read(with_picture_hooked), 1),
    "grouped": (lambda: Read(lambda model, x: model.stem(x), groups=3), 2),
    "dilated": (lambda: Read(lambda model, x: model.stem(x), dilation=2), 2),
    "twice": (lambda: Read(lambda model, x: model.stem(x) + model.stem(x.flip(3))), 3),
    "by two": (lambda: Read(lambda model, x: model.stem(x) + model.other(x)), 3),
    "past the stem": (lambda: Read(lambda model, x: model.stem(x) + smaller(x)), 2),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("asked", ["class", "callable"])
def test_gradients_are_those_of_autograd(way: str, asked: str) -> None:
    torch.manual_seed(2)
    make, left = WAYS[way]
    model = make().eval()
    inputs = torch.rand(2, 3, 12, 14)
    given = inputs.clone().requires_grad_()
    (expected,) = torch.autograd.grad(model(given)[:, 1].sum(), given)
    forward = ForwardPass(model, inputs, ["rest.1"])
    with Operations() as operations:
        found = forward.gradients(1 if asked == "class" else lambda scores: scores[:, 1])
    torch.testing.assert_close(found[None], expected)
    assert operations.counts["convolution_backward"] == left


def test_a_layer_before_the_stem_is_reached_as_well() -> None:
    torch.manual_seed(2)
    model = nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3), nn.Flatten(), nn.LazyLinear(2))
    inputs = torch.rand(2, 3, 8, 8)
    model.eval()(inputs)
    found = ForwardPass(model, inputs, ["0", "1"]).gradients(1, ["0", None, "1"])
    between = model[0](inputs).detach().requires_grad_()
    (expected,) = torch.autograd.grad(model[1:](between)[:, 1].sum(), between)
    torch.testing.assert_close(found["0"], expected)
    scale = float((1 + cast("float", model[0].eps)) ** -0.5)
    torch.testing.assert_close(found[None], expected * scale)


@pytest.mark.parametrize("release", [False, True])
def test_weights_written_after_the_pass_are_refused_not_mixed(release: bool) -> None:
    model = Read(lambda model, x: model.stem(x)).eval()
    forward = ForwardPass(model, torch.rand(1, 3, 12, 12), ["rest.1"])
    with torch.no_grad():
        model.stem.weight.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        forward.gradients(1, release=release)
