"""Randomised weights, against Quantus on the same weights and maps; and the model, which is never touched."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import quantus as quantus_library
import torch
from skimage.metrics import structural_similarity
from torch import Tensor, nn

from xcnn_widgets import explain
from xcnn_widgets.metrics import (
    complexity_rise,
    random_logit,
    randomisation,
    rank_correlation,
    ssim,
)
from xcnn_widgets.network import Cancelled

# It tells types of its own modules only.
quantus: Any = quantus_library

TARGETS = [1, 3]


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(4)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Conv2d(6, 8, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(32, 4),
    ).eval()


@pytest.fixture
def inputs() -> Tensor:
    return torch.randn(2, 3, 16, 20, generator=torch.Generator().manual_seed(5))


def saliency(model: Any, inputs: Any, targets: Any, **_: Any) -> Any:
    """For Quantus: what is compared here."""
    asked = [int(target) for target in targets]
    return explain(model, torch.as_tensor(inputs), "saliency", asked).maps().numpy()


def options(**more: Any) -> dict[str, Any]:
    return {
        "disable_warnings": True,
        "display_progressbar": False,
        "normalise": False,
        "abs": False,
        **more,
    }


@pytest.mark.parametrize(("independent", "order"), [(False, "top_down"), (True, "independent")])
def test_correlations_equal_quantus(
    network: nn.Module, inputs: Tensor, *, independent: bool, order: str
) -> None:
    ours = randomisation(network, inputs, "saliency", TARGETS, seeds=[42], independent=independent)
    assert ours.layers == ("7", "3", "1", "0")
    theirs = quantus.MPRT(**options(layer_order=order, seed=42))(
        model=network,
        x_batch=inputs.numpy(),
        y_batch=np.array(TARGETS),
        a_batch=saliency(network, inputs, TARGETS),
        explain_func=saliency,
    )
    for step, layer in enumerate(ours.layers):
        torch.testing.assert_close(
            ours.rank_correlation[step].double(),
            torch.tensor(theirs[layer]).double(),
            rtol=0,
            atol=1e-5,
        )


def test_the_rise_of_complexity_equals_quantus(network: nn.Module, inputs: Tensor) -> None:
    ours = complexity_rise(randomisation(network, inputs, "saliency", TARGETS, seeds=[42]))
    theirs = quantus.EfficientMPRT(
        **options(seed=42, complexity_func_kwargs={"n_bins": 100}, compute_extra_scores=False)
    )(
        model=network,
        x_batch=inputs.numpy(),
        y_batch=np.array(TARGETS),
        a_batch=saliency(network, inputs, TARGETS),
        explain_func=saliency,
    )
    torch.testing.assert_close(ours.double(), torch.tensor(np.array(theirs)), rtol=0.02, atol=0.01)


def test_ssim_equals_skimage() -> None:
    first, second = torch.rand(2, 3, 24, 30, generator=torch.Generator().manual_seed(1))
    for number in range(3):
        _, theirs = structural_similarity(
            first[number].double().numpy(),
            second[number].double().numpy(),
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=1.0,
            full=True,
        )
        # Theirs repeats the edges; ours counts windows that lie inside.
        ours = ssim(first[number : number + 1], second[number : number + 1])
        assert ours.item() == pytest.approx(theirs[5:-5, 5:-5].mean(), abs=1e-5)


def test_rank_correlation_shares_ranks_of_equal_values() -> None:
    # Ranks 1.5, 1.5, 3 and 1, 2, 3: deviations -.5, -.5, 1 and -1, 0, 1; 1.5 / sqrt(1.5 * 2).
    found = rank_correlation(torch.tensor([[5.0, 5, 9]]), torch.tensor([[1.0, 2, 3]]))
    assert found.item() == pytest.approx(1.5 / np.sqrt(3), abs=1e-6)


def test_the_model_and_the_process_s_random_numbers_stay_as_they_were(
    network: nn.Module, inputs: Tensor
) -> None:
    network.train()
    before = copy.deepcopy(network.state_dict())
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    told: list[float] = []
    found = randomisation(network, inputs, "grad_cam", TARGETS, "4", steps=2, progress=told.append)
    assert torch.equal(torch.rand(3), expected)
    assert network.training
    assert all(not module._forward_pre_hooks for module in network.modules())
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    # The classifier alone, then all others together.
    assert found.layers == ("7", "0")
    assert told == [0.5, 1.0]
    assert found.rank_correlation.shape == found.ssim.shape == (2, 2)
    assert found.to_dataframe().shape == (4, 5)


def test_guided_backpropagation_survives_a_random_classifier_and_saliency_less_so() -> None:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for width in (3, 16, 16, 16):
        layers += [nn.Conv2d(width, 16, 3, padding=1), nn.ReLU()]
    net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(16 * 24 * 24, 5)).eval()
    x = torch.randn(2, 3, 24, 24)
    guided, plain = (
        randomisation(net, x, method, 2, steps=2, seeds=(0, 1)).rank_correlation[0].mean()
        for method in ("guided_backprop", "saliency")
    )
    assert guided > plain


def test_smooth_maps_are_means_over_noisy_copies(network: nn.Module, inputs: Tensor) -> None:
    smooth = randomisation(network, inputs, "saliency", TARGETS, steps=1, smooth=4, noise=0.0)
    plain = randomisation(network, inputs, "saliency", TARGETS, steps=1)
    torch.testing.assert_close(smooth.trained, plain.trained)
    rough = randomisation(network, inputs, "saliency", TARGETS, steps=1, smooth=4, noise=0.5)
    assert not torch.allclose(rough.trained, plain.trained)


def test_another_class_is_drawn_and_compared(network: nn.Module, inputs: Tensor) -> None:
    found = random_logit(network, inputs, "saliency", TARGETS, seed=3)
    candidates = torch.stack(
        [
            rank_correlation(
                explain(network, inputs, "saliency", TARGETS).maps(),
                explain(network, inputs, "saliency", other).maps(),
            )
            for other in range(4)
        ]
    )
    for sample, target in enumerate(TARGETS):
        others = [candidates[other, sample] for other in range(4) if other != target]
        assert min(abs(found[sample] - other) for other in others) < 1e-5


def test_what_does_not_fit_is_named(network: nn.Module, inputs: Tensor) -> None:
    class Plain(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.flatten(1)[:, :3] * 2

    with pytest.raises(ValueError, match=r"no module of Plain .* has `reset_parameters`"):
        randomisation(Plain(), inputs, "saliency", 0)
    with pytest.raises(ValueError, match="seeds is empty"):
        randomisation(network, inputs, "saliency", 0, seeds=[])
    with pytest.raises(Cancelled, match="randomisation was cancelled after 0 of 4 steps"):
        randomisation(network, inputs, "saliency", 0, cancelled=lambda: True)
    with pytest.raises(TypeError, match="the target is a callable"):
        random_logit(network, inputs, "saliency", lambda output: output[:, 0])
