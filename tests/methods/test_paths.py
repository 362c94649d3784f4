"""Integrated gradients, SmoothGrad and RISE: by hand, against Captum, and what they say of themselves."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from captum.attr import IntegratedGradients, Saliency
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets.network import Cancelled

from ..models.reference import relative_error
from ..models.zoo import classifier

TARGETS = [281, 7]
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")


@pytest.fixture
def network() -> nn.Module:
    network = classifier("resnet18").double().eval()
    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    return network


@pytest.fixture
def inputs() -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(2, 3, 48, 64, generator=generator, dtype=torch.float64)


class Square(nn.Module):
    """Class 0 is the sum of squares, class 1 three times the sum."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([(x**2).flatten(1).sum(1), 3 * x.flatten(1).sum(1)], dim=1)


def test_integrated_gradients_of_squares_are_squares() -> None:
    # x0 = 1: (x - 1) * integral of 2 (1 + a (x - 1)) = (x - 1) (x + 1) = x^2 - 1.
    x = torch.tensor([[[[2.0, 3.0, -1.0]]]])
    found = xw.explain(Square(), x, "integrated_gradients", target=0, baseline=1.0, steps=3)
    torch.testing.assert_close(found.values, torch.tensor([[[[3.0, 8.0, 0.0]]]]))
    assert found.note == ""


@pytest.mark.parametrize(
    ("baseline", "start"),
    [
        ("mean", [2.0, 2.0, 2.0]),
        ([5.0], [5.0, 5.0, 5.0]),
        (torch.tensor([[[1.0, 2.0, 3.0]]]), [1.0, 2.0, 3.0]),
    ],
)
def test_a_baseline_is_where_the_path_starts(baseline: object, start: list[float]) -> None:
    x = torch.tensor([[[[0.0, 4.0, 2.0]]]])
    found = xw.explain(Square(), x, "integrated_gradients", target=1, baseline=baseline)
    torch.testing.assert_close(found.values, 3 * (x - torch.tensor([[[start]]])))


def test_blur_keeps_what_is_even_and_noise_keeps_its_seed() -> None:
    even = torch.full((1, 2, 20, 30), 0.7)
    found = xw.explain(Square(), even, "integrated_gradients", target=1, baseline="blur")
    torch.testing.assert_close(found.values, torch.zeros_like(even), rtol=0, atol=1e-6)
    x = torch.rand(1, 2, 5, 6)
    first, second, third = (
        xw.explain(Square(), x, "integrated_gradients", 0, baseline="noise", seed=seed).values
        for seed in (0, 0, 1)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def test_integrated_gradients_equal_captum(network: nn.Module, inputs: Tensor) -> None:
    ours = xw.explain(network, inputs, "integrated_gradients", TARGETS, batch_size=14).values
    theirs = IntegratedGradients(network).attribute(inputs, target=torch.tensor(TARGETS))
    assert relative_error(ours, theirs) < 1e-6


def test_the_parts_sum_to_the_difference_of_scores_or_a_note_says_how_far_off(
    network: nn.Module, inputs: Tensor
) -> None:
    found = xw.explain(network, inputs, "integrated_gradients", TARGETS)
    with torch.no_grad():
        there = network(inputs)[torch.arange(2), TARGETS]
        start = network(torch.zeros_like(inputs))[torch.arange(2), TARGETS]
    parts, difference = found.values.sum(dim=(1, 2, 3)), there - start
    for sample in range(2):
        off = abs(parts[sample] - difference[sample]) > 0.01 * abs(difference[sample])
        assert (f"of sample {sample} sum to {parts[sample]:.4g}" in found.note) == bool(off)
    one = xw.explain(network, inputs[:1], "integrated_gradients", TARGETS[:1], steps=1)
    assert "take more steps to come closer" in one.note


def test_smooth_grad_is_the_mean_of_captum_s_gradients_at_the_same_noise(
    network: nn.Module, inputs: Tensor
) -> None:
    samples, noise = 7, 0.2
    ours = xw.explain(
        network, inputs, "smooth_grad", TARGETS, samples=samples, noise=noise, seed=5, batch_size=6
    ).values
    shape = (1, *inputs.shape[1:])
    drawn = torch.randn((samples, *shape), generator=torch.Generator().manual_seed(5))
    spread = noise * (inputs.flatten(1).amax(1) - inputs.flatten(1).amin(1))
    theirs = torch.stack(
        [
            Saliency(network).attribute(
                inputs + spread[:, None, None, None] * one.double(),
                target=torch.tensor(TARGETS),
                abs=False,
            )
            for one in drawn
        ]
    ).mean(dim=0)
    # Noise of float32 in batches: the same numbers, drawn batch by batch.
    again = torch.Generator().manual_seed(5)
    batches = torch.cat([torch.randn((n, *shape), generator=again) for n in (3, 3, 1)])
    torch.testing.assert_close(batches, drawn)
    assert relative_error(ours, theirs) < 1e-6


def test_smooth_grad_s_noise_does_not_depend_on_the_batch() -> None:
    # torch draws noise in sixteens: 25 pixels are not so many.
    inputs = torch.rand(2, 1, 5, 5, generator=torch.Generator().manual_seed(3))
    options: dict[str, Any] = {"target": 0, "samples": 5}
    found = xw.explain(Square(), inputs, "smooth_grad", **options).values
    for size in (2, 4):
        again = xw.explain(Square(), inputs, "smooth_grad", batch_size=size, **options).values
        torch.testing.assert_close(again, found)
    alone = xw.explain(Square(), inputs[:1], "smooth_grad", **options).values
    torch.testing.assert_close(alone, found[:1])


def test_smooth_grad_of_guided_backprop_without_noise_is_guided_backprop(
    network: nn.Module, inputs: Tensor
) -> None:
    smooth = xw.explain(
        network, inputs, "smooth_grad", TARGETS, of="guided_backprop", noise=0, samples=2
    ).values
    plain = xw.explain(network, inputs, "guided_backprop", TARGETS).values
    assert relative_error(smooth, plain) < 1e-9


class Corner(nn.Module):
    """Class 0 is the mean of the upper left quarter, class 1 a constant."""

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2] // 2, x.shape[3] // 2
        corner = x[:, :, :height, :width].mean(dim=(1, 2, 3))
        return torch.stack([corner, torch.full_like(corner, 4.0)], dim=1)


