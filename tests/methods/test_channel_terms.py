"""The terms of Grad-CAM's sum, on the net of `test_by_hand` and against `explain`."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets.methods import channel_terms_pass

from .test_by_hand import TARGETS, X, assert_values, net

__all__ = ["net"]


def test_terms_weights_and_shares_are_those_worked_out(net: nn.Module) -> None:
    terms = xw.channel_terms(net, X, TARGETS, "1")
    assert (terms.layer, terms.target) == ("1", (0, 1))
    assert_values(terms.weights, [[1, -2], [-1, 1]])
    assert_values(
        terms.maps,
        [
            [[[2, 0, 0.5], [0, 3, 4]], [[0, -4, -1], [-8, 0, 0]]],
            [[[0, 0, -2], [-2, -2, -2]], [[2, 2, 0], [0, 0, 0]]],
        ],
    )
    # Sample 0: 9.5 for, 13 against, of 22.5 in all; sample 1: 8 against, 4 for, of 12.
    assert_values(terms.shares, [[9.5 / 22.5, -13 / 22.5], [-8 / 12, 4 / 12]])


def test_terms_that_cancel_each_other_have_shares_that_add_up_to_what_is_left(
    net: nn.Module,
) -> None:
    # relu(x) and relu(1 - x) of 0.5 everywhere are 0.5 both; class 1 weighs them -1 and 1.
    terms = xw.channel_terms(net, torch.full((1, 1, 2, 3), 0.5), 1, "1")
    assert_values(terms.shares, [[-0.5, 0.5]])
    assert_values(terms.maps.sum(dim=1), [[[0, 0, 0], [0, 0, 0]]])


def test_shares_are_zero_where_every_term_is(net: nn.Module) -> None:
    with torch.no_grad():
        net[3].weight.zero_()  # type: ignore[index]
    assert_values(xw.channel_terms(net, X[:1], 0, "1").shares, [[0, 0]])


@pytest.mark.parametrize("layer", ["0", "1", "2"])
@pytest.mark.parametrize("target", [None, 2, [1, 3], lambda output: output[:, 0] - output[:, 1]])
def test_their_sum_is_grad_cam_s_map(
    model: nn.Module, inputs: Tensor, layer: str, target: Any
) -> None:
    terms = xw.channel_terms(model, inputs, target, layer)
    expected = xw.explain(model, inputs, "grad_cam", target, layer).values
    torch.testing.assert_close(terms.maps.sum(dim=1).relu(), expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(terms.shares.abs().sum(dim=1), torch.ones(2))


def test_tokens_that_form_a_grid_work_as_in_grad_cam() -> None:
    torchvision = pytest.importorskip("torchvision")
    torch.manual_seed(0)
    vit = torchvision.models.VisionTransformer(32, 8, 2, 2, 16, 32, num_classes=5).eval()
    nn.init.normal_(vit.heads.head.weight)
    images = torch.rand(2, 3, 32, 32)
    layer = xw.default_layer(vit, images)
    terms = xw.channel_terms(vit, images)
    assert (terms.layer, terms.maps.shape) == (layer, (2, 16, 4, 4))
    expected = xw.explain(vit, images, "grad_cam").values
    torch.testing.assert_close(terms.maps.sum(dim=1).relu(), expected, atol=1e-5, rtol=1e-5)


def test_a_layer_without_a_grid_says_so(model: nn.Module, inputs: Tensor) -> None:
    with pytest.raises(ValueError, match=r"layer '6' returns \(1, 4\).*no maps"):
        xw.channel_terms(model, inputs, 0, "6")


def test_a_recorded_pass_tells_them_without_running_the_model(
    model: nn.Module, inputs: Tensor
) -> None:
    forward = xw.ForwardPass(model, inputs, ["0", "2"])
    runs: list[int] = []
    model.register_forward_hook(lambda *_: runs.append(1))
    for layer in ("0", "2"):
        recorded = channel_terms_pass(forward, 1, layer)
        assert recorded.weights.shape == (2, recorded.activations.shape[1])
    assert runs == []
    first = channel_terms_pass(forward, 1, "2").maps
    torch.testing.assert_close(first, xw.channel_terms(model, inputs, 1, "2").maps)


def test_signals_have_terms_too() -> None:
    torch.manual_seed(1)
    net = nn.Sequential(
        nn.Conv1d(2, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    signals = torch.randn(2, 2, 20)
    terms = xw.channel_terms(net, signals, 1, "1")
    assert terms.maps.shape == (2, 4, 18)
    expected = xw.explain(net, signals, "grad_cam", 1, "1").values
    torch.testing.assert_close(terms.maps.sum(dim=1).relu(), expected, atol=1e-5, rtol=1e-5)
