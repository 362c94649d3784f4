"""Max pooling that looks for the places of its maxima late is torch's own, and nobody sees more of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xcnn_widgets.attribution.explanation import explain, explain_pass
from xcnn_widgets.attribution.forward_pass import ForwardPass
from xcnn_widgets.attribution.max_pools import _FEWEST, pooled

from .one_layer import AFTER, Again, Network, autograds, expect_as_in_float64, own_state
from .test_what_it_costs import Operations

WINDOWS: dict[str, dict[str, Any]] = {
    "VGG's": {"kernel_size": 2, "stride": 2},
    "ResNet's": {"kernel_size": 3, "stride": 2, "padding": 1},
    "Inception's": {"kernel_size": 3, "stride": 1, "padding": 1},
    "SqueezeNet's": {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    "a wide one": {"kernel_size": 5, "stride": 1, "padding": 2},
    "wider than its stride is": {"kernel_size": 3, "stride": 4},
    "one that begins in the padding": {
        "kernel_size": 2,
        "stride": 2,
        "padding": 1,
        "ceil_mode": True,
    },
    "of two sizes": {"kernel_size": (2, 3), "stride": (3, 2), "padding": (1, 0)},
}
# Even and odd, in both directions.
SIDES = [(64, 66), (65, 63), (63, 66)]


def maps(height: int, width: int, ties: bool = True) -> Tensor:
    """Enough of them, with as many ties as a ReLU leaves."""
    noise = torch.randn(2, 16, height, width, generator=torch.Generator().manual_seed(7))
    assert noise.numel() >= _FEWEST
    return noise.relu().mul(4).round() if ties else noise


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("ties", [True, False])
def test_maxima_and_gradients_are_torchs_to_the_bit(
    name: str, sides: tuple[int, int], ties: bool
) -> None:
    pool, given = nn.MaxPool2d(**WINDOWS[name]), maps(*sides, ties)
    expected = pool(given)
    for leaf in (given, given.clone().requires_grad_()):
        found = pooled(pool, leaf)
        assert found is not None
        assert torch.equal(found, expected)
        assert found.stride() == expected.stride()
        assert not found._is_view()
    theirs = pool(leaf)
    assert found is not None
    for seed in (1, 2):
        arriving = torch.randn(expected.shape, generator=torch.Generator().manual_seed(seed))
        (wanted,) = torch.autograd.grad(theirs, leaf, arriving, retain_graph=True)
        (got,) = torch.autograd.grad(found, leaf, arriving, retain_graph=True)
        assert torch.equal(got, wanted)


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_stays_where_torch_has_it(name: str, odd: float) -> None:
    pool, given = nn.MaxPool2d(**WINDOWS[name]), maps(64, 66)
    given[:, ::3, ::7, ::5] = odd
    given[:, 1] = odd
    found = pooled(pool, given)
    assert found is not None
    torch.testing.assert_close(found, pool(given), rtol=0, atol=0, equal_nan=True)


OTHERS: dict[str, Callable[[], tuple[nn.MaxPool2d, Tensor]]] = {
    "few numbers": lambda: (nn.MaxPool2d(2), maps(64, 66)[:1, :3]),
    "no batch": lambda: (nn.MaxPool2d(2), maps(64, 66)[0]),
    "with gaps": lambda: (nn.MaxPool2d(2, dilation=2), maps(64, 66)),
    "a point": lambda: (nn.MaxPool2d(1, 2), maps(64, 66)),
    "that tells its places": lambda: (nn.MaxPool2d(2, return_indices=True), maps(64, 66)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_others_are_left_to_torch(name: str) -> None:
    assert pooled(*OTHERS[name]()) is None


@pytest.mark.parametrize(
    "asked", [{"kernel_size": 2, "padding": 2}, {"kernel_size": 70}, {"kernel_size": (2, 70)}]
)
def test_what_torch_refuses_is_left_to_torch(asked: dict[str, Any]) -> None:
    pool, given = nn.MaxPool2d(**asked), maps(64, 66)
    with pytest.raises(RuntimeError):
        pool(given)
    assert pooled(pool, given) is None


def network(
    pool: nn.Module | None = None, kind: type[Network] = Network, **options: Any
) -> Network:
    torch.manual_seed(3)
    return kind(pool or nn.MaxPool2d(3, 2, 1), channels=(32, 32, 6), **options).eval()


def picture(count: int = 1) -> Tensor:
    return torch.rand(count, 3, 50, 60, generator=torch.Generator().manual_seed(4))


def looks(act: Callable[[], object]) -> int:
    """How often places of maxima were looked for meanwhile.

    Under a dispatch mode, torch's own pooling of one dimension would look for them too.
    """
    with torch.autograd.profiler.profile() as seen:
        act()
    return sum(event.name == "aten::max_pool2d_with_indices" for event in seen.function_events)


def test_places_are_looked_for_once_and_only_for_a_gradient_that_goes_through() -> None:
    model, inputs = network(), picture()
    kept: list[ForwardPass] = []
    assert looks(lambda: kept.append(ForwardPass(model, inputs, ["first", "last"]))) == 0
    (forward,) = kept
    assert looks(lambda: forward.gradient(1, "last")) == 0
    assert looks(lambda: forward.gradient(1, "first")) == 1
    assert looks(lambda: [forward.gradient(each) for each in (1, 2, 3)]) == 0
    for each in (1, 2, 3):
        torch.testing.assert_close(forward.gradient(each), autograds(model, inputs, each))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("exact", [True, None])
def test_an_answer_behind_the_pooling_never_looks(count: int, exact: bool | None) -> None:
    model, inputs = network(), picture(count)
    ask = lambda: explain(model, inputs, "grad_cam", 2, "last", exact=exact)  # noqa: E731
    ask()
    assert looks(ask) == 0
    forward = ForwardPass(model, inputs, ["last"], input_gradient=False)
    assert torch.equal(forward.logits, model(inputs).detach())


@pytest.mark.parametrize("name", AFTER)
@pytest.mark.parametrize("rule", ["plain", "guided"])
@pytest.mark.parametrize("layers", [["last"], ["middle", "last"]])
def test_its_maxima_may_be_written_into(name: str, rule: Any, layers: list[str]) -> None:
    expect_as_in_float64(lambda: network(after=AFTER[name]), picture(), layers, rule)


def test_a_write_into_what_it_was_given_is_refused_as_autograd_refuses_it() -> None:
    class Writes(Network):
        def body(self, inputs: Tensor) -> Tensor:
            given = self.first(inputs).relu()
            found: Tensor = self.middle(given)
            given.add_(1)
            return found

    model = network(kind=Writes)
    forward = ForwardPass(model, picture(), ["last"])
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        forward.gradient(2)


def test_a_model_that_computes_it_again_on_the_way_back() -> None:
    model, inputs = network(kind=Again), picture()
    forward = ForwardPass(model, inputs, ["last"])
    for target in (1, 2):
        torch.testing.assert_close(forward.gradient(target), autograds(model, inputs, target))


class Smallest(nn.MaxPool2d):
    """One that does something else."""

    def forward(self, input: Tensor) -> Tensor:
        return -F.max_pool2d(-input, 2)


def patched() -> nn.Module:
    """One whose user has put another function in the place of its own."""
    module = nn.MaxPool2d(2)
    module.forward = lambda given: F.max_pool2d(given, 4)  # type: ignore[method-assign, assignment]
    return module


@pytest.mark.parametrize("kind", [lambda: Smallest(2), patched])
def test_a_pooling_of_the_users_own_stays_theirs(kind: Callable[[], nn.Module]) -> None:
    model, inputs = network(kind()), picture()
    forward = ForwardPass(model, inputs, ["last"])
    assert torch.equal(forward.logits, model(inputs).detach())
    torch.testing.assert_close(forward.gradient(2), autograds(model, inputs, 2))


def test_inputs_may_be_given_by_their_name() -> None:
    class Named(Network):
        def body(self, inputs: Tensor) -> Tensor:
            return self.after(self.middle(input=self.first(input=inputs).relu()))

    model, inputs = network(kind=Named), picture()
    forward = ForwardPass(model, inputs, ["last"])
    torch.testing.assert_close(forward.gradient(2), autograds(model, inputs, 2))


def test_the_model_comes_back_as_it_was() -> None:
    model = network()
    before = own_state(model)
    ForwardPass(model, picture(), ["last"]).gradient(2)
    assert own_state(model) == before


def test_another_class_at_a_layer_before_it_needs_no_way_back() -> None:
    """A max pooling passes each channel on by itself, so that a head can be found behind it."""

    torch.manual_seed(3)
    after = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 5)]
    model = nn.Sequential(nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *after)
    forward = ForwardPass(model, picture(), ["0"])
    for target in (0, 1):
        explain_pass(forward, "grad_cam", target, "0")
    with Operations() as seen:
        found = explain_pass(forward, "grad_cam", 4, "0")
    assert not seen.counts["max_pool2d_with_indices_backward"]
    double = ForwardPass(model.double(), picture().double(), ["0"])
    torch.testing.assert_close(
        found.values, explain_pass(double, "grad_cam", 4, "0").values.float()
    )
