"""1 x 1 convolutions of one picture are matrix products, and nobody sees more of it than that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from xcnn_widgets.attribution import pointwise
from xcnn_widgets.attribution.explanation import explain
from xcnn_widgets.attribution.forward_pass import ForwardPass
from xcnn_widgets.attribution.pointwise import _Pointwise

from .one_layer import (
    AFTER,
    Again,
    Network,
    autograds,
    expect_a_write_noticed,
    expect_as_in_float64,
    expect_its_hooks_called,
    own_state,
)
from .test_what_it_costs import Operations


@pytest.fixture(autouse=True)
def goes_back_by_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """On every processor; what follows has to hold on those where it pays."""
    monkeypatch.setattr(pointwise, "_PAYS_BACK", True)


def network(middle: nn.Module | None = None, **options: Any) -> Network:
    torch.manual_seed(3)
    return Network(middle or nn.Conv2d(6, 8, 1), **options).eval()


def picture(count: int = 1) -> Tensor:
    return torch.rand(count, 3, 9, 11, generator=torch.Generator().manual_seed(4))


def ways_back(forward: ForwardPass) -> int:
    """How many convolutions went back as autograd has it, of three."""
    with Operations() as seen:
        forward.gradient(1)
    return seen.convolutions[1]


@pytest.mark.parametrize("bias", [True, False])
def test_it_is_the_gradient_of_a_convolution(bias: bool) -> None:
    torch.manual_seed(0)
    given = torch.randn(1, 5, 4, 7, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(3, 5, 1, 1, dtype=torch.float64)
    offset = torch.randn(3, dtype=torch.float64) if bias else None
    expected = F.conv2d(given, weight, offset)
    found = _Pointwise.apply(given, weight, offset)
    assert torch.equal(found, expected)
    # As it arrives from a mean: the same number everywhere, stored once.
    for arriving in (
        torch.randn_like(expected),
        torch.randn(1, 3, 1, 1).double().expand(1, 3, 4, 7),
    ):
        wanted, got = (
            torch.autograd.grad(each, given, arriving, retain_graph=True)[0]
            for each in (expected, found)
        )
        torch.testing.assert_close(got, wanted)


def test_a_picture_goes_back_by_it_and_the_numbers_are_autograds() -> None:
    model, inputs = network(), picture()
    forward = ForwardPass(model, inputs, ["last"])
    assert torch.equal(forward.logits, model(inputs).detach())
    torch.testing.assert_close(forward.gradient(2), autograds(model, inputs, 2))
    assert ways_back(forward) == 2


def test_where_it_does_not_pay_it_goes_back_as_autograd_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pointwise, "_PAYS_BACK", False)
    model, inputs = network(), picture()
    forward = ForwardPass(model, inputs, ["last"])
    assert ways_back(forward) == 3
    assert torch.equal(forward.gradient(2), autograds(model, inputs, 2))


def test_its_numbers_are_as_near_to_the_truth_as_autograds() -> None:
    model, inputs = network(), picture()
    found = ForwardPass(model, inputs, ["last"]).gradient(2)
    single = autograds(model, inputs, 2)
    truth = autograds(network().double(), inputs.double(), 2)
    ours, theirs = ((each.double() - truth).abs().max() for each in (found, single))
    assert ours <= 2 * theirs


class Doubled(nn.Conv2d):
    """A convolution that does something else."""

    def forward(self, given: Tensor) -> Tensor:
        return 2 * super().forward(given)


def patched() -> nn.Module:
    """One whose user has put another function in the place of its own."""
    module = nn.Conv2d(6, 8, 1)
    module.forward = lambda given: 3 * nn.Conv2d.forward(module, given)  # type: ignore[method-assign, assignment]
    return module


OTHERS: dict[str, Callable[[], nn.Module]] = {
    "wider": lambda: nn.Conv2d(6, 8, 3),
    "in steps": lambda: nn.Conv2d(6, 8, 1, stride=2),
    "with an edge": lambda: nn.Conv2d(6, 8, 1, padding=1),
    "in groups": lambda: nn.Conv2d(6, 8, 1, groups=2),
    "a class of its own": lambda: Doubled(6, 8, 1),
    "a function of the user's": patched,
    "weights that a hook computes": lambda: nn.utils.weight_norm(nn.Conv2d(6, 8, 1)),
    "weights that are computed": lambda: parametrizations.weight_norm(nn.Conv2d(6, 8, 1)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_plain_one_goes_back_as_it_did(name: str) -> None:
    torch.manual_seed(5)
    model, inputs = network(OTHERS[name]()), picture()
    forward = ForwardPass(model, inputs, ["last"])
    torch.testing.assert_close(forward.gradient(2), autograds(model, inputs, 2))
    assert ways_back(forward) == 3


@pytest.mark.parametrize(
    ("count", "dtype"), [(2, torch.float32), (1, torch.float64), (1, torch.bfloat16)]
)
def test_of_several_pictures_or_in_other_numbers_it_goes_back_as_it_did(
    count: int, dtype: torch.dtype
) -> None:
    model, inputs = network().to(dtype), picture(count).to(dtype)
    forward = ForwardPass(model, inputs, ["last"])
    torch.testing.assert_close(forward.gradient(2), autograds(model, inputs, 2))
    assert ways_back(forward) == 3


def test_under_autocast_it_goes_back_as_it_did() -> None:
    class Lower(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = network()

        def forward(self, inputs: Tensor) -> Tensor:
            with torch.autocast("cpu", torch.bfloat16):
                logits: Tensor = self.inner(inputs).float()
            return logits

    model, inputs = Lower().eval(), picture()
    forward = ForwardPass(model, inputs, ["inner.last"])
    torch.testing.assert_close(forward.gradient(2), autograds(model, inputs, 2))
    assert ways_back(forward) == 3


@pytest.mark.parametrize("name", AFTER)
@pytest.mark.parametrize("rule", ["plain", "guided"])
def test_what_it_computes_may_be_written_into(name: str, rule: Any) -> None:
    expect_as_in_float64(lambda: network(after=AFTER[name]), picture(), ["last"], rule)


def test_all_hooks_of_the_convolution_are_called() -> None:
    expect_its_hooks_called(network(), "middle", picture(), ["middle", "last"])


def test_a_model_that_computes_it_again_on_the_way_back() -> None:
    torch.manual_seed(3)
    model, inputs = Again(nn.Conv2d(6, 8, 1)).eval(), picture()
    forward = ForwardPass(model, inputs, ["last"])
    torch.testing.assert_close(forward.gradient(2), autograds(model, inputs, 2))
    assert ways_back(forward) == 2


@pytest.mark.parametrize("breaks", [False, True])
def test_the_model_comes_back_as_it_was(breaks: bool) -> None:
    def stop(found: Tensor) -> Tensor:
        if breaks:
            raise KeyboardInterrupt
        return found

    model = network(after=stop)
    before = own_state(model)
    try:
        ForwardPass(model, picture(), ["last"]).gradient(2)
    except KeyboardInterrupt:
        assert breaks
    assert own_state(model) == before


def test_a_write_into_its_weights_is_noticed_on_the_way_back() -> None:
    expect_a_write_noticed(network(), "middle", picture())


def convolutions(model: nn.Module, count: int = 1, **options: Any) -> tuple[int, Any]:
    """How many of three convolutions are none of a matrix product, and Grad-CAM at the last of them."""
    explain(model, picture(count), "grad_cam", 2, "last", **options)
    with Operations() as seen:
        found = explain(model, picture(count), "grad_cam", 2, "last", **options)
    return seen.convolutions[0], found


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", AFTER)
def test_one_answer_about_a_picture_is_computed_by_it_too(name: str, bias: bool) -> None:
    model = network(nn.Conv2d(6, 8, 1, bias=bias), after=AFTER[name])
    count, found = convolutions(model)
    all_, exact = convolutions(model, exact=True)
    assert (count, all_) == (2, 3)
    torch.testing.assert_close(found.values, exact.values)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_plain_one_is_computed_as_it_was(name: str) -> None:
    torch.manual_seed(5)
    model = network(OTHERS[name]())
    (count, found), (_, exact) = convolutions(model), convolutions(model, exact=True)
    assert count == 3
    assert torch.equal(found.values, exact.values)


def test_of_several_pictures_it_is_computed_as_it_was() -> None:
    assert convolutions(network(), count=2)[0] == 3


def test_a_recorded_pass_is_the_models_own_to_the_bit() -> None:
    model, inputs = network(), picture()
    for layers, options in ((["last"], {"input_gradient": False}), (["middle", "last"], {})):
        with Operations() as seen:
            forward = ForwardPass(model, inputs, layers, **options)
        assert seen.convolutions[0] == 3
        assert torch.equal(forward.logits, model(inputs).detach())
