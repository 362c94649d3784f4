"""How probabilities and disagreements are spread, counted by hand; each bin is a filter that lets its pictures through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from xcnn_widgets.study import (
    Ask,
    Exploration,
    Histogram,
    Request,
    Selection,
    Summary,
    Work,
    bin_edges,
    filled,
)
from xcnn_widgets.study.filling import known_matches
from xcnn_widgets.study.order import Known, Verdict, passing

ASK = Ask(("grad_cam", "saliency"), "0", "predicted")
LABELS = ["red", "green", "green", "green", None, "dragon", "blue"]


def blob(*colour: int, broken: bool = False) -> Any:
    """A patch whose place depends on its colour, on grained ground, wider than high."""
    if broken:
        return b"no picture"
    y, x = np.mgrid[:12, :20]
    grain = np.stack([(7 * y + (11 + 2 * c) * x + colour[c]) % 41 for c in range(3)], axis=2)
    weight = np.exp(-np.hypot(y - colour[0] % 12, x - colour[1] % 20) / (2 + colour[2] % 7))
    return (weight[:, :, None] * np.array(colour) + grain).clip(0, 255).astype(np.uint8)


def to_input(picture: Any) -> Tensor:
    return torch.from_numpy(np.array(picture) / 255).permute(2, 0, 1).float()


def made(labels: Any = LABELS, activation: Any = None) -> Work:
    """Six pictures that differ, and one that cannot be read; a network of fixed weights."""
    torch.manual_seed(5)
    head = nn.Linear(6, 3)
    nn.init.normal_(head.weight, std=4)
    net = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    colours = [
        (200, 40, 30),
        (90, 160, 60),
        (30, 60, 210),
        (130, 150, 120),
        (220, 60, 180),
        (9, 9, 9),
    ]
    pictures = {f"p{i}": blob(*colour) for i, colour in enumerate(colours)}
    pictures["broken"] = blob(0, 0, 0, broken=True)
    exploration = Exploration(
        net, pictures, ["red", "green", "blue"], transform=to_input, activation=activation
    )
    work = Work(exploration, labels)
    work.open()
    return work


def all_explained(work: Work) -> None:
    filled(work, Request(ASK, selection=Selection("disagreement")))


def test_bins_are_counted_as_by_hand() -> None:
    numbers = dict(enumerate([0.0, 0.049999, 0.05, 0.9499, 0.95, 1.0, 0.5]))
    right = dict(enumerate([False, True, None, False, None, False, True]))
    found = Histogram.of(numbers, right, (0, 1))
    assert found is not None and found.wrong is not None
    assert len(found.edges) == 21 and (found.edges[0], found.edges[20]) == (0, 1)
    assert [found.counts[place] for place in (0, 1, 10, 18, 19)] == [2, 1, 1, 1, 2]
    assert [found.wrong[place] for place in (0, 1, 10, 18, 19)] == [1, 0, 0, 1, 1]
    assert (sum(found.counts), sum(found.wrong)) == (7, 3)
    assert found.ranges[0] == (0, 0.05) and found.ranges[-1] == (0.95, None)


def test_without_labels_nothing_is_wrong_and_without_numbers_there_is_nothing() -> None:
    found = Histogram.of({3: 0.1}, {3: None}, (0, 1))
    assert found is not None and found.wrong is None
    assert Histogram.of({}, {}, (0, 1)) is None


def test_numbers_that_are_all_the_same_have_one_bin() -> None:
    found = Histogram.of({0: 2.5, 1: 2.5}, {0: True, 1: False})
    assert found == Histogram((2.5, 2.5), (2,), (1,))
    assert found.ranges == [(2.5, None)]


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=40), st.integers(1, 30))
def test_every_number_is_in_the_one_bin_whose_range_holds_it(
    values: list[float], bins: int
) -> None:
    found = Histogram.of(dict(enumerate(values)), dict.fromkeys(range(len(values))), None, bins)
    assert found is not None
    known = [Known(Verdict(0, value, None)) for value in values]
    through = [
        len(passing(range(len(values)), Selection(show_value=ends), known.__getitem__))
        for ends in found.ranges
    ]
    assert through == list(found.counts)
    assert sum(through) == len(values)


def test_edges_rise_in_equal_steps() -> None:
    assert bin_edges(-1, 1, 4) == (-1.0, -0.5, 0.0, 0.5, 1.0)
    assert np.diff(bin_edges(0, 2)) == pytest.approx([0.1] * 20)


@pytest.mark.parametrize("by", ["value", "disagreement"])
def test_each_bar_of_a_summary_is_what_its_filter_lets_through(by: str) -> None:
    work = made()
    all_explained(work)
    summary = Summary.of(work, ASK)
    found = {"value": summary.values, "disagreement": summary.disagreements}[by]
    assert found is not None and found.wrong is not None
    assert sum(found.counts) == 6 and sum(found.wrong) == summary.wrong > 0
    assert sum(count > 0 for count in found.counts) > 1
    for ends, count, wrong in zip(found.ranges, found.counts, found.wrong, strict=True):
        chosen = Selection(show_value=ends) if by == "value" else Selection(show_disagreement=ends)
        matches = known_matches(work, Request(ASK, selection=chosen))
        # A disagreement may have to be found out.
        matches = passing(range(7), chosen, work.facts(ASK)) if matches is None else matches
        assert len(matches) == count
        verdicts = [work.findings.verdicts[index] for index in matches]
        assert sum(verdict.right is False for verdict in verdicts) == wrong


def test_probabilities_lie_over_0_to_1_and_other_values_between_their_ends() -> None:
    for activation, probabilities in (("softmax", True), ("none", False)):
        work = made(activation=activation)
        list(work.predict(range(7)))
        found = Summary.of(work).values
        values = [verdict.value for verdict in work.findings.verdicts.values()]
        assert found is not None
        ends = (0, 1) if probabilities else (min(values), max(values))
        assert (found.edges[0], found.edges[-1]) == pytest.approx(ends)


def test_disagreements_are_told_once_they_are_known_of_all_for_the_methods_shown() -> None:
    work = made()
    list(work.predict(range(7)))
    assert Summary.of(work, ASK).disagreements is None
    list(work.explain(range(3), ASK))
    assert Summary.of(work, ASK).disagreements is None
    list(work.explain(range(3, 6), ASK))
    found = Summary.of(work, ASK)
    assert found.disagreements is not None
    assert found.disagreements.edges == bin_edges(0, 2)
    assert sum(found.disagreements.counts) == 6
    assert Summary.of(work).disagreements is None
    other = Ask(("grad_cam", "guided_backprop"), "0", "predicted")
    assert Summary.of(work, other).disagreements is None


def test_a_filter_by_disagreement_explains_what_passes_the_others_and_no_more() -> None:
    work = made()
    chosen = Selection(show_label=1, show_disagreement=(0, None))
    assert chosen.needs_disagreements and chosen.needs_predictions
    page = filled(work, Request(ASK, selection=chosen))
    assert [row["index"] for row in page.rows.values()] == [1, 2, 3]
    assert {*work.findings.disagreements(ASK)} == {1, 2, 3}
    numbers = work.findings.disagreements(ASK)
    cut = sorted(numbers.values())[1]
    chosen = Selection(show_label=1, show_disagreement=(cut, None))
    page = filled(work, Request(ASK, selection=chosen))
    assert [row["index"] for row in page.rows.values()] == [
        index for index in (1, 2, 3) if numbers[index] >= cut
    ]


def test_the_state_of_a_summary_carries_both() -> None:
    work = made(labels=None)
    list(work.predict(range(7)))
    found = Summary.of(work, ASK)
    assert found.values is not None
    assert found.state()["distributions"] == {
        "value": {
            "edges": list(found.values.edges),
            "counts": list(found.values.counts),
            "wrong": None,
        },
        "disagreement": None,
    }


def test_a_group_lets_its_own_pictures_through() -> None:
    known = [Known(Verdict(0, 0.5, None), group=group) for group in (0, 1, None, 1)]
    assert passing(range(4), Selection(show_group=1), known.__getitem__) == [1, 3]
    assert passing(range(4), Selection(show_group=0), known.__getitem__) == [0]
