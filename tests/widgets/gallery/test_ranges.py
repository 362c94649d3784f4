"""A gallery's filters by probability, disagreement and group: what they take, show and give back."""

from __future__ import annotations

from typing import Any

import pytest
from traitlets import TraitError

from .parts import ColourModel, WatchedModel, noise, opened, page_of, sent_of, show

COLOURS = ["red", "green", "blue"]
LABELS = ["red", "green", "blue", "red", None, "green"]


@pytest.fixture
def gallery() -> Any:
    with opened(ColourModel(), noise(6), COLOURS, labels=LABELS, page_size=6) as made:
        yield made


@pytest.mark.parametrize("name", ["show_value", "show_disagreement"])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("high", "expected two numbers, from the first on and below the second, or None"),
        ([0.1], "expected two numbers"),
        ([0.2, 0.1], r"no number is from 0\.2 on and below 0\.1"),
        ([0.1, 0.1], r"no number is from 0\.1 on and below 0\.1"),
        ([None, 0.5], "expected two numbers"),
        ([0.5, float("inf")], "without an upper end the second is None"),
        ([float("nan"), 1], "expected two numbers"),
        ([True, 2], "expected two numbers"),
    ],
)
def test_what_is_no_range_is_refused(gallery: Any, name: str, value: Any, why: str) -> None:
    with pytest.raises(TraitError, match=why) as found:
        setattr(gallery, name, value)
    assert str(found.value).startswith(f"{name} = {value!r}: ")
    assert getattr(gallery, name) is None


def test_a_range_is_kept_as_two_numbers_and_reset_takes_it_back(gallery: Any) -> None:
    gallery.show_value = (0, 1)
    gallery.show_disagreement = [0.5, None]
    assert (gallery.show_value, gallery.show_disagreement) == ([0.0, 1.0], [0.5, None])
    assert gallery.request().selection.show_value == (0.0, 1.0)
    gallery.reset()
    assert (gallery.show_value, gallery.show_disagreement, gallery.show_group) == (None, None, None)


def test_only_rows_of_the_range_are_shown_and_another_filter_begins_with_the_first_page(
    gallery: Any,
) -> None:
    rows = show(gallery, order="confidence")
    values = [row["prediction"]["probability"] for row in rows]
    show(gallery, page_size=2, page=2)
    found = show(gallery, show_value=[values[3], values[0]])
    assert gallery.page == 1
    assert page_of(gallery)["matches"] == 3
    assert [row["prediction"]["probability"] for row in found] == values[1:3]
    assert len(show(gallery, show_value=[values[0], None])) == 1


def test_a_range_of_disagreement_explains_all_and_goes_when_one_method_is_left(
    gallery: Any,
) -> None:
    apart = [row["disagreement"] for row in show(gallery, order="disagreement")]
    found = show(gallery, show_disagreement=[apart[2], apart[0]])
    assert [row["disagreement"] for row in found] == apart[1:3]
    show(gallery, methods=["grad_cam"])
    assert gallery.show_disagreement is None
    assert page_of(gallery)["matches"] == 6
    with pytest.raises(TraitError, match="it takes two methods to disagree"):
        gallery.show_disagreement = [0, 1]


def test_a_browser_that_sends_what_is_no_range_is_told_so(gallery: Any) -> None:
    gallery.set_state({"show_value": [2, 1]})
    assert "no number is from 2 on and below 1" in gallery.error
    gallery.set_state({"show_value": [0.0, None]})
    assert gallery.show_value == [0.0, None]


def test_groups_are_refused_where_there_are_none(gallery: Any) -> None:
    with pytest.raises(TraitError, match="show_group = 0: the pictures have no groups; "):
        gallery.show_group = 0
    gallery.show_group = None
    assert sent_of(gallery, "_groups") == {}


def test_distributions_come_with_the_summary_and_disagreements_once_all_are_explained() -> None:
    model = WatchedModel()
    with opened(model, noise(6), COLOURS, labels=LABELS, page_size=2) as gallery:
        found = gallery.summary()
        assert found.values is not None and sum(found.values.counts) == 6
        assert found.disagreements is None
        told = sent_of(gallery, "_summary")["distributions"]
        assert told["value"] == found.values.state() and told["disagreement"] is None
        show(gallery, order="disagreement")
        counted = sent_of(gallery, "_summary")["distributions"]["disagreement"]
        assert sum(counted["counts"]) == 6
        assert gallery.summary().disagreements.state() == counted
        # Other maps disagree otherwise: what was counted is not told while theirs are computed.
        model.hold()
        gallery.set_state({"order": "given", "methods": ["grad_cam", "saliency"]})
        assert sent_of(gallery, "_summary")["distributions"]["disagreement"] is None
        model.gate.set()
        gallery.wait(60)
        assert sent_of(gallery, "_summary")["distributions"]["disagreement"] is None
        show(gallery, methods=["grad_cam", "guided_grad_cam"])
        assert sent_of(gallery, "_summary")["distributions"]["disagreement"] == counted


def test_a_range_of_probabilities_goes_when_scores_are_read_in_another_way(gallery: Any) -> None:
    show(gallery, show_value=[0, 1])
    gallery.activation = "none"
    gallery.wait(60)
    assert gallery.show_value is None
    assert page_of(gallery)["matches"] == 6
    found = gallery.summary().values
    values = [row["prediction"]["value"] for row in show(gallery, order="confidence")]
    assert found.edges[0] == pytest.approx(values[-1])
    assert found.edges[-1] == pytest.approx(values[0])
