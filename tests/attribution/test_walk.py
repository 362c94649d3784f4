"""Ways back that are walked node by node give what autograd's engine gives, and leave to it what only it knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from xcnn_widgets.attribution.backward_rules import BACKWARD_RULES
from xcnn_widgets.attribution.forward_pass import ForwardPass

from .one_layer import autograds
from .test_what_it_costs import Operations


class Halved(nn.Module):
    """Two results of one node, of which the second is the layer's output kept."""

    def forward(self, given: Tensor) -> tuple[Tensor, Tensor]:
        left, right = given.chunk(2, dim=1)
        return right, left


class Branches(nn.Module):
    """Gradients that meet, that are shared, that are repeated to fit, and that come to one node from several."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.wide = nn.Sequential(nn.Conv2d(8, 16, 1), nn.BatchNorm2d(16), nn.ReLU6(inplace=True))
        self.deep = nn.Conv2d(16, 16, 3, padding=1, groups=16)
        self.back = nn.Sequential(nn.Conv2d(16, 8, 1, bias=False), nn.BatchNorm2d(8, affine=False))
        self.last = nn.Sequential(nn.Conv2d(8, 6, 1), nn.SiLU(inplace=True), nn.Conv2d(6, 5, 3))
        self.head = nn.Linear(5, 4)
        self.halves = Halved()
        self.shift = nn.Parameter(torch.rand(1, 8, 1, 1))

    def forward(self, inputs: Tensor) -> Tensor:
        found = self.first(inputs)
        wide = self.deep(self.wide(found))
        # As in a squeeze and excitation: one number a channel, times all of its pixels.
        wide = wide * wide.mean((2, 3), keepdim=True).sigmoid()
        left, right = self.halves(self.back(wide))
        joined = torch.cat([left, F.relu(right)], dim=1)
        found = torch.add(joined, found, alpha=2) + self.shift
        found = found + F.hardtanh(found, 0.0, 1.0) + found.amax((2, 3), keepdim=True)
        logits: Tensor = self.head(self.last(found).relu_().mean((2, 3)))
        return logits


LAYERS = ["first", "wide", "deep", "back", "halves", "last"]


def branches() -> nn.Module:
    torch.manual_seed(7)
    model = Branches().eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean = torch.randn(module.num_features)
            module.running_var = torch.rand(module.num_features) + 0.5
            if module.affine:
                nn.init.normal_(module.weight)
    return model


def pictures(count: int = 1) -> Tensor:
    return torch.rand(count, 3, 9, 12, generator=torch.Generator().manual_seed(8))


def is_walked(forward: ForwardPass) -> bool:
    """Whether the way back was walked."""
    return any(walk is not None for walk in forward._recording._walks.values())


def driven(model: nn.Module, inputs: Tensor, layers: list[str]) -> ForwardPass:
    """One that goes back as autograd's engine does."""
    forward = ForwardPass(model, inputs, layers)
    object.__setattr__(forward._recording, "weights", ())
    return forward


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("rule", BACKWARD_RULES)
def test_it_gives_what_autograds_engine_gives(rule: Any, count: int) -> None:
    model, inputs = branches(), pictures(count)
    forward, engine = ForwardPass(model, inputs, LAYERS), driven(model, inputs, LAYERS)
    for places in ([None], ["last"], ["first", "deep"], [*LAYERS, None]):
        for target in (0, 2):
            found = forward.gradients(target, places, rule)
            expected = engine.gradients(target, places, rule)
            for place in places:
                torch.testing.assert_close(found[place], expected[place])
    assert is_walked(forward) and not is_walked(engine)


def test_its_numbers_are_as_near_to_the_truth_as_the_engines() -> None:
    model, inputs = branches(), pictures()
    forward = ForwardPass(model, inputs, LAYERS)
    truth = autograds(branches().double(), inputs.double(), 2)
    found, single = forward.gradient(2), autograds(model, inputs, 2)
    ours, theirs = ((each.double() - truth).abs().max() for each in (found, single))
    assert is_walked(forward) and ours <= 2 * theirs


