"""A recorded forward pass obeys each backward rule, whichever way the model spells its ReLUs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import resnet18

import xcnn_widgets as xw

from . import by_hand
from .by_hand import Rule, RuledRelu
from .network import SmallNetwork

RULES: tuple[Rule, ...] = ("plain", "guided", "deconvnet")
TARGETS = [1, 3]
SPELLINGS: dict[str, Callable[[Tensor], Tensor]] = {
    "nn.ReLU": nn.ReLU(),
    "nn.ReLU in place": nn.ReLU(inplace=True),
    "F.relu": F.relu,
    "torch.relu_": torch.relu_,
    "Tensor.relu": Tensor.relu,
    "clamp": lambda x: x.clamp(min=0),
    "clamp_": lambda x: x.clamp_(min=0),
    "clamp_min": lambda x: torch.clamp_min(x, 0),
    "threshold": lambda x: F.threshold(x, 0, 0),
    "leaky_relu of slope 0": lambda x: F.leaky_relu(x, 0),
    "in the place of a view": lambda x: x[:].relu_(),
}
CUT_OFF: dict[str, Callable[[Tensor], Tensor]] = {
    "nn.ReLU6": nn.ReLU6(),
    "F.relu6": F.relu6,
    "F.hardtanh": lambda x: F.hardtanh(x, 0, 6),
    "clamp to 6": lambda x: x.clamp(0, 6),
}


@pytest.fixture
def inputs() -> Tensor:
    """Two, wider than high, bright enough for some maps to reach 6."""
    return 4 * torch.randn(2, 3, 24, 36, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("spelling", [*SPELLINGS, *CUT_OFF])
def test_each_spelling_of_a_relu_obeys_each_rule(spelling: str, rule: Rule, inputs: Tensor) -> None:
    relu, ceiling = {**SPELLINGS, **CUT_OFF}[spelling], 6.0 if spelling in CUT_OFF else float("inf")
    forward = xw.ForwardPass(SmallNetwork(relu), inputs, ["first", "second"])
    reference = SmallNetwork(RuledRelu(rule, ceiling))
    found = forward.gradients(TARGETS, ["first", "second", None], rule)
    for layer in ("first", "second", None):
        activation, expected = by_hand.gradient(reference, inputs, TARGETS, layer)
        assert by_hand.difference(found[layer], expected) < 1e-5
        if layer is not None:
            assert by_hand.difference(forward.activation(layer), activation) < 1e-5


def test_the_rules_differ_on_these_inputs(inputs: Tensor) -> None:
    plain, guided, deconvnet, cut_off = (
        by_hand.gradient(SmallNetwork(relu), inputs, TARGETS)[1]
        for relu in (*map(RuledRelu, RULES), RuledRelu("plain", 6.0))
    )
    for one, other in [(plain, guided), (plain, deconvnet), (guided, deconvnet), (plain, cut_off)]:
        assert by_hand.difference(one, other) > 0.1


@pytest.mark.parametrize("rule", RULES)
def test_a_residual_network_obeys_each_rule(rule: Rule, inputs: Tensor) -> None:
    torch.manual_seed(1)
    model = resnet18().eval()
    reference = by_hand.obeying(model, rule)
    forward = xw.ForwardPass(model, inputs, ["layer2", "layer4"])
    # The second class comes from the graph that the first one left.
    for targets in ([1, 3], [700, 5]):
        for layer in (None, "layer2", "layer4"):
            expected = by_hand.gradient(reference, inputs, targets, layer)[1]
            found = forward.gradient(targets, layer, rule)
            assert by_hand.difference(found, expected) < 1e-4


def test_a_model_without_relu_says_so(inputs: Tensor) -> None:
    model = SmallNetwork(torch.tanh)
    found = xw.explain(model, inputs, "guided_backprop", TARGETS)
    assert "no ReLU" in found.note
    assert by_hand.difference(found.values, by_hand.gradient(model, inputs, TARGETS)[1]) < 1e-5


def test_a_batch_that_is_run_the_faster_way_gives_the_same_grad_cam(inputs: Tensor) -> None:
    torch.manual_seed(1)
    model = resnet18().eval()
    expected = by_hand.grad_cam(model, inputs, TARGETS, "layer4")
    # The first run is the model's own, and is watched.
    for _ in range(2):
        found = xw.explain(model, inputs, "grad_cam", TARGETS, "layer4", exact=False)
        assert by_hand.difference(found.values, expected) < 1e-3
