"""Overlays follow the pixel rules that the browser follows, to the grey level."""

import matplotlib as mpl
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xcnn_widgets.imaging.overlays import (
    BLENDS,
    Blend,
    colour_strip,
    colour_table,
    overlay,
    overlay_rgba,
    signed_picture,
)


def grey(level: int, height: int = 2, width: int = 3) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


@pytest.mark.parametrize("name", ["viridis", "jet", "gray_r", "tab10", "turbo"])
def test_a_colour_table_has_the_256_colours_of_matplotlib(name: str) -> None:
    table = colour_table(name)
    assert (table.shape, table.dtype) == ((256, 3), np.uint8)
    expected = mpl.colormaps[name](np.arange(256) / 255, bytes=True)[:, :3]
    np.testing.assert_array_equal(table, expected)


def test_an_unknown_colormap_suggests_those_that_are_close() -> None:
    with pytest.raises(ValueError, match="no colormap 'virids'; did you mean 'viridis'"):
        colour_table("virids")
    with pytest.raises(ValueError, match="'viridis' is one"):
        colour_table("zzzzz")


def test_the_colour_of_a_value_is_the_one_at_its_floor_of_256() -> None:
    values = np.array([[0.0, 1 / 256, 0.4999, 0.5, 255 / 256, 1.0]])
    shown = overlay(grey(0, 1, 6), values, 1.0, "gray", blend="even")[0, :, 0]
    assert shown.tolist() == colour_table("gray")[[0, 1, 127, 128, 255, 255], 0].tolist()


def test_opacity_mixes_and_rounds() -> None:
    heatmap = np.array([[0.0, 1.0]])
    shown = overlay(grey(100, 1, 2), heatmap, 0.25, "gray", blend="even")
    assert shown[0, :, 0].tolist() == [75, 139]
    np.testing.assert_array_equal(overlay(grey(100, 1, 2), heatmap, 0.0, "gray"), grey(100, 1, 2))


def test_by_heat_a_value_covers_the_picture_by_its_share_of_the_opacity() -> None:
    heatmap = np.array([[0.0, 0.5, 1.0]])
    shown = overlay(grey(100, 1, 3), heatmap, 0.6, "gray")[0, :, 0]
    # 0.7 of 100 and 0.3 of 128; 0.4 of 100 and 0.6 of 255
    assert shown.tolist() == [100, 108, 193]


def test_a_canvas_that_blends_by_itself_gets_the_same_colours_and_opacities() -> None:
    heatmap = np.random.default_rng(0).random((4, 6), np.float32)
    for blend in BLENDS:
        layer = overlay_rgba(heatmap, 0.7, "magma", 0.2, blend=blend).astype(float)
        alpha = layer[..., 3:] / 255
        mixed = 90 * (1 - alpha) + layer[..., :3] * alpha
        wanted = overlay(grey(90, 4, 6), heatmap, 0.7, "magma", 0.2, blend=blend)
        assert np.abs(mixed - wanted).max() <= 1
        assert (layer[heatmap < 0.2, 3] == 0).all()


def test_a_colour_bar_has_the_colours_that_are_painted_over_mid_grey() -> None:
    assert colour_strip("gray", 0.5, 0.0, "even")[[0, 255], 0].tolist() == [64, 192]
    assert colour_strip("gray", 0.5, 0.0, "by heat")[[0, 255], 0].tolist() == [128, 191]
    assert colour_strip("gray", 1.0, 0.5, "by heat")[:128].max() == 128


def test_a_value_between_two_grey_levels_goes_to_the_even_one_as_in_the_browser() -> None:
    for level, rounded in ((1, 0), (3, 2)):
        shown = overlay(grey(level, 1, 1), np.zeros((1, 1)), 0.5, "gray", blend="even")
        assert shown.max() == rounded


def test_a_float32_value_equal_to_the_threshold_is_painted() -> None:
    heatmap = np.array([[0.1]], np.float32)
    assert overlay(grey(200, 1, 1), heatmap, 1.0, "gray", 0.1, blend="even").max() == 25


