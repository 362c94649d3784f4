"""The challenge on the brush: asked for, played and ended by code and by the page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from torchvision.transforms import ToTensor
from traitlets import TraitError

from tests.study.counts_red import CountsRed, pixels, probability, six_red_pixels
from xcnn_widgets import OcclusionBrush

from .by_page import control, is_shown, texts


@pytest.fixture
def model() -> CountsRed:
    """Counts red pixels."""
    return CountsRed()


@pytest.fixture
def brush(model: CountsRed) -> Iterator[OcclusionBrush]:
    """Six red pixels on black: "red" is at 0.9."""
    picture = six_red_pixels()
    made = OcclusionBrush(
        model,
        {"red": picture, "black": np.zeros_like(picture)},
        ["red", "other"],
        transform=ToTensor(),
        fill="black",
        target="red",
    )
    yield made
    made.close()


def test_every_change_is_scored_anew(brush):
    brush.goal = 0.7
    brush.mask = pixels((2, 5), (0, 0), (7, 9))
    assert brush.challenge.after == pytest.approx(probability(5))
    assert brush.challenge.after_chance == pytest.approx(probability(4))
    assert not brush.challenge.reached
    brush.mask = pixels((2, 5), (2, 6), (2, 7), (3, 5))
    assert brush.challenge.reached
    assert brush.challenge.best["hidden"] == 4 / 80
    brush.undo()
    assert brush.challenge.hidden == 3 / 80
    brush.goal = 0.05
    assert brush.challenge.best is None
    chance = brush.challenge.after_chance
    brush.seed = 1
    assert brush.challenge.after_chance != chance
    brush.target = "other"
    assert (brush.challenge.target, brush.challenge.after_grad_cam) == ("other", None)
    assert "has no map" in texts(brush)
    assert len(brush.history) == 3


def test_a_class_that_is_below_the_goal_already_is_no_challenge(brush):
    brush.target, brush.goal = "other", 0.5
    assert not brush.challenge.is_open
    assert "10.0%, below 50% from the start" in texts(brush)


def test_no_goal_is_no_challenge(brush):
    assert brush.challenge is None
    assert not is_shown(brush, control(brush, "Below"))
    brush.goal = 0.5
    brush.mask = pixels((0, 0))
    brush.goal = None
    assert brush.challenge is None
    assert "Bring red" not in texts(brush)
    assert "Grad-CAM" not in texts(brush)


@pytest.mark.parametrize("goal", [0, 1.5, -1, "half"])
def test_a_goal_that_is_no_probability_is_refused(brush, goal):
    brush.goal = 0.5
    with pytest.raises(TraitError, match="goal"):
        brush.goal = goal
    assert brush.goal == 0.5
    assert brush.challenge.goal == 0.5


def test_a_goal_that_cannot_be_scored_is_taken_back(brush, model):
    brush.mask = pixels((0, 0))
    model.broken = True
    with pytest.raises(TraitError, match=r"goal = 0\.5: .*out of memory"):
        brush.goal = 0.5
    assert (brush.goal, brush.challenge) == (None, None)


def test_the_page_starts_sets_and_ends_a_challenge(brush):
    play, goal = control(brush, "Challenge"), control(brush, "Below")
    play.value = True
    brush.wait(60)
    assert brush.goal == brush.challenge.goal == 0.5
    assert is_shown(brush, goal)
    assert "Bring red from 90.0% below 50%" in texts(brush)
    goal.value = 0.8
    brush.mask = pixels((2, 5), (2, 6), (2, 7))
    told = texts(brush)
    assert 'role="status"' in told
    assert "Done: red is at 75.0%, below 80%, with 3.8% hidden" in told
    assert "Your best: 3.8% hidden, 75.0%" in told
    assert brush.figure().get_suptitle().startswith("Done: red")
    control(brush, "Undo").click()
    brush.wait(60)
    assert "Bring red" in texts(brush)
    play.value = False
    brush.wait(60)
    assert brush.goal is None
    assert not is_shown(brush, control(brush, "Below"))


def test_python_sets_the_controls_of_the_challenge(brush):
    brush.goal = 0.02
    assert control(brush, "Challenge").value
    assert control(brush, "Below").value == 0.02
    brush.goal = None
    assert not control(brush, "Challenge").value
