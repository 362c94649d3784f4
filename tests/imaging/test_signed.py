"""Signed attributions in colour and positive against negative, contours, and the hottest share: numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest

from xcnn_widgets.imaging import (
    PaintLook,
    centred,
    colour_overlay,
    colour_table,
    colours_of,
    painted_by_heat,
    painted_contours,
    painted_in_colour,
    painted_signed,
    signed_overlay,
)
from xcnn_widgets.imaging.contours import contours
from xcnn_widgets.imaging.overlays import DIVERGING_COLORMAP
from xcnn_widgets.imaging.painting import top_share_threshold
from xcnn_widgets.imaging.signed import clip_of


def grey(level: int, height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def test_colours_are_clipped_at_the_995th_of_a_thousand_absolute_values() -> None:
    values = np.arange(-500.0, 501.0).reshape(1, 7, 143)
    assert clip_of(values) == pytest.approx(497.5, abs=0.51)
    colours, clip = colours_of(values)
    # Beyond the clip everything is black or white.
    assert (colours[values[0] >= clip] == 255).all()
    assert (colours[values[0] <= -clip] == 0).all()
    assert (colours[values[0] == 0] == 128).all()


def test_where_nearly_all_is_zero_the_greatest_value_is_the_end() -> None:
    values = np.zeros((3, 20, 30))
    values[1, 4, 5] = -2.0
    colours, clip = colours_of(values)
    assert clip == 2.0
    assert colours[4, 5].tolist() == [128, 0, 128]


def test_mid_grey_shows_the_picture_by_heat_and_hides_half_of_it_evenly() -> None:
    colours = np.array([[[128, 128, 128], [255, 0, 128]]], np.uint8)
    by_heat = colour_overlay(grey(10, 1, 2), colours, 0.5)
    # 0.5 / 127.5 of half an opacity is less than half a level
    assert by_heat[0].tolist() == [[10, 10, 10], [132, 5, 69]]
    even = colour_overlay(grey(10, 1, 2), colours, 0.5, blend="even")
    assert even[0].tolist() == [[69, 69, 69], [132, 5, 69]]


def test_signed_shares_lie_around_a_half() -> None:
    shares, most = centred(np.array([[-4.0, 0.0, 1.0]]))
    assert shares.tolist() == [[0.0, 0.5, 0.625]]
    assert most == 4.0
    assert centred(np.zeros((2, 3)))[0].tolist() == [[0.5] * 3] * 2


def test_red_speaks_for_blue_against_and_zero_shows_the_picture() -> None:
    shown = signed_overlay(grey(90, 1, 3), np.array([[-1.0, 0.0, 1.0]]), 1.0)[0].astype(int)
    assert shown[1].tolist() == [90, 90, 90]
    assert shown[0, 2] > shown[0, 0]
    assert shown[2, 0] > shown[2, 2]


def test_lightness_of_the_diverging_colours_falls_alike_to_both_sides() -> None:
    table = colour_table(DIVERGING_COLORMAP) @ [0.2126, 0.7152, 0.0722]
    assert np.abs(table - table[::-1]).max() < 255 / 6
    assert (np.diff(table[128:]) < 1).all()
    assert (np.diff(table[:128]) > -1).all()


def test_a_threshold_of_a_signed_map_is_one_of_the_distance_from_zero() -> None:
    values = np.array([[-1.0, -0.4, 0.4, 1.0]])
    shown = signed_overlay(grey(90, 1, 4), values, 1.0, 0.5)[0]
    assert [pixel == [90, 90, 90] for pixel in shown.tolist()] == [False, True, True, False]


def test_the_hottest_share_is_counted_in_pixels_and_never_empty() -> None:
    heat = np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5)
    for share, count in ((0.1, 2), (0.5, 10), (0.001, 1), (1.0, 20)):
        assert (heat >= top_share_threshold(heat, share)).sum() == count


def test_only_the_hottest_share_is_painted_in_every_way_but_contours() -> None:
    heat = np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5)
    look = PaintLook(opacity=1.0, blend="even", top_share=0.1)
    picture = grey(90, 4, 5)
    colours, clip = colours_of(np.broadcast_to(heat[None], (3, 4, 5)))
    for painted in (
        painted_by_heat(picture, heat, look),
        painted_signed(picture, heat, look),
        painted_in_colour(picture, colours, clip, look),
    ):
        assert (painted.covering != picture).any(axis=2).sum() == 2


def test_a_contour_runs_inside_with_a_dark_rim_outside() -> None:
    heat = np.zeros((5, 7), np.float32)
    heat[1:4, 2:6] = 1
    shown = contours(grey(100, 5, 7), heat, [0.5], "gray")[..., 0]
    assert shown.tolist() == [
        [100, 100, 50, 50, 50, 50, 100],
        [100, 50, 128, 128, 128, 128, 50],
        [100, 50, 128, 100, 100, 128, 50],
        [100, 50, 128, 128, 128, 128, 50],
        [100, 100, 50, 50, 50, 50, 100],
    ]


def test_contours_alone_stand_on_black() -> None:
    heat = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    painted = painted_contours(grey(200, 3, 4), heat, PaintLook())
    assert painted.alone.any()
    assert painted.alone[0, 0].tolist() == [0, 0, 0]
