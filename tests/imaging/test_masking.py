"""What is put in place of hidden pixels, and which pixels a heatmap would hide."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import Compose, Grayscale, Normalize, ToTensor

from xcnn_widgets.imaging.masking import (
    FILLS,
    fill_for,
    fill_picture,
    hide,
    mask_from_heatmap,
    normalisation_of,
    region_by_chance,
)
from xcnn_widgets.imaging.normalisation import Normalisation, find_normalisation
from xcnn_widgets.imaging.preprocessing import Prepared, Preprocessing

PICTURE = np.random.default_rng(0).integers(0, 256, (24, 36, 3), dtype=np.uint8)
MEAN, STD = [0.1, 0.4, 0.7], [0.2, 0.3, 0.5]


def bgr(inputs: torch.Tensor) -> torch.Tensor:
    return inputs.flip(0)


TRANSFORMS = {
    "levels": ToTensor(),
    "normalised": Compose([ToTensor(), Normalize(MEAN, STD)]),
    "BGR": Compose([ToTensor(), Normalize(MEAN, STD), bgr]),
    "grey": Compose([Grayscale(), ToTensor(), Normalize([0.3], [0.4])]),
}


def prepared_with(name: str) -> tuple[Prepared, Normalisation | None]:
    transform = TRANSFORMS[name]
    prepared = Preprocessing(transform).prepare(Image.fromarray(PICTURE))
    found = find_normalisation(transform, (36, 24))
    return prepared, normalisation_of(prepared, [] if found is None else [found])


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("name", ["levels", "normalised", "BGR"])
def test_a_fill_is_what_the_transform_makes_of_the_filled_picture(name, fill):
    prepared, normalisation = prepared_with(name)
    filled = fill_for(prepared, fill, normalisation)
    expected = TRANSFORMS[name](Image.fromarray(fill_picture(prepared, fill)))
    # The picture that people see is rounded to whole levels.
    assert (filled - expected).abs().max() <= 0.51 / 255 / min(STD)


def test_a_grey_input_is_filled_with_the_greys_of_its_picture():
    prepared, normalisation = prepared_with("grey")
    filled = fill_for(prepared, "mean", normalisation)
    assert filled.shape == (1, 24, 36)
    assert filled[0, 0, 0].item() == pytest.approx(prepared.input.mean().item(), abs=0.01)


def test_the_mean_is_that_of_the_picture_in_every_channel():
    prepared, normalisation = prepared_with("normalised")
    expected = (PICTURE.reshape(-1, 3).mean(0) / 255 - MEAN) / STD
    assert fill_for(prepared, "mean", normalisation)[:, 5, 7].numpy() == pytest.approx(
        expected, abs=1e-5
    )


def test_blurring_keeps_one_colour_and_spreads_a_step():
    step = np.zeros((24, 36, 3), np.uint8)
    step[:, 18:] = 255
    levels = torch.from_numpy(step).permute(2, 0, 1) / 255
    blurred = fill_for(Prepared(levels, step), "blur", normalisation_of(Prepared(levels, step), []))
    assert torch.allclose(blurred, blurred[:1, :1].expand(3, 24, 36), atol=1e-5)
    assert blurred[0, 0, 0] == pytest.approx(0, abs=1e-3)
    assert blurred[0, 0, 17] + blurred[0, 0, 18] == pytest.approx(1, abs=1e-5)
    assert (blurred[0, 0].diff() >= -1e-6).all()


def test_noise_is_the_same_each_time():
    prepared, normalisation = prepared_with("levels")
    first, second = (fill_for(prepared, "noise", normalisation) for _ in range(2))
    assert torch.equal(first, second)
    assert first.std() > 0.2


def test_where_the_normalisation_is_not_known_the_inputs_own_units_are_filled():
    inputs = torch.randn(3, 24, 36, generator=torch.Generator().manual_seed(1)) * 9
    prepared = Preprocessing().prepare(inputs)
    assert normalisation_of(prepared, []) is None
    mean, black = (fill_for(prepared, fill, None) for fill in ("mean", "black"))
    assert torch.allclose(mean[:, 0, 0], inputs.mean((1, 2)), atol=1e-5)
    assert torch.equal(black[:, 3, 3], inputs.amin((1, 2)))


def test_imagenets_normalisation_is_found_from_the_input_alone():
    prepared = Preprocessing().prepare(Image.fromarray(PICTURE))
    again = Preprocessing().prepare(prepared.input)
    black = fill_for(again, "black", normalisation_of(again, []))
    assert black[:, 0, 0].tolist() == pytest.approx([-2.1179, -2.0357, -1.8044], abs=1e-4)


def test_hiding_leaves_all_else_as_it_is():
    inputs = torch.tensor([[[1.0, -0.0, float("inf")]]])
    hidden = hide(inputs, torch.full((1, 1, 3), 5.0), np.array([[True, False, False]]))
    assert hidden.view(torch.int32)[0, 0, 1:].equal(inputs.view(torch.int32)[0, 0, 1:])
    assert hidden[0, 0, 0] == 5


@given(st.integers(1, 9), st.integers(1, 9), st.floats(0, 1), st.integers(0, 99))
def test_a_mask_has_exactly_the_share_asked_for_and_the_greatest_values(h, w, fraction, seed):
    heatmap = np.random.default_rng(seed).integers(0, 4, (h, w)) / 3
    mask = mask_from_heatmap(torch.from_numpy(heatmap), fraction)
    assert mask.shape == (h, w)
    assert mask.sum() == round(fraction * h * w)
    if 0 < mask.sum() < h * w:
        assert heatmap[mask].min() >= heatmap[~mask].max()


@pytest.mark.parametrize(
    ("heatmap", "fraction", "told"),
    [
        (np.zeros((2, 3, 4)), 0.5, r"\(2, 3, 4\)"),
        (np.full((2, 3), np.nan), 0.5, "6 values"),
        (np.zeros((2, 3)), 1.5, "fraction is 1.5"),
    ],
)
def test_what_is_no_heatmap_or_no_share_is_refused(heatmap, fraction, told):
    with pytest.raises(ValueError, match=told):
        mask_from_heatmap(heatmap, fraction)


def test_an_unknown_fill_is_refused():
    with pytest.raises(ValueError, match=r"'grey'.*'mean'"):
        fill_for(Prepared(torch.rand(3, 4, 5), PICTURE), "grey", None)


def test_chance_chooses_the_pixels_nearest_to_a_point_and_the_same_ones_each_time():
    x, y = np.random.default_rng(0).random(2) * (10, 8)
    assert (x, y) == pytest.approx((6.37, 2.16), abs=0.01)
    region = region_by_chance((8, 10), 3)
    assert np.argwhere(region).tolist() == [[1, 6], [2, 5], [2, 6]]
    for count in (0, 1, 41, 80):
        assert region_by_chance((8, 10), count, seed=5).sum() == count
    assert not np.array_equal(region_by_chance((8, 10), 9, 1), region_by_chance((8, 10), 9, 2))
