"""Models that take more than one tensor."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from captum.attr import Occlusion, Saliency
from torch import Tensor, nn

import xcnn_widgets as xw

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")


class WithFacts(nn.Module):
    """A picture, facts about it, and a number for all."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.body, self.head = nn.Conv2d(3, 6, 3), nn.Linear(9, 4)

    def forward(self, x: Tensor, facts: Tensor, scale: float = 1.0) -> Tensor:
        found = self.body(x).relu().mean((2, 3))
        scores: Tensor = self.head(torch.cat([found, facts], 1)) * scale
        return scores


class Pair(nn.Module):
    """Two pictures that are compared."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.left, self.right = nn.Conv2d(3, 6, 3), nn.Conv2d(3, 6, 3)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.left(left).relu().mean((2, 3)) * self.right(right).relu().mean((2, 3))


@pytest.fixture
def inputs() -> Tensor:
    return torch.rand(2, 3, 10, 12, generator=torch.Generator().manual_seed(1))


FACTS = torch.rand(2, 3, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("further", [FACTS, (FACTS,), (FACTS, 2.5)])
def test_further_arguments_are_those_of_captum(inputs: Tensor, further: Any) -> None:
    model = WithFacts()
    expected = Saliency(model).attribute(
        inputs.clone(), 1, abs=False, additional_forward_args=further
    )
    found = xw.explain(model, inputs, "saliency", 1, additional_forward_args=further)
    torch.testing.assert_close(found.values, expected)
    assert xw.target_layers(model, inputs, additional_forward_args=further) == ["body"]
    cam = xw.explain(model, inputs, target=1, additional_forward_args=further)
    assert cam.layer == "body" and cam.values.shape == (2, 8, 10)


def test_a_row_for_each_sample_is_repeated_with_the_batch(inputs: Tensor) -> None:
    model = WithFacts().double()
    facts = FACTS.double()
    expected = Occlusion(model).attribute(
        inputs.double(), (3, 4, 4), 2, 0, 1, (facts,), perturbations_per_eval=1
    )
    options: dict[str, Any] = {"patch": 4, "stride": 2, "additional_forward_args": facts}
    for exact in (True, False, False):
        found = xw.explain(model, inputs, "occlusion", 1, exact=exact, **options)
        torch.testing.assert_close(found.values.float(), expected[:, 0], rtol=1e-4, atol=1e-7)


def test_of_two_pictures_the_one_asked_for_is_explained(inputs: Tensor) -> None:
    model, other = Pair(), inputs.flip(0)
    for of, layer in [(0, "left"), (1, "right")]:
        leaves = [inputs.clone().requires_grad_(), other.clone().requires_grad_()]
        expected = torch.autograd.grad(model(*leaves)[:, 1].sum(), leaves[of])[0]
        found = xw.explain(model, (inputs, other), "saliency", 1, of=of)
        torch.testing.assert_close(found.values, expected)
        assert xw.target_layers(model, (inputs, other), of=of) == [layer]
    with pytest.raises(ValueError, match="of=2: there are 2 inputs, 0 to 1"):
        xw.explain(model, (inputs, other), "saliency", 1, of=2)


def test_what_a_model_writes_into_its_arguments_stays_with_it(inputs: Tensor) -> None:
    class Writing(WithFacts):
        def forward(self, x: Tensor, facts: Tensor, scale: float = 1.0) -> Tensor:
            scores = super().forward(x, facts, scale)
            facts.zero_()
            return scores

    facts = FACTS.clone()
    first = xw.explain(Writing(), inputs, "saliency", 1, additional_forward_args=facts).values
    assert torch.equal(facts, FACTS)
    again = xw.explain(Writing(), inputs, "saliency", 1, additional_forward_args=facts).values
    assert torch.equal(first, again)
