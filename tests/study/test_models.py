"""Several models on the same pictures: what is matched, what is subtracted, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from xcnn_widgets.study import (
    Choice,
    Comparison,
    Exploration,
    Models,
    Shown,
    compare,
    matched_class,
    matched_layer,
)

from ..models.two_by_hand import colour_net, picture, to_input

RED, GREEN, BLUE = (4.0, 0.0, 0.0), (0.0, 4.0, 0.0), (0.0, 0.0, 4.0)


def answer(exploration: Exploration, choice: Choice) -> Shown:
    return Shown.of(exploration, choice, exploration.explain(choice))


def compared(models: Models, target: int | None = 0, layer: str = "relu") -> Comparison:
    first, second = models.names[:2]
    choice = Choice(0, "grad_cam", layer, target, 4, 2, model=first, beside=second)
    assert second is not None
    return compare(models, answer(models.explored(first), choice), second, answer)


def two(**options: Any) -> Models:
    nets = {"before": colour_net(RED, GREEN), "after": colour_net(GREEN, RED)}
    return Models(nets, picture(), transform=to_input, **options)


def test_the_difference_is_the_second_map_less_the_first_in_their_own_unit() -> None:
    red, green, _ = picture().transpose(2, 0, 1) / 255
    found = compared(two()).difference
    assert found is not None and found.dtype == np.float32
    np.testing.assert_allclose(found, 4 * (green - red) / red.size, atol=1e-7)


def test_the_common_range_spans_both_maps() -> None:
    red, green, _ = 4 * (picture().transpose(2, 0, 1) / 255) / 96
    low, high = compared(two()).common_range
    assert low == pytest.approx(min(red.min(), green.min()))
    assert high == pytest.approx(max(red.max(), green.max()))


def test_what_both_say_of_a_class_begins_with_what_changed_most() -> None:
    a, b = colour_net(RED, GREEN, BLUE), colour_net(RED, BLUE, BLUE)
    comparison = compared(Models({"a": a, "b": b}, picture(), transform=to_input))
    means = torch.tensor(picture().reshape(-1, 3).mean(0) / 255 * 4)
    here, there = means.softmax(0), means[[0, 2, 2]].softmax(0)
    expected = sorted(range(3), key=lambda c: -abs(here[c] - there[c]))
    assert [change.index for change in comparison.changes] == expected
    for change in comparison.changes:
        assert change.here is not None and change.there is not None and change.index is not None
        assert change.here.value == pytest.approx(float(here[change.index]), abs=1e-6)
        assert change.there.value == pytest.approx(float(there[change.index]), abs=1e-6)


def test_two_models_have_changed_their_mind_where_they_name_different_classes() -> None:
    assert compared(two()).changed_mind
    same = {"a": colour_net(RED, GREEN), "b": colour_net(RED, GREEN)}
    assert not compared(Models(same, picture(), transform=to_input)).changed_mind


def test_classes_are_matched_by_name_and_one_that_is_not_there_says_so() -> None:
    models = two(class_names={"before": ["cat", "dog"], "after": ["fox", "cat"]})
    comparison = compared(models)
    assert comparison.second is not None and comparison.second.map["target"]["name"] == "cat"
    # The second class of the other model answers to red as the first one of this does.
    assert comparison.difference is not None and np.abs(comparison.difference).max() < 1e-7
    lost = compared(models, target=1)
    assert lost.second is None and lost.difference is None
    assert lost.why_not == lost.why_no_difference == "after has no class 'dog'."
    names = {change.name: change for change in lost.changes}
    assert names["dog"].there is None and names["fox"].here is None and names["fox"].index is None


def test_without_names_on_both_sides_classes_are_matched_by_index() -> None:
    models = two(class_names={"before": ["cat", "dog"]})
    here, there = (models.explored(name).answers_on(0) for name in ("before", "after"))
    assert [matched_class(index, here, there) for index in (0, 1)] == [0, 1]
    three = Models(
        {"a": colour_net(RED, GREEN, BLUE), "b": colour_net(RED, GREEN)},
        picture(),
        transform=to_input,
    )
    here, there = (three.explored(name).answers_on(0) for name in ("a", "b"))
    assert matched_class(2, here, there) is None


def test_layers_are_matched_by_name_else_by_depth() -> None:
    three, five = ["a", "b", "c"], ["v", "w", "x", "y", "z"]
    assert matched_layer("b", three, ["x", "b"]) == "b"
    assert [matched_layer(layer, three, five) for layer in three] == ["v", "x", "z"]
    assert [matched_layer(layer, five, three) for layer in five] == ["a", "b", "b", "c", "c"]
    assert matched_layer("a", ["a"], five) == "z", "a layer alone is the last one"
    assert matched_layer("a", three, []) is None and matched_layer(None, three, five) is None


def test_maps_of_different_sizes_are_not_subtracted_and_it_says_why() -> None:
    def half(picture: Any) -> torch.Tensor:
        return to_input(picture)[:, ::2, ::2]

    models = two_with_transforms(to_input, half)
    comparison = compared(models)
    assert comparison.second is not None and comparison.second.map["size"] == [4, 6]
    assert comparison.difference is None
    assert "8 x 12 and 4 x 6 pixels" in comparison.why_no_difference
    assert "transform=" in comparison.why_no_difference


def test_maps_of_different_cuts_are_not_subtracted() -> None:
    def flipped(picture: Any) -> torch.Tensor:
        return to_input(picture).flip(2)

    comparison = compared(two_with_transforms(to_input, flipped))
    assert not comparison.same_picture and comparison.difference is None
    assert "different cuts" in comparison.why_no_difference


def two_with_transforms(one: Any, other: Any) -> Models:
    nets = {"before": colour_net(RED, GREEN), "after": colour_net(GREEN, RED)}
    return Models(nets, picture(), transform={"before": one, "after": other})


def test_options_are_for_one_model_by_its_name_or_for_all() -> None:
    models = two(activation={"after": "sigmoid"}, targets={"before": lambda out: out[:, 0]})
    readings = [models.explored(name).answers_on(0).reading.activation for name in models.names]
    assert readings == ["softmax", "sigmoid"]
    # A target may be called as a model is: of callables it is one for all.
    assert all(models.explored(name).answers.targets.names == ["before"] for name in models.names)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({}, ValueError, "no model in this dict"),
        ({1: nn.Identity()}, TypeError, "named 1"),
        ({"": nn.Identity()}, TypeError, "named ''"),
    ],
)
def test_what_names_no_models_is_refused(given: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Models(given, picture())


def test_an_error_names_the_model() -> None:
    models = Models({"good": colour_net(RED), "bad": 3}, picture())
    with pytest.raises(TypeError, match=r"model 'bad': model is a int"):
        models.explored("bad")


def test_models_that_were_looked_at_long_ago_let_go_of_what_can_be_found_again() -> None:
    nets = {f"net {i}": colour_net(RED, GREEN) for i in range(6)}
    models = Models(nets, picture(), transform=to_input)
    for name in nets:
        answer(models.explored(name), Choice(0, "grad_cam", "relu", 0, 4, 2, model=name))
    kept = [name for name, exploration in models.opened() if exploration.keeps(0)]
    assert kept == ["net 2", "net 3", "net 4", "net 5"]


def test_where_one_model_is_asked_for_several_are_refused_with_the_way_out() -> None:
    nets = {"a": colour_net(RED), "b": colour_net(RED)}
    with pytest.raises(TypeError, match=r"model is a dict of 2; .* ExplainerWidget"):
        Exploration(nets, picture())
