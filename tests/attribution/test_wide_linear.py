"""Wide linear layers go back by the rows that count, and nobody sees more of it than that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from xcnn_widgets.attribution.explanation import explain, explain_pass
from xcnn_widgets.attribution.forward_pass import ForwardPass
from xcnn_widgets.attribution.wide_linear import _FEWEST_WEIGHTS, _WideLinear

from .one_layer import autograds, expect_a_write_noticed, expect_its_hooks_called
from .test_what_it_costs import Operations

INPUTS, OUTPUTS = 32 * 36, 1024
assert INPUTS * OUTPUTS >= _FEWEST_WEIGHTS


class Network(nn.Module):
    """A convolution, then linear layers, as VGG's."""

    def __init__(self, wide: nn.Module, after: Callable[[Tensor], Tensor] = torch.relu) -> None:
        super().__init__()
        self.last, self.wide, self.after = nn.Conv2d(3, 32, 3), wide, after
        self.head = nn.Linear(OUTPUTS, 5)

    def forward(self, inputs: Tensor) -> Tensor:
        flat = self.last(inputs).relu().flatten(1)
        logits: Tensor = self.head(self.after(self.wide(flat)))
        return logits


def network(wide: nn.Module | None = None, **options: Any) -> Network:
    torch.manual_seed(3)
    return Network(wide or nn.Linear(INPUTS, OUTPUTS), **options).eval()


def picture(count: int = 1) -> Tensor:
    return torch.randn(count, 3, 8, 8, generator=torch.Generator().manual_seed(4))


def sums_of_rows(act: Callable[[], object]) -> int:
    """How often only some rows were summed meanwhile."""
    with Operations() as seen:
        act()
    return sum(count for name, count in seen.counts.items() if "embedding_bag" in name)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.79, 0.81, 1.0])
@pytest.mark.parametrize("bias", [True, False])
def test_it_is_the_gradient_of_a_linear_layer(share: float, bias: bool) -> None:
    torch.manual_seed(0)
    given = torch.randn(1, 700, requires_grad=True)
    weight, offset = torch.randn(1500, 700), torch.randn(1500) if bias else None
    found = _WideLinear.apply(given, weight, offset)
    expected = nn.functional.linear(given, weight, offset)
    assert torch.equal(found, expected)
    arriving = torch.randn(1, 1500) * (torch.rand(1, 1500) < share)
    truth = arriving.double() @ weight.double()
    errors = []
    for each in (found, expected):
        (gradient,) = torch.autograd.grad(each, given, arriving, retain_graph=True)
        assert gradient.shape == given.shape
        errors.append((gradient.double() - truth).abs().max())
    assert errors[0] <= 2 * errors[1] + 1e-5 * truth.abs().max()
    if not share:
        assert not gradient.any()


def test_a_picture_goes_back_by_it_and_the_numbers_are_autograds() -> None:
    model, inputs = network(), picture()
    forward = ForwardPass(model, inputs, ["last"])
    assert torch.equal(forward.logits, model(inputs).detach())
    assert sums_of_rows(lambda: forward.gradient(2)) == 1
    for target in (1, 2):
        torch.testing.assert_close(forward.gradient(target), autograds(model, inputs, target))
    guided = ForwardPass(network().double(), inputs.double(), ["last"]).gradient(2, rule="guided")
    torch.testing.assert_close(forward.gradient(2, rule="guided"), guided.float())


@pytest.mark.parametrize("exact", [True, None])
def test_one_answer_about_a_picture_goes_back_by_it_too(exact: bool | None) -> None:
    model, inputs = network(), picture()
    assert sums_of_rows(lambda: explain(model, inputs, "grad_cam", 2, "last", exact=exact)) == 1


def test_a_broken_gradient_stays_broken() -> None:
    class Broken(nn.Module):
        def forward(self, given: Tensor) -> Tensor:
            return given * torch.tensor([float("nan")] + [0.0] * (OUTPUTS - 1))

    forward = ForwardPass(network(after=Broken()), picture(), ["last"])
    assert sums_of_rows(lambda: forward.gradient(2)) == 1
    assert forward.gradient(2).isnan().any()


class Doubled(nn.Linear):
    """One that does something else."""

    def forward(self, input: Tensor) -> Tensor:
        return 2 * super().forward(input)


def patched() -> nn.Module:
    """One whose user has put another function in the place of its own."""
    module = nn.Linear(INPUTS, OUTPUTS)
    module.forward = lambda given: 3 * nn.Linear.forward(module, given)  # type: ignore[method-assign, assignment]
    return module


def turned() -> nn.Module:
    module = nn.Linear(INPUTS, OUTPUTS)
    module.weight = nn.Parameter(module.weight.detach().t().contiguous().t())
    return module


OTHERS: dict[str, Callable[[], nn.Module]] = {
    "a class of its own": lambda: Doubled(INPUTS, OUTPUTS),
    "a function of the user's": patched,
    "weights that are computed": lambda: parametrizations.weight_norm(nn.Linear(INPUTS, OUTPUTS)),
    "narrow": lambda: nn.Sequential(nn.Linear(INPUTS, 8), nn.Linear(8, OUTPUTS)),
    "weights that are turned": turned,
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_plain_one_goes_back_as_it_did(name: str) -> None:
    torch.manual_seed(5)
    model, inputs = network(OTHERS[name]()), picture()
    forward = ForwardPass(model, inputs, ["last"])
    assert sums_of_rows(lambda: forward.gradient(2)) == 0
    torch.testing.assert_close(forward.gradient(2), autograds(model, inputs, 2))


@pytest.mark.parametrize(
    ("count", "dtype"), [(2, torch.float32), (1, torch.float64), (1, torch.bfloat16)]
)
def test_of_several_pictures_or_in_other_numbers_it_goes_back_as_it_did(
    count: int, dtype: torch.dtype
) -> None:
    model, inputs = network().to(dtype), picture(count).to(dtype)
    forward = ForwardPass(model, inputs, ["last"])
    assert sums_of_rows(lambda: forward.gradient(2)) == 0
    torch.testing.assert_close(forward.gradient(2), autograds(model, inputs, 2))


def test_all_hooks_of_the_layer_are_called() -> None:
    expect_its_hooks_called(network(), "wide", picture(), ["last"])


def test_a_write_into_its_weights_is_noticed_on_the_way_back() -> None:
    expect_a_write_noticed(network(), "wide", picture())


def test_another_class_asks_it_for_nothing() -> None:
    """The head behind the last layer is found through it, and stands for its 36 positions."""
    model, inputs = network(), picture()
    forward = ForwardPass(model, inputs, ["last"])
    for target in (0, 1):
        explain_pass(forward, "grad_cam", target, "last")
    assert sums_of_rows(lambda: explain_pass(forward, "grad_cam", 4, "last").values) == 0
    double = ForwardPass(network().double(), inputs.double(), ["last"])
    expected = explain_pass(double, "grad_cam", 4, "last").values.float()
    torch.testing.assert_close(explain_pass(forward, "grad_cam", 4, "last").values, expected)
