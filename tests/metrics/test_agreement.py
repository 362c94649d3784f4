"""How far two explanations agree, on maps whose answer can be worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.stats import spearmanr  # type: ignore[import-untyped]
from torch import Tensor

from xcnn_widgets.metrics.agreement import disagreement


def blocks(quarters: list[float], height: int = 28, width: int = 42) -> Tensor:
    """A map ``(1, H, W)`` of four quarters: above left, above right, below left, below right."""
    return (
        torch.tensor(quarters)
        .reshape(1, 2, 2)
        .repeat_interleave(height // 2, 1)
        .repeat_interleave(width // 2, 2)
    )


def test_maps_that_rank_all_places_alike_agree_whatever_their_values() -> None:
    assert disagreement(blocks([1, 2, 3, 4]), blocks([0.1, 5, 6, 1000])).tolist() == [
        pytest.approx(0, abs=1e-6)
    ]


def test_a_reversed_map_disagrees_as_much_as_can_be() -> None:
    assert disagreement(blocks([1, 2, 3, 4]), blocks([9, 7, 5, 3])).item() == pytest.approx(2)


def test_halves_across_each_other_are_unrelated() -> None:
    left, above = blocks([1, 0, 1, 0]), blocks([1, 1, 0, 0])
    assert disagreement(left, above).item() == pytest.approx(1)


def test_one_swap_of_four_ranks_is_worked_out_by_hand() -> None:
    # Ranks 1 2 3 4 against 1 3 2 4: squared differences 0 1 1 0, so 1 - 6 * 2 / (4 * 15) = 0.8.
    assert disagreement(blocks([1, 2, 3, 4]), blocks([1, 3, 2, 4])).item() == pytest.approx(0.2)


def test_ties_share_the_mean_of_their_ranks() -> None:
    # A half against a quarter of it: covariance 1/8, deviations 1/2 and sqrt(3)/4.
    by_hand = 1 - (1 / 8) / (1 / 2 * math.sqrt(3) / 4)
    half, quarter = blocks([0, 0, 1, 1]), blocks([0, 0, 0, 1])
    assert disagreement(half, quarter).item() == pytest.approx(by_hand)
    # 1.5 1.5 3 4 against 1 2 3 4: covariance 4.5, squared deviations 4.5 and 5.
    tied = 1 - 4.5 / math.sqrt(4.5 * 5)
    assert disagreement(blocks([1, 1, 3, 4]), blocks([1, 2, 3, 4])).item() == pytest.approx(tied)


@pytest.mark.parametrize("level", [0.0, 0.1, 1 / 3, 1e-30, 7.7e20])
@pytest.mark.parametrize("size", [(30, 45), (5, 9), (7, 60), (1, 1), (14, 14)])
def test_a_map_that_is_the_same_everywhere_agrees_with_nothing(
    level: float, size: tuple[int, int]
) -> None:
    constant = torch.full((1, *size), level)
    other = torch.rand(1, 9, 33, generator=torch.Generator().manual_seed(0))
    assert disagreement(constant, other).tolist() == [1.0]
    assert disagreement(other, constant).tolist() == [1.0]
    assert disagreement(constant, constant).tolist() == [1.0]


def test_the_sign_does_not_count_and_channels_count_by_their_largest() -> None:
    signed = torch.stack([blocks([-4, 1, 0, 2]), blocks([1, -3, 0.5, 0])], dim=1)
    assert disagreement(signed, blocks([4, 3, 0.5, 2])).item() == pytest.approx(0, abs=1e-6)


def test_resolution_does_not_count() -> None:
    quarters = [3.0, 1.0, 4.0, 2.0]
    large, small = blocks(quarters, 280, 140), blocks(quarters, 14, 28)
    assert disagreement(large, small).item() == pytest.approx(0, abs=1e-6)
    coarse, fine = torch.tensor([[[1.0, 2.0]]]), torch.linspace(0, 1, 56).expand(1, 28, 56)
    assert disagreement(coarse, fine).item() < 0.03


def test_a_side_that_is_larger_is_averaged_though_the_other_is_smaller() -> None:
    # Every other column is bright: where one looks decides nothing, for the mean is the same.
    stripes = torch.tensor([0.0, 1.0]).repeat(28).expand(1, 7, 56)
    assert disagreement(stripes, torch.rand(1, 7, 56)).tolist() == [1.0]


def test_samples_do_not_influence_each_other_and_order_does_not_count() -> None:
    generator = torch.Generator().manual_seed(4)
    first = torch.rand(5, 20, 31, generator=generator)
    second = torch.rand(5, 3, 17, 40, generator=generator)
    together = disagreement(first, second)
    alone = torch.cat([disagreement(first[i : i + 1], second[i : i + 1]) for i in range(5)])
    assert torch.equal(together, alone)
    assert torch.allclose(together, disagreement(second, first), atol=1e-6)
    assert (together.dtype, together.shape) == (torch.float32, (5,))
    assert 0.5 < together.min() <= together.max() < 1.5


def test_it_is_one_minus_spearmans_correlation_as_scipy_has_it() -> None:
    generator = torch.Generator().manual_seed(9)
    first = torch.rand(1, 14, 14, generator=generator)
    second = (first + torch.rand(1, 14, 14, generator=generator)).mul(4).round()
    known = spearmanr(first.flatten().numpy(), second.flatten().numpy()).statistic
    assert disagreement(first, second).item() == pytest.approx(1 - known, abs=1e-6)
