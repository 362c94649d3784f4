"""Infidelity, sensitivities, completeness, and the games of places: by hand and against Captum."""

from __future__ import annotations

import pytest
import torch
from captum.metrics import infidelity as captum_infidelity
from captum.metrics import sensitivity_max as captum_sensitivity
from torch import Tensor, nn

from xcnn_widgets import explain
from xcnn_widgets.metrics import (
    completeness,
    energy_in,
    faithfulness,
    focus,
    infidelity,
    max_sensitivity,
    pointing_game,
    sensitivity_n,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")
TARGETS = [1, 3]


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(4)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 4)
    ).eval()


@pytest.fixture
def inputs() -> Tensor:
    return torch.randn(2, 3, 10, 12, generator=torch.Generator().manual_seed(5))


def test_infidelity_equals_captum_at_the_same_perturbations(
    network: nn.Module, inputs: Tensor
) -> None:
    values = explain(network, inputs, "saliency", TARGETS).values
    made = [0.3 * torch.randn(2, 3, 10, 12) for _ in range(6)]
    waiting = iter(made)
    ours = infidelity(
        network, inputs, values, TARGETS, perturbation=lambda *_: next(waiting), samples=6
    )
    theirs = torch.zeros(2)
    for one in made:
        theirs += captum_infidelity(
            network,
            lambda x, one=one: (one, x - one),
            inputs,
            values,
            target=torch.tensor(TARGETS),
            n_perturb_samples=1,
        )
    torch.testing.assert_close(ours, theirs / 6, rtol=1e-4, atol=1e-7)


def test_a_linear_model_s_gradient_is_faithful_in_every_sum() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    x = torch.randn(2, 1, 3, 4)
    values = explain(net, x, "saliency", 1).values
    assert infidelity(net, x, values, 1).abs().max() < 1e-8
    assert completeness(net, x, x * values, 1).abs().max() < 1e-5
    torch.testing.assert_close(
        sensitivity_n(net, x, x * values, 1, n=4, samples=30), torch.ones(2), rtol=0, atol=1e-4
    )
    torch.testing.assert_close(
        sensitivity_n(net, x, -x * values, 1, n=4, samples=30), -torch.ones(2), rtol=0, atol=1e-4
    )
    assert max_sensitivity(net, x, "saliency", 1).eq(0).all()


def test_max_sensitivity_equals_captum_at_the_same_neighbours(
    network: nn.Module, inputs: Tensor
) -> None:
    ours = max_sensitivity(network, inputs, "saliency", TARGETS, radius=0.5, samples=4, seed=3)
    generator = torch.Generator().manual_seed(3)
    near = [
        inputs + 0.5 * (2 * torch.rand(inputs.shape, generator=generator) - 1) for _ in range(4)
    ]
    theirs = torch.stack(
        [
            captum_sensitivity(
                lambda x: (explain(network, x, "saliency", TARGETS).values,),
                inputs,
                perturb_func=lambda _, radius, one=one: (one,),
                n_perturb_samples=1,
            )
            for one in near
        ]
    ).amax(dim=0)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_pointing_and_energy_by_hand() -> None:
    heat = torch.zeros(2, 4, 6)
    heat[0, 1, 2] = 3
    heat[0, 3, 5] = 1
    heat[1] = 1
    boxes = [[2, 0, 4, 2], [0, 0, 3, 4]]
    # The second map is hottest everywhere, also beside its box.
    assert pointing_game(heat, boxes).tolist() == [True, False]
    assert energy_in(heat, boxes).tolist() == [0.75, 0.5]
    masks = torch.zeros(2, 4, 6, dtype=torch.bool)
    masks[0, 1, 3] = masks[1] = True
    assert pointing_game(heat, masks).tolist() == [False, True]
    assert pointing_game(heat, masks, tolerance=1).tolist() == [True, True]
    with pytest.raises(ValueError, match=r"samples \[1\] has no pixel"):
        energy_in(heat, [[0, 0, 1, 1], [9, 9, 12, 12]])
    with pytest.raises(ValueError, match=r"expected masks .* or boxes"):
        energy_in(heat, torch.zeros(2, 5))


class Brightness(nn.Module):
    """Class c is the mean of channel c."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x).mean(dim=(2, 3))


def test_focus_is_one_where_heat_lies_on_the_right_pictures_only() -> None:
    inputs, labels = torch.zeros(6, 3, 8, 10), torch.tensor([0, 0, 1, 1, 2, 2])
    for number, label in enumerate(labels):
        inputs[number, label] = 1
    found = focus(Brightness(), inputs, labels, "hires_cam", "layer", mosaics=4)
    assert found.min() > 0.8
    inputs[:] = 1
    even = focus(Brightness(), inputs, labels, "hires_cam", "layer", mosaics=4)
    torch.testing.assert_close(even, torch.full((4,), 0.5))
    with pytest.raises(ValueError, match="no class has two inputs"):
        focus(Brightness(), inputs, [0, 1, 2, 3, 4, 5], "hires_cam", "layer")


def test_a_table_says_where_pictures_do_not_decide(network: nn.Module) -> None:
    x = torch.randn(12, 3, 12, 16, generator=torch.Generator().manual_seed(1))
    told: list[float] = []
    found = faithfulness(
        network,
        x,
        ["saliency", "grad_cam"],
        metrics=("deletion", "insertion"),
        baselines=("random", "sobel"),
        layer="1",
        batch=6,
        options={"deletion": {"steps": 4}, "insertion": {"steps": 4}},
        progress=told.append,
    )
    assert found.rows == ("Saliency", "Grad-CAM", "random (baseline)", "sobel (baseline)")
    assert found.values.shape == (4, 2, 12)
    assert len(told) == 8
    assert told[-1] == 1
    interval = found.intervals()
    assert (interval[..., 1] <= interval[..., 0]).all()
    assert (interval[..., 0] <= interval[..., 2]).all()
    assert all(each > 0 for each in found.seconds)
    assert len(found.sentences()) == 2
    assert list(found.to_dataframe().columns[:3]) == ["method", "metric", "mean"]
    assert len(found.figure().axes) == 2
    few = faithfulness(network, x[:2], ["saliency"], ["deletion"], [], layer="1")
    assert few.sentences() == [
        "Deletion (area): 2 pictures are too few to say who is best; take 10 or more."
    ]
    with pytest.raises(ValueError, match="metrics has 'fun'; there are 'deletion'"):
        faithfulness(network, x, ["saliency"], ["fun"])