@pytest.mark.parametrize("rule", BACKWARD_RULES)
def test_what_is_asked_for_on_the_way_is_not_written_over(rule: Any) -> None:
    """Also not what was answered before."""
    model, inputs = branches(), pictures()
    alone = {
        place: ForwardPass(model, inputs, LAYERS).gradient(1, place, rule)
        for place in [*LAYERS, None]
    }
    forward = ForwardPass(model, inputs, LAYERS)
    together = forward._answers((1,), [*LAYERS, None], rule, release=False)
    forward.gradients(3, [*LAYERS, None], rule)
    for place, expected in alone.items():
        torch.testing.assert_close(together[place], expected, rtol=1e-6, atol=1e-9)


def test_means_in_passing_are_those_of_whole_gradients() -> None:
    model, inputs = branches(), pictures(2)
    forward = ForwardPass(model, inputs, LAYERS)
    forward._mean_gradient((1, 1), "first", release=False)
    for layer in LAYERS:
        assert forward._means.get((1, 1), layer) is not None
        expected = driven(model, inputs, LAYERS).gradient(1, layer).mean((2, 3))
        torch.testing.assert_close(forward._mean_gradient((1, 1), layer, release=False), expected)


# And whether they are known as products.
CONVOLUTIONS: dict[str, tuple[Callable[[], nn.Module], bool]] = {
    "1 x 1": (lambda: nn.Conv2d(8, 6, 1), True),
    "1 x 1, without bias": (lambda: nn.Conv2d(8, 6, 1, bias=False), True),
    "1 x 1, weights channels last": (
        lambda: nn.Conv2d(8, 6, 1).to(memory_format=torch.channels_last),
        True,
    ),
    "1 x 1, in steps": (lambda: nn.Conv2d(8, 6, 1, stride=2), False),
    "1 x 1, with an edge": (lambda: nn.Conv2d(8, 6, 1, padding=1), False),
    "1 x 1, in groups": (lambda: nn.Conv2d(8, 6, 1, groups=2), False),
    "3 x 3": (lambda: nn.Conv2d(8, 6, 3), False),
    "each channel by itself": (lambda: nn.Conv2d(8, 8, 3, padding=1, groups=8), False),
    "transposed": (lambda: nn.ConvTranspose2d(8, 6, 1), False),
}


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_back_through_convolutions_of_every_kind(name: str, count: int) -> None:
    torch.manual_seed(10)
    make, known = CONVOLUTIONS[name]
    middle = make()
    with torch.no_grad():
        channels = middle(torch.zeros(1, 8, 9, 12)).shape[1]
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.ReLU(),
        middle,
        nn.Tanh(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(channels, 4),
    ).eval()
    inputs = torch.rand(count, 3, 11, 14)
    forward, engine = ForwardPass(model, inputs, ["1"]), driven(model, inputs, ["1"])
    with Operations() as usual:
        expected = engine.gradient(1)
    with Operations() as seen:
        found = forward.gradient(1)
    torch.testing.assert_close(found, expected)
    assert is_walked(forward)
    products = 1 if known and count == 1 else 0
    assert usual.convolutions[1] - seen.convolutions[1] == products == seen.counts["mm"]


def test_under_autocast_its_numbers_are_the_same() -> None:
    model, inputs = branches(), pictures()
    expected = ForwardPass(model, inputs, LAYERS).gradient(1)
    forward = ForwardPass(model, inputs, LAYERS)
    with torch.autocast("cpu", torch.bfloat16):
        found = forward.gradient(1)
    assert is_walked(forward) and torch.equal(found, expected)


def test_no_graph_is_made_of_the_way_back() -> None:
    with torch.enable_grad():
        found = ForwardPass(branches(), pictures(), LAYERS)._answers((1,), [None], "plain", False)
    assert not found[None].requires_grad


class Squared(torch.autograd.Function):
    """A function of the user's own."""

    @staticmethod
    def forward(ctx: Any, given: Tensor) -> Tensor:
        ctx.save_for_backward(given)
        return given * given

    @staticmethod
    def backward(ctx: Any, *arriving: Tensor) -> Tensor:
        (given,) = ctx.saved_tensors
        return 2 * given * arriving[0]


