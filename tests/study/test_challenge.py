"""The challenge from a script: a class is to fall below a goal with little hidden; numbers by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from torch import nn
from torchvision.transforms import ToTensor

from xcnn_widgets.imaging.masking import region_by_chance
from xcnn_widgets.study.challenge import Challenge, Rivals
from xcnn_widgets.study.exploration import Exploration
from xcnn_widgets.study.hiding import Hiding, Question

from .counts_red import RED, SIZE, CountsRed, pixels, probability, six_red_pixels

THREE = pixels((0, 0), (0, 1), (0, 2))


class Game:
    """Questions and their scores, one after the other."""

    def __init__(self, model: nn.Module) -> None:
        pictures = {"red": six_red_pixels(), "black": np.zeros((*SIZE, 3), np.uint8)}
        self.hiding = Hiding(Exploration(model, pictures, ["red", "other"], transform=ToTensor()))
        self.rivals = Rivals(self.hiding)
        self.layer = self.hiding.exploration.default_layer(0)
        self.history: list[dict[str, Any]] = []

    def play(
        self, mask: Any, target: int = 0, goal: float = 0.7, seed: int = 0, fill: str = "black"
    ) -> Challenge:
        """Hide a mask of the red picture, and hold the answer against goal and rivals."""
        question = Question(0, mask, fill, target)
        answer = self.hiding.ask(question)
        self.history.append(self.hiding.attempt(question, answer))
        return self.rivals.score(
            question, answer, self.history, goal=goal, seed=seed, layer=self.layer
        )


@pytest.fixture
def game() -> Game:
    """Six red pixels on black: "red" is at 0.9."""
    return Game(CountsRed())


def test_what_is_hidden_is_held_against_as_many_pixels_of_grad_cam_and_of_chance(game):
    # One red pixel of three.
    score = game.play(pixels((2, 5), (0, 0), (7, 9)))
    assert (score.target, score.goal, score.hidden) == ("red", 0.7, 3 / 80)
    assert score.before == pytest.approx(0.9)
    assert score.after == pytest.approx(probability(5))
    # Grad-CAM is the red channel: three of the six red pixels, the first row.
    assert score.after_grad_cam == pytest.approx(0.75)
    # The region of seed 0 lies around x = 6.4, y = 2.2: two of its pixels are red.
    assert score.after_chance == pytest.approx(probability(4))
    assert not score.reached


def test_the_best_attempt_is_the_one_below_the_goal_with_the_least_hidden(game):
    whole = np.zeros(SIZE, bool)
    whole[RED] = True
    four = pixels((2, 5), (2, 6), (2, 7), (3, 5))
    for mask in (whole, four, pixels((2, 5))):
        game.play(mask)
    score = game.play(whole | pixels((0, 0)))
    assert score.reached
    assert score.hidden == 7 / 80
    assert score.best is game.history[1]
    assert score.best["after"] == pytest.approx(probability(2))
    assert game.play(pixels((0, 0)), goal=0.4).best is None


def test_another_seed_and_target_are_scored_anew(game):
    assert game.play(THREE).after_chance == pytest.approx(probability(4))
    far = next(seed for seed in range(99) if not region_by_chance(SIZE, 3, seed)[RED].any())
    assert game.play(THREE, seed=far).after_chance == pytest.approx(0.9)
    other = game.play(THREE, seed=far, target=1)
    assert (other.target, other.after_chance) == ("other", pytest.approx(0.1))
    # The other class has no positive evidence anywhere.
    assert other.after_grad_cam is None
    # The mean colour is red too, a little.
    filled = game.play(THREE, fill="mean").after_chance
    assert filled == pytest.approx(probability(4 + 3 * round(255 * 6 / 80) / 255), abs=1e-3)


def test_what_the_rivals_achieve_is_asked_once(game):
    game.play(THREE)
    model = game.hiding.exploration.model
    before = model.runs
    game.play(pixels((5, 0), (5, 1), (5, 2)))
    # The answer to the mask itself, and nothing for the rivals, who hide as many pixels as before.
    assert model.runs == before + 1


def test_a_class_that_is_below_the_goal_already_is_no_challenge(game):
    assert not game.play(THREE, target=1, goal=0.5).is_open
    assert game.play(THREE, target=0, goal=0.5).is_open


def test_a_model_without_layers_is_held_against_chance_alone():
    linear = nn.Linear(240, 2)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    score = Game(nn.Sequential(nn.Flatten(), linear)).play(pixels((0, 0)))
    assert (score.after_grad_cam, score.after_chance) == (None, 0.5)
