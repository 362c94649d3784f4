"""The challenge: a class is to fall below a goal with as little hidden as can be; numbers by hand."""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.transforms import ToTensor
from traitlets import TraitError

from xcnn_widgets import OcclusionBrush
from xcnn_widgets.imaging.masking import region_by_chance

SIZE = (8, 10)
RED = (slice(2, 4), slice(5, 8))


class CountsRed(nn.Module):
    """Red pixels against nothing: each three of them make "red" three times as likely to be right as wrong."""

    def __init__(self) -> None:
        super().__init__()
        only_red = nn.Conv2d(3, 1, 1, bias=False)
        with torch.no_grad():
            only_red.weight.copy_(torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1))
        self.red = nn.Sequential(only_red, nn.ReLU())
        self.broken = False

    def forward(self, inputs: Tensor) -> Tensor:
        if self.broken:
            raise RuntimeError("out of memory")
        score = self.red(inputs).sum(dim=(1, 2, 3)) * log(3) / 3
        return torch.stack([score, torch.zeros_like(score)], dim=1)


def probability(red: float) -> float:
    odds = 3 ** (red / 3)
    return odds / (1 + odds)


def pixels(*places: tuple[int, int]) -> Any:
    mask = np.zeros(SIZE, bool)
    for row, column in places:
        mask[row, column] = True
    return mask


def picture() -> Any:
    drawn = np.zeros((*SIZE, 3), np.uint8)
    drawn[RED] = [255, 0, 0]
    return drawn


@pytest.fixture
def brush() -> Iterator[OcclusionBrush]:
    """Six red pixels on black: "red" is at 0.9."""
    made = OcclusionBrush(
        CountsRed(),
        {"red": picture(), "black": np.zeros((*SIZE, 3), np.uint8)},
        ["red", "other"],
        transform=ToTensor(),
        fill="black",
        target="red",
    )
    yield made
    made.close()


def test_what_is_hidden_is_held_against_as_many_pixels_of_grad_cam_and_of_chance(brush):
    brush.goal = 0.7
    brush.mask = pixels((2, 5), (0, 0), (0, 1))
    score = brush.challenge
    assert (score.target, score.goal, score.hidden) == ("red", 0.7, 3 / 80)
    assert score.before == pytest.approx(0.9)
    assert score.after == pytest.approx(probability(5))
    # Grad-CAM is the red channel: three of the six red pixels, the first row.
    assert score.after_grad_cam == pytest.approx(0.75)
    # The region of seed 0 lies around x = 6.4, y = 2.2: two of its pixels are red.
    assert score.after_chance == pytest.approx(probability(4))
    assert not score.reached


def test_chance_chooses_the_pixels_nearest_to_a_point_and_the_same_ones_each_time():
    x, y = np.random.default_rng(0).random(2) * (10, 8)
    assert (x, y) == pytest.approx((6.37, 2.16), abs=0.01)
    assert np.array_equal(region_by_chance(SIZE, 3), pixels((1, 6), (2, 5), (2, 6)))
    for count in (0, 1, 41, 80):
        assert region_by_chance(SIZE, count, seed=5).sum() == count
    assert not np.array_equal(region_by_chance(SIZE, 9, 1), region_by_chance(SIZE, 9, 2))


def test_the_best_attempt_is_the_one_below_the_goal_with_the_least_hidden(brush):
    brush.goal = 0.7
    whole = np.zeros(SIZE, bool)
    whole[RED] = True
    four = pixels((2, 5), (2, 6), (2, 7), (3, 5))
    for mask in (whole, four, pixels((2, 5)), whole | pixels((0, 0))):
        brush.mask = mask
    assert brush.challenge.reached
    assert brush.challenge.hidden == 7 / 80
    best = brush.challenge.best
    assert (best["hidden"], best["after"]) == (4 / 80, pytest.approx(probability(2)))
    brush.undo()
    assert brush.challenge.hidden == 1 / 80
    assert not brush.challenge.reached
    brush.goal = 0.4
    assert brush.challenge.best is None


def test_another_seed_target_and_fill_are_scored_anew(brush):
    brush.goal = 0.7
    brush.mask = pixels((0, 0), (0, 1), (0, 2))
    assert brush.challenge.after_chance == pytest.approx(probability(4))
    far = next(seed for seed in range(99) if not region_by_chance(SIZE, 3, seed)[RED].any())
    brush.seed = far
    assert brush.challenge.after_chance == pytest.approx(0.9)
    brush.target = "other"
    assert brush.challenge.after_chance == pytest.approx(0.1)
    assert brush.challenge.target == "other"
    # The other class has no positive evidence anywhere.
    assert brush.challenge.after_grad_cam is None
    assert len(brush.history) == 2


def test_a_class_that_is_below_the_goal_already_is_no_challenge(brush):
    brush.target, brush.goal = "other", 0.5
    assert not brush.challenge.is_open
    assert "10.0%, below 50% from the start" in brush._controls.challenge.value


def test_no_goal_is_no_challenge(brush):
    assert brush.challenge is None
    assert brush._controls.challenge_box.layout.display == "none"
    brush.goal = 0.5
    brush.mask = pixels((0, 0))
    brush.goal = None
    assert brush.challenge is None
    assert brush._controls.challenge.value == ""


@pytest.mark.parametrize("goal", [0, 1.5, -1, "half"])
def test_a_goal_that_is_no_probability_is_refused(brush, goal):
    brush.goal = 0.5
    with pytest.raises(TraitError, match="goal"):
        brush.goal = goal
    assert brush.goal == 0.5
    assert brush.challenge.goal == 0.5


def test_a_goal_that_cannot_be_scored_is_taken_back(brush):
    brush.mask = pixels((0, 0))
    brush._exploration.model.broken = True
    with pytest.raises(TraitError, match=r"goal = 0\.5: .*out of memory"):
        brush.goal = 0.5
    assert (brush.goal, brush.challenge) == (None, None)


def test_a_model_without_layers_is_held_against_chance_alone():
    linear = nn.Linear(240, 2)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    model = nn.Sequential(nn.Flatten(), linear)
    brush = OcclusionBrush(model, picture(), transform=ToTensor(), goal=0.4, target=0)
    brush.mask = pixels((0, 0))
    assert (brush.challenge.after_grad_cam, brush.challenge.after_chance) == (None, 0.5)
    assert "has no map" in brush._controls.challenge.value
    brush.close()


def test_the_page_starts_sets_and_ends_a_challenge(brush):
    controls = brush._controls
    controls.play.value = True
    brush.wait(60)
    assert brush.goal == brush.challenge.goal == 0.5
    assert controls.challenge_box.layout.display is None
    assert "Bring red from 90.0% below 50%" in controls.challenge.value
    controls.goal.value = 0.8
    brush.mask = pixels((2, 5), (2, 6), (2, 7))
    told = controls.challenge.value
    assert 'role="status"' in told
    assert "Done: red is at 75.0%, below 80%, with 3.8% hidden" in told
    assert "Your best: 3.8% hidden, 75.0%" in told
    assert brush.figure().get_suptitle().startswith("Done: red")
    controls.undo.click()
    brush.wait(60)
    assert "Bring red" in controls.challenge.value
    controls.play.value = False
    brush.wait(60)
    assert brush.goal is None
    assert controls.challenge_box.layout.display == "none"


def test_python_sets_the_controls_of_the_challenge(brush):
    brush.goal = 0.02
    assert brush._controls.play.value
    assert brush._controls.goal.value == 0.02
    brush.goal = None
    assert not brush._controls.play.value
