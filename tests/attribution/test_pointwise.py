"""1 x 1 convolutions of one picture are matrix products, and nobody sees more of it than that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from xcnn_widgets.attribution.explanation import explain
from xcnn_widgets.attribution.forward_pass import ForwardPass

from .one_layer import AFTER, Network, own_state
from .test_what_it_costs import Operations


def network(middle: nn.Module | None = None, **options: Any) -> Network:
    torch.manual_seed(3)
    return Network(middle or nn.Conv2d(6, 8, 1), **options).eval()


def picture(count: int = 1) -> Tensor:
    return torch.rand(count, 3, 9, 11, generator=torch.Generator().manual_seed(4))


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


@pytest.mark.parametrize("breaks", [False, True])
def test_the_model_comes_back_as_it_was(breaks: bool) -> None:
    def stop(found: Tensor) -> Tensor:
        if breaks:
            raise KeyboardInterrupt
        return found

    model = network(after=stop)
    before = own_state(model)
    try:
        explain(model, picture(), "grad_cam", 2, "last")
    except KeyboardInterrupt:
        assert breaks
    assert own_state(model) == before


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
