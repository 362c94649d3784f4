"""Upsampling and normalising."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xcnn_widgets.methods.heatmaps import as_maps, heatmaps, normalise, ranges, upsample

finite = st.floats(-1e6, 1e6, width=32)
maps = arrays(
    "float32", st.tuples(st.just(2), st.integers(1, 5), st.integers(1, 7)), elements=finite
)


def test_upsampling_is_bilinear_between_the_centres_of_cells() -> None:
    # One cell becomes two: centres at 1/4 and 3/4 of it, so 0, 4 becomes 0, 1, 3, 4.
    assert upsample(torch.tensor([[[0.0, 4.0]]]), (1, 4)).tolist() == [[[0, 1, 3, 4]]]
    # Rows and columns are not mixed up.
    tall = upsample(torch.tensor([[[0.0], [4.0]]]), (4, 3))
    assert tall.tolist() == [[[0, 0, 0], [1, 1, 1], [3, 3, 3], [4, 4, 4]]]


def test_upsampling_to_the_same_size_changes_nothing() -> None:
    values = torch.randn(2, 3, 5)
    assert torch.equal(upsample(values, (3, 5)), values)


def test_each_sample_is_normalised_by_itself() -> None:
    values = torch.tensor([[[0.0, 1.0, 2.0]], [[-10.0, 10.0, 0.0]]])
    assert normalise(values).tolist() == [[[0, 0.5, 1]], [[0, 1, 0.5]]]


@pytest.mark.parametrize("value", [0.0, 3.0, -7.0, 0.1, 1e30, 1e-30])
def test_a_constant_map_is_all_zeros_and_tells_its_range(value: float) -> None:
    constant = torch.full((1, 4, 6), value)
    assert torch.equal(heatmaps(constant, (8, 9)), torch.zeros(1, 8, 9))
    low, high = ranges(constant)
    assert low.item() == high.item() == torch.tensor(value).item()


def test_rounding_noise_on_a_constant_map_is_not_blown_up() -> None:
    constant = torch.full((1, 7, 7), 0.1) + 0.0
    constant[0, 3, 3] = torch.nextafter(constant[0, 3, 3], torch.tensor(1.0))
    assert torch.equal(normalise(constant), torch.zeros(1, 7, 7))


def test_gradients_are_shown_by_their_largest_absolute_value_over_the_channels() -> None:
    values = torch.tensor([[[[1.0, -2.0]], [[-3.0, 0.5]]]])
    assert as_maps(values).tolist() == [[[3, 2]]]


def test_half_precision_and_double_become_float32() -> None:
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        assert heatmaps(torch.rand(1, 2, 3).to(dtype), (4, 5)).dtype == torch.float32


@settings(max_examples=100, deadline=None)
@given(maps)
def test_heatmaps_lie_between_0_and_1_and_touch_both_unless_constant(values: object) -> None:
    scaled = normalise(torch.as_tensor(values))
    assert torch.isfinite(scaled).all()
    assert scaled.min() >= 0 and scaled.max() <= 1
    for sample in scaled:
        extremes = (sample.min().item(), sample.max().item())
        assert extremes in {(0.0, 1.0), (0.0, 0.0)}


@settings(max_examples=50, deadline=None)
@given(maps, st.sampled_from([0.5, 2.0, 1024.0]))
def test_a_heatmap_does_not_depend_on_the_scale(values: object, factor: float) -> None:
    tensor = torch.as_tensor(values)
    torch.testing.assert_close(normalise(tensor), normalise(tensor * factor), rtol=0, atol=1e-4)


@settings(max_examples=50, deadline=None)
@given(maps)
def test_upsampling_never_leaves_the_range(values: object) -> None:
    tensor = torch.as_tensor(values)
    large = upsample(tensor, (11, 13))
    slack = 1e-5 * tensor.abs().max() + 1e-12
    assert large.min() >= tensor.min() - slack and large.max() <= tensor.max() + slack
