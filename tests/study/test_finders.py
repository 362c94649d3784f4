"""Segmentation networks and detectors: what is told of a picture, and what hiding a part of it changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from xcnn_widgets.study import Choice, Exploration, Hiding, Question, Work, image_state
from xcnn_widgets.study.asking import Ask
from xcnn_widgets.study.results import table

from ..models.finders import Colours, RedBoxes

NAMES = ["red", "green", "blue"]


def to_input(picture: Any) -> Tensor:
    return torch.tensor(np.array(picture)).permute(2, 0, 1) / 255


def flag() -> NDArray[np.uint8]:
    """Half of its 12 x 20 pixels red, a quarter green, a quarter blue, less sure of red on the right."""
    picture = np.zeros((12, 20, 3), np.uint8)
    picture[:, :10] = [204, 0, 0]
    picture[:6, 10:] = [51, 255, 0]
    picture[6:, 10:] = [51, 0, 255]
    return picture


def segmenter() -> Exploration:
    return Exploration(Colours(), {"flag": flag()}, NAMES, transform=to_input)


def detector() -> Exploration:
    names = {1: "left", 2: "right"}
    return Exploration(RedBoxes(), {"flag": flag()}, names, transform=to_input)


def test_classes_of_a_segmentation_network_come_by_their_share_of_the_picture() -> None:
    found = segmenter().predictions(0)
    assert [(each.name, each.value) for each in found] == [
        ("red", 0.5), ("green", 0.25), ("blue", 0.25),
    ]  # fmt: skip
    assert found[0].text == "50.0%"


def test_where_no_class_was_chosen_the_largest_region_is_explained() -> None:
    exploration = segmenter()
    choice = Choice(0, "grad_cam", "conv", None, 1, 1)
    explanation = exploration.explain(choice)
    assert exploration.explained(choice, explanation).name == "red"
    # The score is the sum of red's logits over its region: its gradient there is 2, elsewhere 0.
    weight = 2 * 120 / 240
    expected = weight * to_input(flag())[0]
    torch.testing.assert_close(explanation.values[0], expected)


def test_regions_go_to_the_page_as_the_class_of_each_cell() -> None:
    marks = image_state(segmenter(), 0)["picture"]["marks"]
    cells = np.frombuffer(marks["regions"], np.uint8).reshape(marks["shape"])
    assert marks["shape"] == [12, 20]
    np.testing.assert_array_equal(cells, to_input(flag()).argmax(0).numpy())


def test_hiding_a_region_takes_its_share() -> None:
    hiding = Hiding(segmenter())
    mask = np.zeros((12, 20), bool)
    mask[:6, 10:] = True
    answer = hiding.ask(Question(0, mask, "black", 1))
    assert (answer.target.name, answer.target.before, answer.target.after) == ("green", 0.25, 0.0)


def test_boxes_are_told_with_their_labels_and_scores() -> None:
    exploration = detector()
    found = exploration.predictions(0)
    assert [each.name for each in found] == ["left, box 0", "right, box 1"]
    assert [each.value for each in found] == pytest.approx([0.8, 0.2])
    marks = image_state(exploration, 0)["picture"]["marks"]
    assert [box["edges"] for box in marks["boxes"]] == [[0, 0, 10, 12], [10, 0, 20, 12]]
    assert marks["boxes"][0]["text"] == "left, box 0 80.0%"


@pytest.mark.parametrize(("box", "columns"), [(None, slice(0, 10)), (1, slice(10, 20))])
def test_a_box_is_explained_where_it_is(box: int | None, columns: slice) -> None:
    exploration = detector()
    choice = Choice(0, "saliency", None, box, 1, 1)
    values = exploration.explain(choice).values[0]
    assert exploration.explained(choice, exploration.explain(choice)).index == (box or 0)
    inside = torch.zeros(12, 20)
    inside[:, columns] = 1 / 120
    torch.testing.assert_close(values[0], inside)


def test_a_box_is_found_again_when_a_part_is_hidden_and_another_is_surest() -> None:
    hiding = Hiding(detector())
    mask = np.zeros((12, 20), bool)
    mask[:, :10] = True
    answer = hiding.ask(Question(0, mask, "black", 0))
    assert [change.name for change in answer.classes] == ["left, box 0", "right, box 1"]
    assert [change.after for change in answer.classes] == pytest.approx([0.0, 0.2])
    assert answer.target.before == pytest.approx(0.8)


def test_a_gallery_of_a_detector_tells_the_surest_box_of_each_picture() -> None:
    pictures = {"flag": flag(), "turned": flag()[:, ::-1].copy()}
    work = Work(Exploration(RedBoxes(), pictures, {1: "left", 2: "right"}, transform=to_input))
    work.open()
    ask = Ask(("saliency",), None, "predicted")
    [answers] = work.explain(range(2), ask)
    assert all(answer is not None for answer in answers.values())
    assert table(work, ask)["probability"].tolist() == pytest.approx([0.8, 0.8])


def test_a_detector_that_finds_nothing_says_so() -> None:
    class Blind(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x: Tensor) -> list[dict[str, Tensor]]:
            seen = self.conv(x).mean((1, 2, 3))
            return [{"boxes": torch.zeros(0, 4), "scores": each[None][:0]} for each in seen]

    exploration = Exploration(Blind(), {"flag": flag()}, transform=to_input)
    with pytest.raises(ValueError, match="the model found none"):
        exploration.predictions(0)
