"""A map that is zero everywhere says why, and what to try."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.methods import explain


def network(bias: float = 0.0) -> nn.Sequential:
    """Three classes: the first likes what is bright, the second hates it, the third does not look."""
    conv, linear = nn.Conv2d(3, 2, 1), nn.Linear(2, 3, bias=False)
    nn.init.constant_(conv.weight, 1.0)
    nn.init.constant_(conv.bias, bias)  # type: ignore[arg-type]
    linear.weight.data = torch.tensor([[1.0, 1.0], [-1.0, -1.0], [0.0, 0.0]])
    return nn.Sequential(conv, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear).eval()


def bright(samples: int = 1) -> Tensor:
    return torch.rand(samples, 3, 5, 7, generator=torch.Generator().manual_seed(0)) + 0.1


@pytest.mark.parametrize(
    ("target", "bias", "why"),
    [
        (1, 0.0, "at every place layer '1' speaks against what is explained"),
        (2, 0.0, "no channel of layer '1' has a part in the score"),
        (0, -9.0, "the activation of layer '1' is zero on this picture"),
    ],
)
@pytest.mark.parametrize("method", ["grad_cam", "guided_grad_cam"])
def test_a_zero_map_says_why_and_what_to_try(
    method: str, target: int, bias: float, why: str
) -> None:
    note = explain(network(bias), bright(), target=target, method=method, layer="1").note
    assert note.startswith(f"The map is zero everywhere: {why}")
    assert "; try a" in note


def test_a_map_that_shows_something_says_nothing_of_it() -> None:
    assert explain(network(), bright() + torch.eye(5, 7), target=0, layer="1").note == ""


def test_samples_are_named_with_the_reason_of_each() -> None:
    note = explain(network(), bright(3), target=[1, 2, 1], layer="1").note
    first, second = note.split(". ")
    assert first.startswith("The map of samples [0, 2] is zero everywhere: at every place")
    assert second.startswith("The map of samples [1] is zero everywhere: no channel of layer '1'")


def test_a_callable_says_what_to_try_though_its_graph_is_gone() -> None:
    def against(output: Any) -> Tensor:
        score: Tensor = -output[:, 0]
        return score

    note = explain(network(), bright(), target=against, layer="1").note
    assert "at layer '1' nothing speaks for what is explained; try an earlier layer" in note


def test_an_input_that_has_no_part_in_the_score_is_said() -> None:
    note = explain(network(), bright(), target=2, method="saliency").note
    assert note.startswith("The map is zero everywhere: nothing in the picture moves the score")