def test_rise_finds_the_corner_that_is_looked_at() -> None:
    x = torch.ones(1, 3, 32, 48)
    values = xw.explain(Corner(), x, "rise", target=0, masks=600, grid=4).values[0]
    assert values[:10, :16].amin() > values[22:, 32:].amax()
    # A score that is the same whatever is shown is the map, everywhere.
    constant = xw.explain(Corner(), x, "rise", target=1, masks=40, grid=4)
    torch.testing.assert_close(constant.values, torch.full((1, 32, 48), 4.0))
    assert "the same everywhere" in constant.note


def test_rise_tells_its_estimate_and_keeps_it_when_it_is_stopped() -> None:
    x, seen = torch.ones(1, 3, 32, 48), list[Tensor]()
    options: dict[str, Any] = {"masks": 100, "grid": 4, "batch_size": 10, "so_far": seen.append}
    whole = xw.explain(Corner(), x, "rise", target=0, **options)
    assert len(seen) == 10
    torch.testing.assert_close(seen[-1], whole.values)
    third = seen[2]
    seen.clear()
    found = xw.explain(Corner(), x, "rise", 0, cancelled=lambda: len(seen) == 3, **options)
    assert found.note == "Stopped after 30 of 100 masks."
    torch.testing.assert_close(found.values, third)
    with pytest.raises(Cancelled, match="0 of 100 masks"):
        xw.explain(Corner(), x, "rise", 0, cancelled=lambda: True, **options)


@pytest.mark.parametrize("method", ["integrated_gradients", "smooth_grad", "score_cam", "rise"])
def test_progress_rises_to_one_and_cancel_is_heard(network: nn.Module, method: str) -> None:
    x, told = torch.randn(1, 3, 32, 32, dtype=torch.float64), list[float]()
    few: Any = {
        "integrated_gradients": {"steps": 4},
        "smooth_grad": {"samples": 4},
        "score_cam": {"channels": 4},
        "rise": {"masks": 4},
    }[method]
    xw.explain(network, x, method, 3, batch_size=1, progress=told.append, **few)
    assert told == [0.25, 0.5, 0.75, 1.0]
    with pytest.raises(Cancelled):
        xw.explain(network, x, method, 3, cancelled=lambda: True, **few)


@pytest.mark.parametrize(
    ("method", "options", "words"),
    [
        ("integrated_gradients", {"steps": 0}, "steps is 0; expected at least 1"),
        ("integrated_gradients", {"baseline": "black"}, "no baseline 'black'.*-mean / std"),
        ("integrated_gradients", {"baseline": torch.zeros(5)}, "baseline has the shape"),
        ("smooth_grad", {"of": "grad_cam"}, "of='grad_cam': SmoothGrad is made of a gradient"),
        ("smooth_grad", {"noise": -1.0}, "noise is -1.0"),
        ("rise", {"shown": 1.0}, "shown is 1.0"),
        ("score_cam", {"channels": 0}, "channels is 0"),
    ],
)
def test_what_does_not_fit_is_named(method: str, options: dict[str, Any], words: str) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    net(torch.rand(1, 3, 8, 9))
    with pytest.raises(ValueError, match=words):
        xw.explain(net, torch.rand(1, 3, 8, 9), method, 0, **options)
