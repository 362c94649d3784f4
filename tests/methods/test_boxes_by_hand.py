"""The score of a detection, on a detector that can be worked out on paper.

It finds two things in a picture of 4 x 6 pixels: "the left" and "the right". A thing's score is the
mean of relu(x) over its half, and its box hugs that half. It says first what has the larger score. A
half that is darker than 0.1 is not found.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import xcnn_widgets as xw

from ..models.segmenters import Answering

LEFT, RIGHT = [0.0, 0, 3, 4], [3.0, 0, 6, 4]


class Halves(nn.Module):
    """The detector."""

    def __init__(self, *, labels: tuple[int, int] = (7, 8), moving: float = 0.0) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.labels, self.moving = labels, moving

    def forward(self, x: Tensor) -> list[dict[str, Tensor]]:
        return [self.found(sample) for sample in self.relu(x)[:, 0]]

    def found(self, sample: Tensor) -> dict[str, Tensor]:
        scores = torch.stack([sample[:, :3].mean(), sample[:, 3:].mean()])
        boxes, labels = torch.tensor([LEFT, RIGHT]), torch.tensor(self.labels)
        # A box that depends on the picture: it moves to the right as the first pixel gets darker.
        boxes[:, [0, 2]] += self.moving * (sample[0, 0].detach() == 0)
        order = scores.argsort(descending=True)
        order = order[scores[order] > 0.1]
        return {"boxes": boxes[order], "scores": scores[order], "labels": labels[order]}


@pytest.fixture
def picture() -> Tensor:
    """Left 1, right 2: the right is found first."""
    picture = torch.ones(1, 1, 4, 6)
    picture[..., 3:] = 2
    return picture


def halves(left: float, right: float) -> Tensor:
    expected = torch.full((1, 4, 6), float(left))
    expected[..., 3:] = right
    return expected


def test_the_score_of_a_detection_is_explained(picture: Tensor) -> None:
    forward = xw.ForwardPass(Halves(), picture, ["relu"])
    assert forward.scores(xw.box(0)).tolist() == [2]
    assert forward.scores(xw.box(1)).tolist() == [1]
    found = xw.explain(Halves(), picture, "saliency", xw.box(1))
    torch.testing.assert_close(found.values[:, 0], halves(1 / 12, 0))
    assert str(found.target) == "box 1"
    assert found.logits is None


def test_it_is_found_again_where_the_input_is_changed(picture: Tensor) -> None:
    # To cover three columns of the right leaves it darker than the left: it becomes number 1.
    found = xw.explain(Halves(), picture, "occlusion", xw.box(0), patch=3, stride=3)
    expected = torch.zeros(1, 4, 6)
    # Of 12 pixels of 2 the upper window takes 9, the lower the last row of 3.
    expected[:, :3, 3:], expected[:, 3:, 3:] = 2 * 9 / 12, 2 * 3 / 12
    torch.testing.assert_close(found.values, expected)


def test_where_it_is_not_found_the_score_is_zero(picture: Tensor) -> None:
    found = xw.explain(Halves(), picture, "occlusion", xw.box(0), patch=6, stride=6)
    torch.testing.assert_close(found.values, torch.full((1, 4, 6), 2.0))
    # A box that moves by one of three columns overlaps itself by exactly a half, by two less.
    for moving, drop in ((1.0, 1 / 12), (2.0, 1.0)):
        model = Halves(moving=moving)
        found = xw.explain(model, picture, "occlusion", xw.box(1), patch=1, stride=1)
        torch.testing.assert_close(found.values[0, 0, 0], torch.tensor(drop))


def test_another_label_at_the_same_place_is_another_thing(picture: Tensor) -> None:
    # Both halves carry the box of the left; only their labels tell them apart.
    def same_place(found: list[dict[str, Tensor]]) -> list[dict[str, Tensor]]:
        return [
            {**each, "boxes": torch.tensor([LEFT]).expand(len(each["boxes"]), 4)} for each in found
        ]

    # The window over all of the right leaves the left, with its score of 1 at that place.
    for labels, drop in {(7, 8): 2.0, (7, 7): 1.0}.items():
        model = Answering(Halves(labels=labels), same_place)
        found = xw.explain(model, picture, "occlusion", xw.box(0), patch=4, stride=3)
        torch.testing.assert_close(found.values[0, 0, 5], torch.tensor(drop))


def test_each_sample_of_a_batch_has_its_own_box(picture: Tensor) -> None:
    batch = torch.cat([picture, picture.flip(3)])
    found = xw.explain(Halves(), batch, "saliency", xw.box(0)).values[:, 0]
    torch.testing.assert_close(found, torch.cat([halves(0, 1 / 12), halves(1 / 12, 0)]))
    found = xw.explain(Halves(), batch, "occlusion", xw.box(0), patch=1, stride=1).values
    torch.testing.assert_close(found, torch.cat([halves(0, 1 / 6), halves(1 / 6, 0)]))


def as_torchvision(output: Any) -> list[dict[str, Tensor]]:
    return [{"boxes": found[0], "scores": found[1]} for found in output[1]]


def test_a_detector_of_one_s_own_tells_with_boxes(picture: Tensor) -> None:
    own = Answering(Halves(), lambda found: ("x", [(f["boxes"], f["scores"]) for f in found]))
    found = xw.explain(own, picture, "saliency", xw.box(1, boxes=as_torchvision)).values
    torch.testing.assert_close(found[:, 0], halves(1 / 12, 0))
    asked = xw.explain(own, picture, "occlusion", xw.box(1, as_torchvision), patch=1, stride=1)
    torch.testing.assert_close(asked.values, halves(1 / 12, 0))
    # Of one sample the dict alone will do.
    alone = Answering(Halves(), lambda found: found[0])
    found = xw.explain(alone, picture, "saliency", xw.box(1)).values
    torch.testing.assert_close(found[:, 0], halves(1 / 12, 0))


def test_what_is_not_there_is_refused_with_what_is(picture: Tensor) -> None:
    with pytest.raises(ValueError, match=r"no box 2: the model found 2 in sample 0, 0 to 1"):
        xw.explain(Halves(), picture, "saliency", xw.box(2))
    with pytest.raises(ValueError, match=r"found none in sample 1; lower .* threshold"):
        xw.explain(Halves(), torch.cat([picture, 0 * picture]), "saliency", xw.box(0))
    with pytest.raises(ValueError, match=r"no class scores: .*target=xw.box\(index\)"):
        xw.explain(Halves(), picture, "saliency")
    with pytest.raises(TypeError, match="a detection is Tensor; expected a dict with 'boxes'"):
        xw.explain(nn.Sequential(nn.ReLU(), nn.Flatten()), picture, "saliency", xw.box(0))
    with pytest.raises(TypeError, match=r"index 0\.5 is a float"):
        xw.box(0.5)  # type: ignore[arg-type]
    odd = Answering(Halves(), lambda found: [{**f, "boxes": f["boxes"][:, :2]} for f in found])
    with pytest.raises(ValueError, match=r"boxes \(2, 2\).*expected \(N, 4\)"):
        xw.explain(odd, picture, "saliency", xw.box(0))


def test_one_box_is_not_taken_for_class_scores(picture: Tensor) -> None:
    # One sample with one box gives (1, 4), which looks like four scores.
    right_only = picture.clone()
    right_only[..., :3] = 0
    with pytest.raises(ValueError, match=r"xw.box\(index\)"):
        xw.explain(Halves(), right_only, "saliency")