class Around(nn.Module):
    """A network with something in its middle."""

    def __init__(self, middle: Callable[[nn.Module, Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(9)
        self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1)
        self.last, self.head, self.middle = nn.Conv2d(4, 5, 3), nn.Linear(5, 4), middle

    def forward(self, inputs: Tensor) -> Tensor:
        found = self.middle(self.second, self.first(inputs).relu())
        logits: Tensor = self.head(self.last(found).relu().mean((2, 3)))
        return logits


def _hooked(layer: nn.Module, given: Tensor) -> Tensor:
    found: Tensor = layer(given)
    if found.requires_grad:
        found.register_hook(lambda gradient: 3 * gradient)
    return found


def _hooked_node(layer: nn.Module, given: Tensor) -> Tensor:
    found: Tensor = layer(given)
    if found.grad_fn is not None:
        found.grad_fn.register_prehook(lambda gradients: (2 * gradients[0],))
    return found


def _packed(layer: nn.Module, given: Tensor) -> Tensor:
    with torch.autograd.graph.saved_tensors_hooks(lambda kept: kept.clone(), lambda kept: kept):
        found: Tensor = layer(given)
    return found


def _computed(layer: Any, given: Tensor) -> Tensor:
    return F.conv2d(given, 2 * layer.weight)


def _in_a_view(layer: nn.Module, given: Tensor) -> Tensor:
    found = layer(given).clone()
    found[:, :2].mul_(2)
    return found


ONLY_THE_ENGINE: dict[str, Callable[[nn.Module, Tensor], Tensor]] = {
    "a hook on a tensor": _hooked,
    "a hook on a node": _hooked_node,
    "a function of the user's": lambda layer, given: Squared.apply(layer(given)),
    "what is computed again": lambda layer, given: checkpoint(layer, given, use_reentrant=False),
    "what somebody packs": _packed,
    "what is written into a view": _in_a_view,
    "weights that are computed": _computed,
}


@pytest.mark.parametrize("name", ONLY_THE_ENGINE)
def test_what_only_the_engine_knows_is_left_to_it(name: str) -> None:
    model, inputs = Around(ONLY_THE_ENGINE[name]).eval(), pictures()
    forward = ForwardPass(model, inputs, ["last"])
    for target in (1, 3):
        torch.testing.assert_close(forward.gradient(target), autograds(model, inputs, target))
    assert not is_walked(forward)


def test_a_plain_one_in_the_same_place_is_walked() -> None:
    model, inputs = Around(lambda layer, given: layer(given)).eval(), pictures()
    forward = ForwardPass(model, inputs, ["last"])
    torch.testing.assert_close(forward.gradient(1), autograds(model, inputs, 1))
    assert is_walked(forward)


def test_hooks_of_modules_on_the_way_back_are_called_each_time() -> None:
    model, called = branches(), list[int]()
    model.get_submodule("wide").register_full_backward_hook(lambda *_: called.append(1))
    forward = ForwardPass(model, pictures(), LAYERS)
    for target in (0, 1, 2):
        forward.gradient(target)
    assert len(called) == 3


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_numbers_are_left_to_the_engine(dtype: torch.dtype) -> None:
    model, inputs = branches().to(dtype), pictures().to(dtype)
    forward = ForwardPass(model, inputs, LAYERS)
    torch.testing.assert_close(forward.gradient(1), autograds(model, inputs, 1))
    assert not is_walked(forward)


def test_under_autocast_recorded_it_gives_what_the_engine_gives() -> None:
    class Lower(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = branches()

        def forward(self, inputs: Tensor) -> Tensor:
            with torch.autocast("cpu", torch.bfloat16):
                logits: Tensor = self.inner(inputs)
            return logits.float()

    model, inputs = Lower().eval(), pictures()
    forward = ForwardPass(model, inputs, ["inner.last"])
    torch.testing.assert_close(forward.gradient(2), autograds(model, inputs, 2))


WRITES: dict[str, Callable[[Any], Tensor]] = {
    "weights of a 1 x 1 convolution": lambda model: model.wide[0].weight,
    "weights of another": lambda model: model.deep.weight,
    "weights of a BatchNorm": lambda model: model.wide[1].weight,
    "what a BatchNorm knows": lambda model: model.back[1].running_var,
}


@pytest.mark.parametrize("walked_before", [False, True])
@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_noticed_on_the_way_back(name: str, walked_before: bool) -> None:
    model = branches()
    forward = ForwardPass(model, pictures(), LAYERS)
    if walked_before:
        forward.gradient(0)
    with torch.no_grad():
        WRITES[name](model).mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        forward.gradient(2)


def test_the_graph_is_gone_with_the_pass() -> None:
    forward = ForwardPass(branches(), pictures(), LAYERS)
    forward.gradient(1)
    forward.close()
    with pytest.raises(RuntimeError, match="was closed"):
        forward.gradient(2)
    assert not forward._recording._walks
