"""Deletion, insertion and ROAD by hand, and ROAD against pytorch-grad-cam."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pytorch_grad_cam.metrics.perturbation_confidence import (
    RemoveLeastRelevantFirst,
    RemoveMostRelevantFirst,
)
from pytorch_grad_cam.metrics.road import NoisyLinearImputer
from torch import Tensor, nn

from xcnn_widgets.metrics import deletion, insertion, road
from xcnn_widgets.metrics.imputation import imputed
from xcnn_widgets.network import Cancelled

from ..models.zoo import classifier


class Sum(nn.Module):
    """Class 0 is the sum of all values, class 1 nothing."""

    def forward(self, x: Tensor) -> Tensor:
        total = x.flatten(1).sum(dim=1)
        return torch.stack([total, torch.zeros_like(total)], dim=1)


X = torch.tensor([[[[1.0, 2.0], [4.0, 8.0]]], [[[0.0, 1.0], [1.0, 6.0]]]])
HEAT = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[9.0, 0.0], [0.1, 0.2]]])


def test_deletion_takes_the_hottest_pixels_first() -> None:
    found = deletion(Sum(), X, HEAT, 0, steps=4, fill=0.0, activation="none")
    torch.testing.assert_close(found.shares, torch.tensor([0, 0.25, 0.5, 0.75, 1]))
    expected = torch.tensor([[15.0, 7, 3, 1, 0], [8.0, 8, 2, 1, 0]])
    torch.testing.assert_close(found.scores, expected)
    # Trapezoids of width a quarter: the ends count half.
    torch.testing.assert_close(found.area, torch.tensor([(7.5 + 11) / 4, (4 + 11) / 4]))
    frame = found.to_dataframe()
    assert frame[frame["sample"] == 1]["score"].tolist() == [8, 8, 2, 1, 0]


def test_insertion_gives_the_hottest_pixels_back_first() -> None:
    found = insertion(Sum(), X, HEAT, 0, steps=2, fill=torch.ones_like, activation="none")
    torch.testing.assert_close(found.scores, torch.tensor([[4.0, 14, 15], [4.0, 8, 8]]))


def test_scores_are_probabilities_where_the_graph_ends_in_scores() -> None:
    small = X / 10
    found = deletion(Sum(), small, HEAT, 0, steps=1, fill=0.0)
    torch.testing.assert_close(found.scores[:, 0], small.flatten(1).sum(1).sigmoid())
    torch.testing.assert_close(found.scores[:, 1], torch.tensor([0.5, 0.5]))


def test_a_small_map_is_brought_to_the_size_of_the_input_and_equal_pixels_go_by_chance() -> None:
    x = torch.arange(64.0).reshape(1, 1, 8, 8)
    heat = torch.zeros(1, 1, 2)
    one, same, other = (
        deletion(Sum(), x, heat, 0, steps=8, fill=0.0, activation="none", seed=seed).scores
        for seed in (0, 0, 1)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match=r"heatmaps has the shape .*expected one map for each"):
        deletion(Sum(), X, HEAT[:1], 0)
    with pytest.raises(FloatingPointError, match="NaN"):
        deletion(Sum(), X, HEAT * float("nan"), 0)
    with pytest.raises(ValueError, match="activation is 'soft'"):
        deletion(Sum(), X, HEAT, 0, activation="soft")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="fill returned"):
        insertion(Sum(), X, HEAT, 0, fill=lambda x: x[:1])
    with pytest.raises(ValueError, match="between 0 and 100"):
        road(Sum(), X, HEAT, 0, percentiles=[0])
    with pytest.raises(Cancelled, match="deletion was cancelled after 0 of 20 steps"):
        deletion(Sum(), X, HEAT, 0, cancelled=lambda: True)


def test_a_missing_pixel_is_the_weighted_mean_of_its_neighbours() -> None:
    x = torch.tensor([[[[1.0, 2.0, 3.0], [4.0, 99.0, 6.0], [7.0, 8.0, 9.0]]]])
    hole = torch.zeros(1, 3, 3, dtype=torch.bool)
    hole[0, 1, 1] = True
    found = imputed(x, hole, noise=0)
    expected = (2 + 4 + 6 + 8) / 6 + (1 + 3 + 7 + 9) / 12
    assert found[0, 0, 1, 1].item() == pytest.approx(expected, rel=1e-5)
    everything = imputed(x, torch.ones_like(hole), noise=0)
    torch.testing.assert_close(everything, torch.full_like(x, x.mean().item()))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.995])
@pytest.mark.parametrize("size", [(40, 56), (37, 53)])
def test_imputation_equals_the_direct_solution(share: float, size: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(2, 3, *size, generator=generator).to(memory_format=torch.channels_last)
    missing = torch.rand(2, *size, generator=generator) < share
    missing[0, 5:35, 10:50] = True
    ours = imputed(x, missing, noise=0)
    for sample in range(2):
        theirs = NoisyLinearImputer(noise=0)(x[sample], (~missing[sample]).float())
        assert (ours[sample] - theirs).abs().max() < 2e-3


def test_road_equals_pytorch_grad_cam_s_combination() -> None:
    model = classifier("resnet18").eval()
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(2, 3, 48, 64, generator=generator)
    # No two pixels are equal: the two libraries cut ties in their own ways.
    heat = torch.rand(2, 48, 64, generator=generator)
    percentiles = [20, 50, 90]
    found = road(model, x, heat, [281, 7], percentiles=percentiles, noise=0, exact=True)
    with torch.no_grad():
        before = model(x).softmax(1)[[0, 1], [281, 7]]
        for cut, (remove, scores) in (
            (cut, each)
            for cut in range(3)
            for each in (
                (RemoveMostRelevantFirst, found.morf_scores),
                (RemoveLeastRelevantFirst, found.lerf_scores),
            )
        ):
            changed = torch.stack(
                [
                    remove(percentiles[cut], NoisyLinearImputer(noise=0))(x[i], heat[i])
                    for i in (0, 1)
                ]
            )
            theirs = model(changed).softmax(1)[[0, 1], [281, 7]] - before
            torch.testing.assert_close(scores[:, cut], theirs, rtol=1e-2, atol=1e-6)
    torch.testing.assert_close(found.combined, (found.lerf - found.morf) / 2)
    assert np.allclose(found.to_dataframe()["combined"], found.combined)