def test_values_below_the_threshold_leave_the_picture_alone() -> None:
    heatmap = np.array([[0.2, 0.5, 0.8]])
    shown = overlay(grey(10, 1, 3), heatmap, 1.0, "gray", 0.5, blend="even")[0, :, 0]
    assert shown.tolist() == [10, 128, 204]


@given(
    arrays(np.uint8, (3, 4, 3)),
    arrays(np.float32, (3, 4), elements=st.floats(0, 1, width=32)),
    st.floats(0, 1),
    st.floats(0, 1, width=32),
    st.sampled_from(BLENDS),
)
@settings(max_examples=50, deadline=None)
def test_an_overlay_lies_between_picture_and_colour(
    picture: np.ndarray, heatmap: np.ndarray, opacity: float, threshold: float, blend: Blend
) -> None:
    shown = overlay(picture, heatmap, opacity, "viridis", threshold, blend=blend).astype(int)
    colours = overlay(picture, heatmap, 1.0, "viridis", blend="even").astype(int)
    assert (shown >= np.minimum(picture, colours)).all()
    assert (shown <= np.maximum(picture, colours)).all()
    np.testing.assert_array_equal(shown[heatmap < threshold], picture[heatmap < threshold])


def test_a_tensor_serves_as_heatmap() -> None:
    heatmap = torch.rand(2, 3, requires_grad=True)
    np.testing.assert_array_equal(
        overlay(grey(9), heatmap), overlay(grey(9), heatmap.detach().numpy())
    )


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ((grey(0), np.zeros((3, 2))), r"shape \(3, 2\), its picture \(2, 3\)"),
        ((grey(0), np.full((2, 3), 1.5)), "from 1.5 to 1.5"),
        ((grey(0), np.full((2, 3), np.nan)), "6 values that are NaN"),
        ((grey(0) / 255, np.zeros((2, 3))), r"picture is float64 \(2, 3, 3\)"),
        ((grey(0)[..., 0], np.zeros((2, 3))), r"picture is uint8 \(2, 3\)"),
        ((grey(0), np.zeros((2, 3)), 1.5), "opacity is 1.5"),
        ((grey(0), np.zeros((2, 3)), 0.5, "jet", -1), "threshold is -1"),
        ((grey(0), np.zeros((2, 3)), float("nan")), "opacity is nan"),
    ],
)
def test_what_does_not_fit_is_named(arguments: tuple[object, ...], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        overlay(*arguments)  # type: ignore[arg-type]


def test_a_blend_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="blend is 'odd'; expected 'by heat' or 'even'"):
        overlay(grey(0), np.zeros((2, 3)), blend="odd")  # type: ignore[arg-type]


def test_a_signed_picture_is_centred_on_mid_grey_and_symmetric() -> None:
    values = np.zeros((3, 1, 4))
    values[0] = [-4.0, -2.0, 2.0, 4.0]
    shown = signed_picture(values)
    assert shown[0, :, 0].tolist() == [0, 64, 191, 255]
    assert (shown[..., 1:] == 128).all()


def test_one_channel_is_repeated() -> None:
    shown = signed_picture(torch.tensor([[[-1.0, 0.0, 1.0]]]))
    assert shown.shape == (1, 3, 3)
    assert shown[0].tolist() == [[0] * 3, [128] * 3, [255] * 3]


def test_nothing_but_zeros_is_mid_grey() -> None:
    assert (signed_picture(np.zeros((3, 2, 5))) == 128).all()


def test_tiny_values_are_shown_as_large_ones_are() -> None:
    values = np.random.default_rng(0).normal(size=(3, 4, 5))
    np.testing.assert_array_equal(signed_picture(values), signed_picture(values * 1e-30))


@pytest.mark.parametrize("shape", [(2, 4, 5), (4, 5), (1, 3, 4, 5), (3, 0, 5)])
def test_an_attribution_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected \(C, H, W\)"):
        signed_picture(np.zeros(shape))


def test_nan_is_not_painted() -> None:
    with pytest.raises(ValueError, match="NaN or infinite"):
        signed_picture(np.full((3, 4, 5), np.inf))
