"""Asking about one pixel, or why one class rather than another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from torch import nn
from traitlets import TraitError

from xcnn_widgets import contrast, explain, pixel
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ...models.finders import RedBoxes
from ...study.test_finders import NAMES, Colours, flag, to_input
from ..conftest import on_page
from ..conftest import to_input as whole


@pytest.fixture
def segmenter() -> Any:
    pictures = {"flag": flag(), "turned": flag()[::-1].copy()}
    return ExplainerWidget(Colours(), pictures, NAMES, transform=to_input, method="saliency")


def test_a_pixel_that_is_pointed_at_is_explained(segmenter: ExplainerWidget) -> None:
    segmenter.set_state({"pixel": [2, 13]})
    assert segmenter.error == ""
    assert "green at pixel (2, 13)" in segmenter.status
    inputs = to_input(flag())[None]
    alone = explain(Colours(), inputs, "saliency", pixel(2, 13, 1)).heatmaps()[0]
    np.testing.assert_allclose(segmenter.heatmap, alone)
    assert np.argwhere(segmenter.heatmap == 1).tolist() == [[2, 13]]


def test_another_class_or_picture_takes_the_pixel_back(segmenter: ExplainerWidget) -> None:
    segmenter.pixel = (2, 13)
    segmenter.target = 0
    assert segmenter.pixel is None
    assert "for red" in segmenter.status
    segmenter.pixel = (2, 13)
    segmenter.image_index = 1
    assert (segmenter.pixel, segmenter.target) == (None, None)


@pytest.mark.parametrize("at", [[2, 20], [-1, 0], [3], "here"])
def test_a_pixel_that_is_none_is_refused_and_told(segmenter: ExplainerWidget, at: Any) -> None:
    before = segmenter.status
    with pytest.raises(TraitError, match="pixel = "):
        segmenter.pixel = at
    segmenter.set_state({"pixel": at})
    assert segmenter.error.startswith("pixel = ")
    assert (segmenter.status, segmenter.pixel) == (before, None)


def test_a_model_without_a_class_for_each_pixel_has_none_to_point_at(
    widget: ExplainerWidget,
) -> None:
    with pytest.raises(TraitError, match="gives no class for each pixel"):
        widget.pixel = (1, 1)


def test_one_class_rather_than_another(
    widget: ExplainerWidget, model: nn.Module, pictures: dict[str, Any]
) -> None:
    widget.target = "red"
    widget.rather_than = "blue"
    assert "red rather than blue" in widget.status
    alone = explain(model, whole(pictures["ant"])[None], target=contrast(0, 2))
    np.testing.assert_allclose(widget.heatmap, alone.heatmaps()[0], atol=1e-6)
    assert alone.logits is not None
    assert on_page(widget)["_map"]["target"]["value"] == pytest.approx(
        float(alone.logits[0, 0] - alone.logits[0, 2]),
        abs=1e-5,
    )
    widget.rather_than = "green"
    assert "red rather than green" in widget.status
    widget.rather_than = None
    assert widget.target == 0
    assert "for red" in widget.status


def test_choosing_another_class_ends_the_contrast(widget: ExplainerWidget) -> None:
    widget.rather_than = 1 if widget.predictions[0]["index"] != 1 else 2
    widget.target = 3
    assert widget.rather_than is None


def test_a_class_cannot_be_held_against_itself(widget: ExplainerWidget) -> None:
    widget.target = 2
    with pytest.raises(TraitError, match="it is the class that is explained"):
        widget.rather_than = 2
    with pytest.raises(TraitError, match="rather_than = 'violet'"):
        widget.rather_than = "violet"
    assert widget.target == 2


def test_the_box_of_one_picture_is_not_asked_of_the_next() -> None:
    pictures = {"flag": flag(), "turned": flag()[:, ::-1].copy()}
    widget = ExplainerWidget(RedBoxes(), pictures, {1: "left", 2: "right"}, transform=to_input)
    widget.target = 1
    assert "right, box 1" in widget.status
    widget.image_index = 1
    assert widget.target is None
    assert "right, box 0" in widget.status
