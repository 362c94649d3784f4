"""The gradient of a linear head is a row of its weights: looked up, it is what autograd computes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.network.relu_rules import BackwardRule
from xcnn_widgets.passes.forward_pass import ForwardPass

from .test_what_it_costs import Operations


class Scaled(nn.Module):
    """A head that is linear, but no row of one matrix."""

    def forward(self, features: Tensor) -> Tensor:
        weights = torch.arange(24.0).reshape(8, 3)
        return torch.addmm(torch.ones(3), features, weights, beta=2, alpha=0.5)


class Tripled(nn.Module):
    """A head whose own hook changes the gradient of its scores."""

    def forward(self, features: Tensor) -> Tensor:
        scores = features[:, :3] @ torch.eye(3)
        if scores.requires_grad:
            scores.register_hook(lambda gradient: 3 * gradient)
        return scores


class Computed(nn.Module):
    """A head whose bias and weights are themselves computed from the features."""

    def forward(self, features: Tensor) -> Tensor:
        weights = features.mean(dim=0)[:, None] * torch.arange(3.0)
        return torch.addmm(features[:, :3].square(), features, weights)


HEADS: dict[str, Callable[[], nn.Module]] = {
    "with a bias": lambda: nn.Linear(8, 3),
    "without": lambda: nn.Linear(8, 3, bias=False),
    "scaled": Scaled,
    "with a hook": Tripled,
    "computed from the features": Computed,
    "of one score": lambda: nn.Linear(8, 1),
    "followed by a softmax": lambda: nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=1)),
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("rule", ["plain", "guided"])
def test_gradients_are_those_of_autograd(head: str, rule: BackwardRule, inputs: Tensor) -> None:
    torch.manual_seed(5)
    body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = nn.Sequential(body, HEADS[head]()).eval()
    targets = [0, 0] if head == "of one score" else [2, 1]
    found = ForwardPass(model, inputs, ["0.1"]).gradients(targets, ["0.1", None], rule)
    chosen = torch.tensor(targets)[:, None]
    expected = ForwardPass(model, inputs, ["0.1"]).gradients(
        lambda scores: scores.gather(1, chosen).squeeze(1), ["0.1", None], rule
    )
    assert expected["0.1"].abs().sum() > 0
    for place, gradient in expected.items():
        torch.testing.assert_close(found[place], gradient)


def test_the_head_s_weights_are_looked_up_and_not_multiplied(inputs: Tensor) -> None:
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3))
    forward = ForwardPass(nn.Sequential(nn.Conv2d(3, 8, 3), head), inputs, ["0"])
    with Operations() as operations:
        forward.gradient([2, 1], layer="0")
    assert operations.counts["mm"] == operations.counts["addmm"] == 0


def test_weights_written_after_the_pass_are_refused_not_mixed(inputs: Tensor) -> None:
    head = nn.Linear(8, 3)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    forward = ForwardPass(model, inputs, ["0"])
    with torch.no_grad():
        head.weight.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        forward.gradient(1, layer="0")
