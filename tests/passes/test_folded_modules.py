"""Modules of every kind are folded, or left alone, and whoever touches what lies between is found out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets.passes.fast import folding


class Padded(nn.Conv2d):
    """A convolution with a way of its own, as those that pad as TensorFlow does."""

    def forward(self, given: Tensor) -> Tensor:
        padded = F.pad(given, (0, 1, 0, 1))
        return F.conv2d(padded, self.weight, self.bias, self.stride, self.padding)


class Scaled(nn.Conv2d):
    """A convolution that takes its weights for something else as well."""

    def forward(self, given: Tensor) -> Tensor:
        return F.conv2d(given, self.weight / self.weight.norm(), self.bias)


class Activated(nn.BatchNorm2d):
    """A BatchNorm with a ReLU in it."""

    def forward(self, given: Tensor) -> Tensor:
        return super().forward(given).relu()


def _network(convolution: nn.Module, norm: nn.BatchNorm2d) -> nn.Sequential:
    assert norm.running_mean is not None and norm.running_var is not None
    norm.running_mean.normal_(0, 0.3)
    norm.running_var.uniform_(0.5, 2)
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.normal_(norm.bias, 0, 0.3)
    parts = nn.Sequential(convolution, norm), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten()
    return nn.Sequential(*parts, nn.Linear(20, 3)).eval()


def _answers(model: nn.Module, inputs: Tensor, *, exact: bool) -> list[Tensor]:
    forward = xw.ForwardPass(model, inputs, ["0"], exact=exact)
    rules = [forward.gradient(1, rule=rule) for rule in ("plain", "guided")]
    return [forward.logits, forward.activation("0"), forward.gradient(1, layer="0"), *rules]


def _check(model: nn.Sequential, inputs: Tensor, *, folded: bool) -> None:
    expected = _answers(model, inputs, exact=True)
    # The first run is watched.
    for _ in range(3):
        for found, exact in zip(_answers(model, inputs, exact=False), expected, strict=True):
            torch.testing.assert_close(found, exact, rtol=1e-5, atol=1e-5)
    assert bool(folding._seen[model].pairs) is folded
    assert not any("forward" in module.__dict__ for module in model.modules())


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("kind", "norm", "folded"),
    [
        (nn.Conv2d, nn.BatchNorm2d, True),
        (Padded, nn.BatchNorm2d, True),
        (Scaled, nn.BatchNorm2d, False),
        (nn.Conv2d, Activated, True),
    ],
)
def test_every_kind_gives_the_same(
    kind: type[nn.Conv2d], norm: type[nn.BatchNorm2d], folded: bool, bias: bool
) -> None:
    model = _network(kind(3, 5, 3, bias=bias), norm(5))
    _check(model, torch.randn(3, 3, 9, 8), folded=folded)


def _reads(_: nn.Module, args: tuple[Tensor], *rest: Any) -> None:
    assert args[0].shape[1] == 5


def _changes(_: nn.Module, args: tuple[Tensor], *rest: Any) -> tuple[Tensor]:
    return (args[0].clamp(min=0),)


HOOKS: dict[str, tuple[Callable[[nn.Module], object], bool]] = {
    "reads the input of the norm": (lambda m: m[0][1].register_forward_hook(_reads), False),  # type: ignore[index]
    "changes the input of the norm": (
        lambda m: m[0][1].register_forward_pre_hook(_changes),  # type: ignore[index]
        False,
    ),
    "looks at the result of the norm": (
        lambda m: m[0][1].register_forward_hook(lambda _, __, output: output * 1),  # type: ignore[index]
        True,
    ),
    "sees the gradient of the norm": (
        lambda m: m[0][1].register_full_backward_hook(lambda _, into, __: (into[0] * 2,)),  # type: ignore[index]
        True,
    ),
    "sees the gradient of the convolution": (
        lambda m: m[0][0].register_full_backward_hook(lambda _, into, __: (into[0] * 2,)),  # type: ignore[index]
        True,
    ),
}


@pytest.mark.parametrize("hook", HOOKS)
def test_hooks_see_what_they_always_see(hook: str) -> None:
    model, inputs = _network(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5)), torch.randn(3, 3, 9, 8)
    _answers(model, inputs, exact=False)
    register, folded = HOOKS[hook]
    register(model)
    _check(model, inputs, folded=folded)


def test_a_hook_on_all_modules_sees_what_it_always_sees() -> None:
    model, inputs = _network(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5)), torch.randn(3, 3, 9, 8)
    _answers(model, inputs, exact=False)
    everywhere = nn.modules.module.register_module_forward_hook(
        lambda module, _, output: output.clamp(max=0.1) if isinstance(module, nn.Conv2d) else None
    )
    try:
        _check(model, inputs, folded=True)
    finally:
        everywhere.remove()


def test_a_norm_out_of_the_graph_stays_out_of_it() -> None:
    class Cut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution, self.norm = nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5)
            self.rest = _network(self.convolution, self.norm)[1:]
            self.side = nn.Conv2d(3, 3, 1)

        def forward(self, inputs: Tensor) -> Tensor:
            found = self.convolution(inputs)
            with torch.no_grad():
                found = self.norm(found)
            answer: Tensor = self.rest(found) + self.side(inputs).mean((2, 3))
            return answer

    model, inputs = Cut().eval(), torch.randn(2, 3, 9, 8)
    expected = xw.ForwardPass(model, inputs, []).gradient(1)
    for _ in range(3):
        found = xw.ForwardPass(model, inputs, [], exact=False).gradient(1)
        torch.testing.assert_close(found, expected)
