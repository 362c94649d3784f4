"""A callable as target: in every widget, on a model of whose output nothing else is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from traitlets import TraitError

from xcnn_widgets import ExplainerWidget, GalleryWidget, OcclusionBrush, explain

from .conftest import to_input


class Told(nn.Module):
    """Gives neither logits nor boxes: of each sample two numbers in a dict."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> list[dict[str, Tensor]]:
        found = self.head(self.conv(x).relu().mean((2, 3)))
        return [{"warmth": each[0], "depth": each[1]} for each in found]


def warmth(output: list[dict[str, Tensor]]) -> Tensor:
    return torch.stack([each["warmth"] for each in output])


def test_the_explorer_explains_it_and_tells_its_score(pictures: dict[str, Any]) -> None:
    model = Told()
    widget = ExplainerWidget(model, pictures, transform=to_input, target=warmth)
    inputs = to_input(pictures["ant"])[None]
    score = float(warmth(model.eval()(inputs)))
    assert widget.predictions == [
        {"index": 0, "name": "warmth", "value": pytest.approx(score, abs=1e-6)}
    ]
    alone = explain(model, inputs, target=warmth)
    assert widget.layer == alone.layer == "conv"
    np.testing.assert_allclose(widget.heatmap, alone.heatmaps()[0], atol=1e-6)
    widget.target = lambda output: torch.stack([each["depth"] for each in output])
    assert "for target (" in widget.status


def test_a_gallery_and_a_brush_take_it_too(pictures: dict[str, Any]) -> None:
    gallery = GalleryWidget(Told(), pictures, transform=to_input, target=warmth)
    gallery.wait(60)
    assert gallery.failures == {}
    assert gallery.to_dataframe()["prediction"].tolist() == ["warmth"] * 3
    brush = OcclusionBrush(Told(), pictures, transform=to_input, target=warmth)
    brush.mask = np.ones((40, 56), bool)
    assert brush.answer.target.name == "warmth"
    assert not brush.answer.target.is_probability


def test_without_one_the_error_says_what_can_be_said(pictures: dict[str, Any]) -> None:
    for widget in (ExplainerWidget, GalleryWidget, OcclusionBrush):
        with pytest.raises((TypeError, ValueError), match=r"output=.*callable as target"):
            widget(Told(), pictures, transform=to_input)


def test_a_target_that_fails_on_a_picture_leaves_what_was_shown(
    model: nn.Module, pictures: dict[str, Any]
) -> None:
    widget = ExplainerWidget(model, pictures, transform=to_input)
    before = widget.status
    with pytest.raises(TraitError, match="no such row"):

        def fails(output: Tensor) -> Tensor:
            raise ValueError("no such row")

        widget.target = fails
    assert widget.status == before
    assert widget.target is None
