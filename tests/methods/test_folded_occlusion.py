"""Occlusion goes the faster way, its weights worked in once a call, and gives the model's own answers."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets.passes.fast.folded_weights import FoldedWeights

from ..models.norm_block import (
    Block,
    added,
    folds_from_now_on,
    lively,
    norm_left_out_later,
    other_norm_later,
    sometimes,
)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(3)


def _occluded(model: nn.Module, inputs: Tensor, **options: Any) -> Tensor:
    ask = partial(xw.explain, model, inputs, "occlusion", 1, patch=4, stride=2, batch_size=4)
    return ask(**options).values


def _occluded_by_hand(model: nn.Module, inputs: Tensor) -> Tensor:
    """For one input ``(1, C, 8, 8)``."""
    drops, covered_by = torch.zeros(1, 8, 8), torch.zeros(1, 8, 8)
    with torch.no_grad():
        for top in (0, 2, 4):
            for left in (0, 2, 4):
                window = slice(None), slice(top, top + 4), slice(left, left + 4)
                covered = inputs.clone()
                covered[:, *window] = 0
                drops[window] += model(inputs)[0, 1] - model(covered)[0, 1]
                covered_by[window] += 1
    return drops / covered_by


def test_occlusion_is_folded_unless_it_has_to_be_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    folds = folds_from_now_on(monkeypatch)
    model, inputs = Block().eval(), torch.randn(1, 3, 8, 8)
    expected = _occluded_by_hand(model, inputs)
    model.runs = 0
    for options in ({"exact": True}, {}, {}, {"exact": True}):
        torch.testing.assert_close(
            _occluded(model, inputs, **options), expected, rtol=1e-5, atol=1e-5
        )
    # Once untouched, and nine windows in three batches; one run is watched. Both weights once a call.
    assert model.runs == 4 * (1 + 3) + 1
    assert [*map(id, folds)] == 2 * [id(model.conv.weight), id(model.second.weight)]


def test_occlusion_follows_a_model_that_changes_between_two_answers() -> None:
    model, inputs = Block().eval(), torch.randn(1, 3, 8, 8)
    for _ in range(2):
        _occluded(model, inputs)
    model.conv.weight.data.mul_(1.5)
    torch.testing.assert_close(
        _occluded(model, inputs), _occluded_by_hand(model, inputs), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("runs", [0, 1, 2])
@pytest.mark.parametrize("between", [added, sometimes, other_norm_later, norm_left_out_later])
def test_occlusion_of_a_model_that_changes_its_way_is_the_models_own(
    between: Callable[[Block, Tensor], Tensor], runs: int
) -> None:
    inputs = torch.randn(1, 3, 8, 8)
    found = {}
    for exact in (True, False):
        torch.manual_seed(4)
        model = Block(between).eval()
        xw.explain(model, inputs, target=1, layer="second", exact=exact)
        # All runs from here on, or all but two, go another way than the first.
        model.runs = runs
        found[exact] = _occluded(model, inputs, exact=exact)
    torch.testing.assert_close(found[False], found[True], rtol=1e-5, atol=1e-5)


def test_folded_weights_are_made_anew_when_somebody_writes() -> None:
    convolution, norm = nn.Conv2d(3, 6, 3), lively(nn.BatchNorm2d(6)).eval()
    weights, inputs = FoldedWeights(), torch.randn(2, 3, 5, 5)

    def folded() -> tuple[Tensor, Tensor | None]:
        return weights.of(convolution, convolution.weight, convolution.bias, norm)

    assert norm.running_mean is not None
    first = folded()
    assert folded()[0] is first[0] and folded()[1] is first[1]
    for written in (convolution.weight, convolution.bias, norm.weight, norm.running_mean):
        with torch.no_grad():
            assert written is not None
            written.add_(0.1)
            torch.testing.assert_close(
                F.conv2d(inputs, *folded()), norm(convolution(inputs)), rtol=1e-5, atol=1e-5
            )
    convolution.weight = nn.Parameter(torch.zeros_like(convolution.weight))
    assert not folded()[0].any()


def test_folded_weights_hold_on_to_nothing_that_a_model_has_let_go_of() -> None:
    convolution, weights = nn.Conv2d(3, 6, 3), FoldedWeights()
    replaced = weakref.ref(convolution.weight)
    weights.of(convolution, convolution.weight, convolution.bias, None)
    convolution.weight = nn.Parameter(torch.rand(6, 3, 3, 3))
    weights.of(convolution, convolution.weight, convolution.bias, None)
    assert replaced() is None


def test_occlusion_takes_weights_that_were_made_under_inference_mode() -> None:
    class Fixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            with torch.inference_mode():
                self.kernel = torch.rand(4, 3, 3, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            return F.conv2d(inputs, self.kernel).relu().mean((2, 3))

    model, inputs = Fixed().eval(), torch.randn(1, 3, 8, 8)
    expected = _occluded_by_hand(model, inputs)
    for _ in range(2):
        torch.testing.assert_close(_occluded(model, inputs), expected, rtol=1e-5, atol=1e-5)
