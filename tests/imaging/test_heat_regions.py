"""Boxes around what is hot: numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest

import xcnn_widgets as xw
from xcnn_widgets.imaging import HeatRegion, hot_mask


def heat() -> np.ndarray:
    found = np.zeros((6, 9), np.float32)
    found[1:3, 1:4] = 0.6
    found[3, 4] = 0.6  # touches by a corner
    found[5, 8] = 1.0
    return found


def test_boxes_lie_around_parts_that_touch_the_most_heat_first() -> None:
    assert xw.boxes_from_heatmap(heat(), 0.5) == [(1, 1, 5, 4), (8, 5, 9, 6)]
    assert xw.boxes_from_heatmap(heat(), 0.7) == [(8, 5, 9, 6)]


def test_the_top_share_is_one_of_the_pixels() -> None:
    rising = np.linspace(0, 1, 54, dtype=np.float32).reshape(6, 9)
    assert xw.boxes_from_heatmap(rising, 0.01, top_share=1 / 6) == [(0, 5, 9, 6)]


def test_nothing_is_hot_in_a_map_of_zeros() -> None:
    assert xw.boxes_from_heatmap(np.zeros((4, 7))) == []
    assert not hot_mask(np.zeros((4, 7), np.float32), 0.0, 0.1).any()


def test_a_crop_is_the_picture_in_the_box_around_all_of_the_region() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    region = HeatRegion(hot_mask(heat(), 0.5, 1.0), picture, heat())
    assert region.boxes == [(1, 1, 5, 4), (8, 5, 9, 6)]
    np.testing.assert_array_equal(region.crop(), picture[1:6, 1:9])
    empty = HeatRegion(np.zeros((6, 9), np.bool_), picture, heat())
    assert empty.crop().shape == (0, 0, 3)


@pytest.mark.parametrize(
    ("arguments", "options", "hint"),
    [
        ((np.zeros(5),), {}, "shape"),
        ((heat(), 0.0), {}, "threshold is 0.0"),
        ((heat(),), {"top_share": 1.5}, "top_share is 1.5"),
        ((np.full((2, 3), np.nan),), {}, "NaN"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: tuple, options: dict, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        xw.boxes_from_heatmap(*arguments, **options)
