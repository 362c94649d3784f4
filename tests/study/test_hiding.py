"""Hiding parts of pictures from a script: what the network is given, and what it says; numbers by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.transforms import Normalize, ToTensor

from xcnn_widgets.network.cancelling import Cancelled
from xcnn_widgets.study.exploration import Exploration
from xcnn_widgets.study.hiding import Hiding, Question

from .counts_red import SIZE, CountsRed, pixels, probability, six_red_pixels

TWO_OF_SIX = pixels((2, 5), (2, 6))


@pytest.fixture
def hiding() -> Hiding:
    """Six red pixels, and a black picture of another size."""
    pictures = {"red": six_red_pixels(), "black": np.zeros((6, 4, 3), np.uint8)}
    return Hiding(Exploration(CountsRed(), pictures, ["red", "other"], transform=ToTensor()))


@pytest.mark.parametrize(("target", "sign"), [(None, 1), (0, 1), (1, -1)])
def test_an_answer_tells_scores_and_probabilities_before_and_after(hiding, target, sign):
    answer = hiding.ask(Question(0, TWO_OF_SIX, "black", target))
    assert answer.hidden == 2 / 80
    assert [change.name for change in answer.classes] == ["red", "other"]
    red = answer.classes[0]
    assert (red.before, red.after) == pytest.approx((0.9, probability(4)))
    assert (red.score_before, red.score_after) == pytest.approx((2 * log(3), 4 / 3 * log(3)))
    assert answer.target == answer.classes[0 if sign > 0 else 1]
    assert answer.target.points == pytest.approx(sign * 100 * (probability(4) - 0.9))


def test_a_watched_class_is_told_though_it_is_none_of_the_likeliest():
    torch.manual_seed(0)
    model = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 9))
    hiding = Hiding(Exploration(model, six_red_pixels(), transform=ToTensor()))
    with torch.no_grad():
        last = int(model(ToTensor()(six_red_pixels())[None])[0].argmin())
    answer = hiding.ask(Question(0, np.ones(SIZE, bool), "black", last))
    assert last not in [change.index for change in answer.classes]
    assert (answer.target.index, answer.hidden) == (last, 1)


def test_what_is_hidden_is_filled_in_the_units_of_the_input():
    normalise = Normalize([0.5, 0.25, 0.75], [0.5, 0.25, 0.125])
    exploration = Exploration(
        CountsRed(), six_red_pixels(), transform=lambda picture: normalise(ToTensor()(picture))
    )
    hiding = Hiding(exploration)
    masked = hiding.masked_input(0, TWO_OF_SIX, "black")
    assert masked[:, 2, 5].tolist() == pytest.approx([-1, -1, -6])
    assert torch.equal(masked[:, 3], exploration.prepared(0).input[:, 3])
    assert hiding.fill(0, "mean").values[:, 0, 0].tolist() == pytest.approx(
        [2 * 6 / 80 - 1, -1, -6]
    )
    assert hiding.fill(0, "mean").picture[0, 0].tolist() == [round(255 * 6 / 80), 0, 0]
    assert hiding.fill(0, "mean").note == ""


def test_a_fill_is_made_once_for_every_move_of_a_stroke(hiding):
    blurred = hiding.fill(0, "blur")
    assert hiding.fill(0, "black").values.shape == (3, *SIZE)
    assert hiding.fill(0, "blur") is blurred
    assert hiding.fill(1, "blur").picture.shape == (6, 4, 3)


def test_an_attempt_is_known_again(hiding):
    question = Question(0, TWO_OF_SIX, "black", None)
    attempt = hiding.attempt(question, hiding.ask(question))
    assert (attempt["image"], attempt["target"], attempt["hidden"]) == ("red", "red", 2 / 80)
    assert attempt["drop"] == pytest.approx(100 * (0.9 - probability(4)))
    assert attempt["score_drop"] == pytest.approx(2 / 3 * log(3))
    assert question.is_as(attempt)
    assert Question(0, TWO_OF_SIX.copy(), "black", 0).is_as(attempt)
    for other in (
        Question(1, TWO_OF_SIX, "black", 0),
        Question(0, ~TWO_OF_SIX, "black", 0),
        Question(0, TWO_OF_SIX, "mean", 0),
        Question(0, TWO_OF_SIX, "black", 1),
    ):
        assert not other.is_as(attempt)


def test_an_answer_without_a_number_is_refused():
    class Divides(nn.Module):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return torch.stack([1 / inputs.sum((1, 2, 3)), inputs.sum((1, 2, 3))], dim=1)

    hiding = Hiding(Exploration(Divides(), six_red_pixels(), transform=ToTensor()))
    everything = np.ones(SIZE, bool)
    with pytest.raises(FloatingPointError, match=r"NaN or infinite.*another fill"):
        hiding.ask(Question(0, everything, "black", None))
    assert hiding.ask(Question(0, everything, "mean", None)).hidden == 1


class Passed(nn.Module):
    """Counts who came by."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.count += 1
        return inputs


def test_a_run_that_nobody_waits_for_any_more_stops_in_the_middle():
    first, second = Passed(), Passed()
    model = nn.Sequential(
        first, nn.Conv2d(3, 4, 3), second, nn.AdaptiveAvgPool2d(1), nn.Flatten()
    ).train()
    hiding = Hiding(Exploration(model, six_red_pixels(), transform=ToTensor()))
    question = Question(0, pixels(*[(0, column) for column in range(10)]), "mean", None)
    hiding.ask(question)
    seen, finished = first.count, second.count
    with pytest.raises(Cancelled):
        hiding.ask(question, cancelled=lambda: first.count > seen)
    assert (first.count, second.count) == (seen + 1, finished)
    assert all(module.training for module in model.modules())
