"""Every method gives the numbers worked out by hand, on a small network and on a real one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import resnet18

import xcnn_widgets as xw
from xcnn_widgets.methods import OFFERED

from . import by_hand
from .network import SmallNetwork

TARGETS = [2, 3]
LAYERS = {"small": "second", "resnet18": "layer3"}


@pytest.fixture(scope="module", params=LAYERS)
def case(request: Any) -> tuple[nn.Module, Tensor, str]:
    """A network whose ReLUs are modules, two inputs wider than high, and a layer."""
    torch.manual_seed(1)
    made = SmallNetwork(nn.ReLU(inplace=True)) if request.param == "small" else resnet18()
    return made.eval(), torch.randn(2, 3, 40, 56), LAYERS[request.param]


@pytest.mark.parametrize("method", OFFERED)
def test_explain_gives_the_numbers_worked_out_by_hand(case: Any, method: str) -> None:
    model, inputs, layer = case
    expected = by_hand.ATTRIBUTIONS[method](model, inputs, TARGETS, layer)
    options: dict[str, Any] = (
        {} if method != "occlusion" else {"patch": by_hand.PATCH, "stride": by_hand.STRIDE}
    )
    found = xw.explain(model, inputs, method, TARGETS, layer, **options)
    assert by_hand.difference(found.values, expected) < 1e-4
    assert found.note == ""
    heatmaps = torch.from_numpy(found.heatmaps())
    assert by_hand.difference(heatmaps, by_hand.heatmaps(expected, (40, 56))) < 1e-4


def test_without_target_and_layer_the_predicted_class_is_explained_at_the_last_layer(
    case: Any,
) -> None:
    model, inputs, _ = case
    found = xw.explain(model, inputs)
    with torch.no_grad():
        logits = model(inputs)
    torch.testing.assert_close(found.logits, logits)
    predicted = logits.argmax(1).tolist()
    assert found.target == tuple(predicted)
    assert found.layer == xw.target_layers(model, inputs)[-1] == xw.default_layer(model, inputs)
    expected = by_hand.grad_cam(model, inputs, predicted, found.layer)
    assert by_hand.difference(found.values, expected) < 1e-4


def test_a_callable_target_is_explained(case: Any) -> None:
    model, inputs, layer = case
    found = xw.explain(model, inputs, "saliency", lambda logits: logits[:, 2] - logits[:, 3])
    one, other = (by_hand.saliency(model, inputs, [c, c], layer) for c in (2, 3))
    assert by_hand.difference(found.values, one - other) < 1e-4


def test_the_model_is_left_as_it_was(case: Any) -> None:
    model, inputs, layer = case
    model.train()
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    for method in xw.METHODS:
        xw.explain(model, inputs, method, TARGETS, layer)
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())
    assert all(weight.requires_grad and weight.grad is None for weight in model.parameters())
    for name, value in model.state_dict().items():
        assert torch.equal(value, weights[name]), name
    model.eval()


def test_the_drop_in_gives_the_saliency_worked_out_by_hand() -> None:
    model = SmallNetwork(nn.ReLU())
    picture = torch.rand(3, 40, 56, generator=torch.Generator().manual_seed(2))
    levels = (picture * 255).byte().permute(1, 2, 0).numpy()
    x_cnn = xw.CNNExplainer(model, {0: "a", 1: "b", 2: "c", 3: "d"})
    found = x_cnn.get_saliency_map(levels, "c", (40, 56), _to_input)
    expected = by_hand.saliency(model, _to_input(levels)[None], [2], "").abs().amax(1)[0]
    assert by_hand.difference(torch.from_numpy(found), expected) < 1e-4
    (overlay,) = x_cnn.get_grad_cam(levels, "c", (40, 56), ["second"])
    assert overlay.shape == (40, 56, 3)
    figure = x_cnn.compare(levels, "c", ["first", "second"])
    assert len(figure.axes) >= 2


def _to_input(picture: Any) -> Tensor:
    return torch.from_numpy(picture).permute(2, 0, 1).float() / 255
