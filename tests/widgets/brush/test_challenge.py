"""The challenge on the brush: asked for, played and ended by code and by the page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from torchvision.transforms import ToTensor
from traitlets import TraitError

from tests.study.counts_red import CountsRed, pixels, probability, six_red_pixels
from xcnn_widgets import OcclusionBrush

from ..conftest import on_page
from .by_page import choose, click


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
    assert on_page(brush)["challenge"]["rivals"][1] == {
        "name": "Grad-CAM",
        "after": None,
        "text": "no map",
    }
    assert len(brush.history) == 3


def test_a_goal_that_the_class_is_below_from_the_start_is_refused(brush, model):
    brush.target = "other"
    with pytest.raises(TraitError, match=r"goal = 0\.5: .* is at 10\.0% .* such as 0\.05"):
        brush.goal = 0.5
    assert (brush.goal, brush.challenge) == (None, None)
    with pytest.raises(TraitError, match=r"goal = 0\.95: .* is at 90\.0% .* such as 0\.5"):
        OcclusionBrush(model, {"red": six_red_pixels()}, transform=ToTensor(), goal=0.95)


def test_with_another_class_or_picture_the_goal_goes_below_where_it_starts(brush, model):
    brush.goal = 0.7
    brush.target = "other"
    assert (brush.goal, brush.challenge.goal, brush.challenge.is_open) == (0.05, 0.05, True)
    brush.target, brush.goal = "red", 0.7
    brush.image_index = 1
    assert brush.challenge.is_open
    # What cannot be answered takes back all of it.
    brush.image_index, brush.goal = 0, 0.7
    brush.mask = pixels((0, 0))
    model.broken = True
    with pytest.raises(TraitError, match="out of memory"):
        brush.target = "other"
    assert (brush.target, brush.goal) == (0, 0.7)


def test_no_goal_is_no_challenge(brush):
    assert brush.challenge is None
    brush.goal = 0.5
    brush.mask = pixels((0, 0))
    brush.goal = None
    assert brush.challenge is on_page(brush)["challenge"] is None


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
    click(brush, "begin_challenge")
    assert brush.goal == brush.challenge.goal == 0.5
    assert "Bring red from 90.0% below 50%" in verdict(brush)
    assert on_page(brush)["challenge"]["start"] == pytest.approx(0.9)
    choose(brush, goal=0.8)
    brush.mask = pixels((2, 5), (2, 6), (2, 7))
    assert "Done: red is at 75.0%, below 80%, with 3.8% hidden" in verdict(brush)
    assert on_page(brush)["challenge"]["best"] == "Your best: 3.8% hidden, 75.0%"
    assert brush.figure().get_suptitle().startswith("Done: red")
    click(brush, "undo")
    assert "Bring red" in verdict(brush)
    choose(brush, goal=None)
    assert brush.goal is None


def test_a_challenge_of_a_page_never_starts_below_its_goal(brush):
    choose(brush, target=1)
    click(brush, "begin_challenge")
    assert brush.goal == 0.05
    assert brush.challenge.is_open
    choose(brush, target=0)
    click(brush, "begin_challenge")
    choose(brush, goal=0.6)
    choose(brush, target=1)
    assert (brush.goal, brush.challenge.is_open) == (0.05, True)
    choose(brush, image_index=1)
    assert brush.challenge.is_open
    choose(brush, image_index=0)
    choose(brush, goal=0.95)
    assert (brush.goal, brush.challenge.is_open) == (0.05, True)


def verdict(brush: OcclusionBrush) -> str:
    told: str = on_page(brush)["challenge"]["verdict"]
    return told
