"""Heads that are a mean over the grid and one linear layer, told from all others by their numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.transforms import ToTensor

from xcnn_widgets.network import Cancelled
from xcnn_widgets.study import (
    Exploration,
    HeadMisfitError,
    activation_and_scores,
    linear_head,
)

PICTURES = [np.random.default_rng(i).integers(0, 256, (6, 10, 3), np.uint8) for i in range(2)]


def exploration(head: nn.Module, names: list[str] | None = None) -> Exploration:
    torch.manual_seed(4)
    model = nn.Sequential(nn.Conv2d(3, 5, 3, stride=2, padding=1), nn.ReLU(), head).eval()
    return Exploration(model, PICTURES, names, transform=ToTensor())


def pooled(*behind: nn.Module) -> nn.Module:
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), *behind)


class ByHand(nn.Module):
    """No module of torch's: a mean and a product."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.arange(15.0).reshape(5, 3))

    def forward(self, maps: Tensor) -> Tensor:
        scores: Tensor = torch.einsum("bchw,ck->bk", maps, self.weights) / maps[0, 0].numel()
        return scores + 2


def test_weights_and_bias_are_those_of_the_layer() -> None:
    layer = nn.Linear(5, 4)
    found = linear_head(exploration(pooled(nn.Dropout(), layer)), 0, lambda: False)
    assert found.layer == "1"
    assert np.allclose(found.weights, layer.weight.detach(), atol=1e-6)
    assert np.allclose(found.bias, layer.bias.detach(), atol=1e-6)


def test_a_head_without_any_module_of_torch_is_found_by_its_numbers() -> None:
    found = linear_head(exploration(ByHand()), 0, lambda: False)
    assert np.allclose(found.weights, np.arange(15).reshape(5, 3).T, atol=1e-4)
    assert np.allclose(found.bias, 2, atol=1e-4)


def test_it_gives_the_scores_of_pictures_that_it_was_not_found_on() -> None:
    study = exploration(pooled(nn.Linear(5, 4)))
    found = linear_head(study, 0, lambda: False)
    activation, scores = activation_and_scores(study, 1, found.layer)
    assert activation.shape == (5, 3, 5)
    by_hand = found.weights @ activation.mean(axis=(1, 2)) + found.bias
    assert np.allclose(by_hand, scores, atol=1e-5)
    assert not found.misses(activation, scores)
    assert found.misses(activation, scores + 0.01)


MISFITS: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "a maximum": (
        lambda: nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(5, 4)),
        "more than take a mean over the 15 places",
    ),
    "weights for each place": (
        lambda: nn.Sequential(nn.Flatten(), nn.Linear(75, 4)),
        "more than take a mean over the 15 places",
    ),
    "two layers": (
        lambda: pooled(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 4)),
        "not one linear layer",
    ),
    "a norm of the features": (
        lambda: pooled(nn.LayerNorm(5), nn.Linear(5, 4)),
        "not one linear layer",
    ),
    "a softmax": (lambda: pooled(nn.Linear(5, 4), nn.Softmax(1)), "not one linear layer"),
    "a class for each pixel": (lambda: nn.Conv2d(5, 4, 1), "gives each pixel a class"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_another_head_is_refused_with_the_part_that_does_not_fit(name: str) -> None:
    head, words = MISFITS[name]
    with pytest.raises(HeadMisfitError, match=words):
        linear_head(exploration(head()), 0, lambda: False)


def test_one_score_for_two_classes_has_a_row_for_each() -> None:
    study = exploration(pooled(nn.Linear(5, 1)), ["no", "yes"])
    found = linear_head(study, 0, lambda: False)
    assert found.weights.shape == (2, 5)
    assert np.allclose(found.weights[0], -found.weights[1], atol=1e-6)


def test_it_stops_when_asked() -> None:
    with pytest.raises(Cancelled):
        linear_head(exploration(pooled(nn.Linear(5, 4))), 0, lambda: True)
