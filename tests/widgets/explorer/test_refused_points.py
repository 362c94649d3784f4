"""What stands on the page outlives a pixel or a class that is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from traitlets import TraitError

import xcnn_widgets as xw
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ...models.kinds import CHOICE, REGIONS, one_choice, quarter, segmenter


@pytest.fixture
def classifier() -> Iterator[ExplainerWidget]:
    made = xw.ExplainerWidget(one_choice(), {"it": quarter()}, CHOICE)
    yield made
    made.close()


@pytest.fixture
def regions() -> Iterator[ExplainerWidget]:
    made = xw.ExplainerWidget(segmenter(), {"it": 3 * quarter(1)}, REGIONS)
    yield made
    made.close()


def test_one_class_rather_than_another_is_explained_until_it_is_taken_back(
    classifier: ExplainerWidget,
) -> None:
    classifier.rather_than = "dog"
    assert "for cat rather than dog (0.693)" in classifier.status
    classifier.rather_than = None
    assert "for cat (60.0%)" in classifier.status
    assert classifier.target == 0


@pytest.mark.parametrize(
    ("refused", "why"),
    {
        "cat": "it is the class that is explained",
        3: "only two classes can be held against each other",
        "fish": "fish",
    }.items(),
)
def test_what_stands_on_the_page_outlives_a_class_that_is_refused(
    classifier: ExplainerWidget, refused: object, why: str
) -> None:
    classifier.rather_than = "bird"
    shown, target = classifier.shown, classifier.target
    with pytest.raises(TraitError, match=f"rather_than = {refused!r}: .*{why}"):
        classifier.rather_than = refused
    assert (classifier.rather_than, classifier.target) == ("bird", target)
    assert classifier.shown is shown
    # What is shown can still be taken back, and asked for anew.
    classifier.rather_than = None
    assert "for cat (60.0%)" in classifier.status
    classifier.rather_than = "bird"
    assert "for cat rather than bird (1.79)" in classifier.status


def test_a_pixel_that_is_not_there_leaves_the_one_that_is_shown(regions: ExplainerWidget) -> None:
    regions.pixel = [12, 40]
    with pytest.raises(TraitError, match=r"pixel = \[40, 12\]: the picture has 40 x 56 pixels"):
        regions.pixel = [40, 12]
    assert regions.pixel == [12, 40]
    assert "for lesion at pixel (12, 40) (3.00)" in regions.status
