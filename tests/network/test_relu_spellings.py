"""Every way to write a ReLU obeys the backward rules; what is no ReLU is left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xcnn_widgets.methods.explanation import explain
from xcnn_widgets.passes.forward_pass import ForwardPass

from ..models.reference import relu as reference_relu

INF = float("inf")
Activation = Callable[[Tensor], Tensor]


class Net(nn.Module):
    """Two convolutions, each followed by an activation, and a head; any input size."""

    def __init__(self, activation: Activation) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(11)
        self.first, self.second = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 6, 3, stride=2)
        self.head = nn.Linear(6, 3)
        for parameter in self.parameters():
            parameter.data.normal_(0, 0.6, generator=generator)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        x = self.activation(self.first(x))
        x = self.activation(self.second(x) + 0.3)
        scores: Tensor = self.head(x.mean(dim=(2, 3)))
        return scores


def in_place(function: Callable[..., Tensor], *args: float, **keywords: object) -> Activation:
    return lambda x: function(x, *args, **keywords)


def on_a_view(write: Callable[[Tensor], object]) -> Activation:
    """Write into a view of a tensor, and go on with the tensor."""

    def activation(x: Tensor) -> Tensor:
        x = x * 1.0
        write(x[:, :])
        return x

    return activation


# Spelling: what it does, and where it cuts off from above.
RELUS: dict[str, tuple[Activation, float]] = {
    "nn.ReLU": (nn.ReLU(), INF),
    "nn.ReLU in place": (nn.ReLU(inplace=True), INF),
    "nn.ReLU6": (nn.ReLU6(), 6),
    "nn.ReLU6 in place": (nn.ReLU6(inplace=True), 6),
    "nn.Hardtanh": (nn.Hardtanh(0, 2), 2),
    "nn.Threshold": (nn.Threshold(0, 0), INF),
    "nn.LeakyReLU without leak": (nn.LeakyReLU(0.0), INF),
    "F.relu": (F.relu, INF),
    "F.relu in place": (in_place(F.relu, inplace=True), INF),
    "F.relu_": (F.relu_, INF),
    "torch.relu": (torch.relu, INF),
    "torch.relu_": (torch.relu_, INF),
    "Tensor.relu": (lambda x: x.relu(), INF),
    "Tensor.relu_": (lambda x: x.relu_(), INF),
    "F.relu6": (F.relu6, 6),
    "F.relu6 in place": (in_place(F.relu6, inplace=True), 6),
    "F.hardtanh by keyword": (in_place(F.hardtanh, min_val=0.0, max_val=1.5), 1.5),
    "F.hardtanh in place": (in_place(F.hardtanh, 0, 6, inplace=True), 6),
    "F.hardtanh_": (in_place(F.hardtanh_, 0.0, 6.0), 6),
    "clamp by keyword": (lambda x: x.clamp(min=0), INF),
    "clamp by position": (lambda x: x.clamp(0, 6), 6),
    "clamp_": (lambda x: x.clamp_(min=0.0), INF),
    "torch.clamp": (in_place(torch.clamp, min=0), INF),
    "torch.clip": (in_place(torch.clip, min=0), INF),
    "clamp_min": (lambda x: x.clamp_min(0), INF),
    "clamp_min_": (lambda x: x.clamp_min_(0), INF),
    "F.threshold": (in_place(F.threshold, 0.0, 0.0), INF),
    "F.threshold in place": (in_place(F.threshold, 0.0, 0.0, inplace=True), INF),
    "F.threshold_": (in_place(torch.threshold_, 0.0, 0.0), INF),
    "on a view: Tensor.relu_": (on_a_view(Tensor.relu_), INF),
    "on a view: torch.relu_": (on_a_view(torch.relu_), INF),
    "on a view: F.relu": (on_a_view(in_place(F.relu, inplace=True)), INF),
    "on a view: F.relu by position": (on_a_view(in_place(F.relu, True)), INF),
    "on a view: nn.ReLU": (on_a_view(nn.ReLU(inplace=True)), INF),
    "on a view: nn.ReLU6": (on_a_view(nn.ReLU6(inplace=True)), 6),
    "on a view: F.hardtanh": (on_a_view(in_place(F.hardtanh, 0.0, 6.0, True)), 6),
    "on a view: F.hardtanh_": (on_a_view(in_place(F.hardtanh_, 0.0, 6.0)), 6),
    "on a view: clamp_": (on_a_view(lambda x: x.clamp_(min=0, max=6)), 6),
    "on a view: torch.clip_": (on_a_view(in_place(torch.clip_, min=0)), INF),
    "on a view: clamp_min_": (on_a_view(lambda x: x.clamp_min_(0)), INF),
    "on a view: F.threshold": (on_a_view(in_place(F.threshold, 0.0, 0.0, True)), INF),
    "on a view: torch.threshold_": (on_a_view(in_place(torch.threshold_, 0.0, 0.0)), INF),
    "flattened, in place": (lambda x: nn.ReLU(inplace=True)(x.flatten(2)).view(x.shape), INF),
}
NO_RELUS: dict[str, Activation] = {
    "leaky ReLU": nn.LeakyReLU(0.1),
    "hardtanh between -1 and 1": nn.Hardtanh(-1, 1),
    "clamp from -1": lambda x: x.clamp(min=-1),
    "clamp from above only": lambda x: x.clamp(max=0.5),
    "threshold above zero": nn.Threshold(0.2, 0.2),
    "PReLU": lambda x: F.prelu(x, torch.tensor([0.25])),
    "ELU": nn.ELU(),
    "SiLU": nn.SiLU(),
    "GELU": nn.GELU(),
    "hard swish": nn.Hardswish(),
    "written into a view": lambda x: on_a_view(lambda part: part.mul_(0.5))(x * 1),
}


def gradient_of(model: nn.Module, inputs: Tensor, target: int) -> Tensor:
    leaf = inputs.clone().requires_grad_()
    gradient: Tensor = torch.autograd.grad(model(leaf)[:, target].sum(), leaf)[0]
    return gradient


@pytest.fixture
def inputs() -> Tensor:
    return torch.randn(2, 3, 7, 10, generator=torch.Generator().manual_seed(5)) * 2


@pytest.mark.parametrize("rule", ["plain", "guided", "deconvnet"])
@pytest.mark.parametrize("spelling", RELUS)
def test_a_relu_obeys_the_rule_however_it_is_spelled(
    spelling: str, rule: str, inputs: Tensor
) -> None:
    activation, ceiling = RELUS[spelling]
    forward = ForwardPass(Net(activation), inputs, [])
    expected = gradient_of(Net(lambda x: reference_relu(x, rule, ceiling)), inputs, 1)
    plain = gradient_of(Net(lambda x: reference_relu(x, "plain", ceiling)), inputs, 1)
    assert rule == "plain" or not torch.allclose(expected, plain), "the rule would not be seen"
    found = forward.gradient(1, rule=rule)  # type: ignore[arg-type]
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rule", ["guided", "deconvnet"])
@pytest.mark.parametrize("spelling", NO_RELUS)
def test_what_is_no_relu_keeps_its_plain_gradient(spelling: str, rule: str, inputs: Tensor) -> None:
    net = Net(NO_RELUS[spelling])
    forward = ForwardPass(net, inputs, [])
    found = forward.gradient(1, rule=rule)  # type: ignore[arg-type]
    assert torch.equal(found, forward.gradient(1))
    torch.testing.assert_close(found, gradient_of(net, inputs, 1))
    assert forward.relu_count == 0


def test_relus_are_counted_by_call_not_by_module(inputs: Tensor) -> None:
    assert ForwardPass(Net(nn.ReLU()), inputs, []).relu_count == 2


def test_relus_written_into_views_are_counted_too(inputs: Tensor) -> None:
    net = Net(RELUS["on a view: Tensor.relu_"][0])
    assert ForwardPass(net, inputs, []).relu_count == 2
    assert "no ReLU" not in explain(net, inputs, "guided_backprop", 1).note


def test_the_rules_do_not_disturb_each_other(inputs: Tensor) -> None:
    net = Net(nn.ReLU(inplace=True))
    forward = ForwardPass(net, inputs, [], cache_bytes=0)
    rules = ["guided", "plain", "deconvnet", "plain", "guided"]
    for rule in rules:
        alone = ForwardPass(net, inputs, []).gradient(2, rule=rule)  # type: ignore[arg-type]
        assert torch.equal(forward.gradient(2, rule=rule), alone)  # type: ignore[arg-type]


def test_a_relu_that_only_another_output_has_obeys_the_rule_too(inputs: Tensor) -> None:
    class TwoHeads(nn.Module):
        def __init__(self, activation: Activation) -> None:
            super().__init__()
            self.logits, self.other = Net(nn.Tanh()), Net(activation)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return self.logits(x), self.other(x)

    forward = ForwardPass(TwoHeads(nn.ReLU()), inputs, [])
    found = forward.gradient(lambda output: output[1][:, 1], rule="guided")
    expected = gradient_of(Net(lambda x: reference_relu(x, "guided")), inputs, 1)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
