"""Methods made of other people's code: their numbers, and the model that stays as it was."""

from __future__ import annotations

from typing import Any

import captum.attr
import pytest
import torch
from torch import Tensor, nn
from torchcam.methods import ScoreCAM
from zennit.attribution import Gradient
from zennit.composites import EpsilonPlusFlat

import xcnn_widgets as xw
from xcnn_widgets.network import Cancelled

from ..models.zoo import classifier

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")

LAYER = "features.10"


@pytest.fixture
def network() -> nn.Module:
    """VGG-11, in training mode and with gradients, as a person may have it."""
    torch.manual_seed(0)
    network = classifier("vgg11").train()
    for weight in network.parameters():
        weight.requires_grad_()
    return network


@pytest.fixture
def inputs() -> Tensor:
    return torch.randn(1, 3, 48, 64, generator=torch.Generator().manual_seed(2))


def state_of(model: nn.Module) -> list[Any]:
    """All that a library might leave behind."""
    found: list[Any] = [value.clone() for value in model.state_dict().values()]
    for module in model.modules():
        found += [
            module.training,
            len(module._forward_hooks),
            len(module._forward_pre_hooks),
            len(module._backward_hooks),
            len(module._backward_pre_hooks),
            sorted(vars(module)),
        ]
    return [*found, *((weight.requires_grad, weight.grad) for weight in model.parameters())]


def are_equal(first: Any, second: Any) -> bool:
    return torch.equal(first, second) if isinstance(first, Tensor) else first == second


def cells(inputs: Tensor) -> Tensor:
    """Four by four segments."""
    rows, columns = (torch.arange(side) * 4 // side for side in inputs.shape[2:])
    return (4 * rows[:, None] + columns)[None, None]


LIBRARIES = {
    "deep_lift": lambda: xw.from_captum(captum.attr.DeepLift),
    "gradient_shap": lambda: xw.from_captum(captum.attr.GradientShap, baselines=torch.zeros_like),
    "layer_lrp": lambda: xw.from_captum(captum.attr.LayerLRP),
    "kernel_shap": lambda: xw.from_captum(captum.attr.KernelShap, n_samples=20, feature_mask=cells),
    "epsilon_plus_flat": lambda: xw.from_zennit(EpsilonPlusFlat),
    "torchcam_score_cam": lambda: xw.from_torchcam(ScoreCAM, batch_size=16),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_s_method_is_asked_and_the_model_stays_as_it_was(
    network: nn.Module, inputs: Tensor, name: str
) -> None:
    before = state_of(network)
    method = LIBRARIES[name]()
    layer = LAYER if method.uses_layer else None
    found = xw.explain(network, inputs, method, target=3, layer=layer)
    assert (found.method, found.layer) == (name, layer)
    assert found.values.abs().amax() > 0
    assert found.heatmaps().shape == (1, 48, 64)
    assert all(map(are_equal, before, state_of(network)))
    # From now on it has its name, as ours have.
    assert xw.explain(network, inputs, name, target=3, layer=layer).method == name
    assert name not in xw.METHODS
    assert method.library


def test_deep_lift_equals_captum_s_own(network: nn.Module, inputs: Tensor) -> None:
    ours = xw.explain(network, inputs, LIBRARIES["deep_lift"](), target=3).values
    for module in network.eval().modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    theirs = captum.attr.DeepLift(network).attribute(inputs, target=3)
    torch.testing.assert_close(ours, theirs.detach(), rtol=1e-4, atol=1e-7)


def test_zennit_s_relevance_is_its_own(network: nn.Module, inputs: Tensor) -> None:
    ours = xw.explain(network, inputs, LIBRARIES["epsilon_plus_flat"](), target=3).values
    with Gradient(model=network.eval(), composite=EpsilonPlusFlat()) as attributor:
        _, theirs = attributor(inputs.clone(), torch.eye(1000)[[3]])
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-8)


def test_a_callable_is_a_method_with_progress_and_its_shape_is_checked() -> None:
    told: list[float] = []

    def halves(model: nn.Module, inputs: Tensor, target: Tensor, layer: Any, progress: Any) -> Any:
        assert not model.training
        assert (target.tolist(), layer) == ([1], None)
        progress(0.5)
        return inputs.sum(dim=1) / 2

    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    x = torch.rand(1, 3, 8, 9)
    net(x)
    mine = xw.method("halves", "Halves", halves, "perturbation")
    found = xw.explain(net, x, mine, target=1, progress=told.append)
    torch.testing.assert_close(found.values, x.sum(dim=1) / 2)
    assert told == [0.5]
    wrong = xw.method("halves", "Halves", halves, "gradient")
    with pytest.raises(ValueError, match=r"Halves returned the shape \(1, 8, 9\); expected"):
        xw.explain(net, x, wrong, target=1, progress=told.append)


def test_several_inputs_and_outputs_in_a_dict_are_seen_through() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.head = nn.Conv2d(3, 4, 3), nn.LazyLinear(2)

        def forward(self, x: Tensor, gain: Tensor) -> dict[str, Tensor]:
            return {"logits": self.head((self.layer(x) * gain[:, None, None, None]).flatten(1))}

    net, x, gain = Two(), torch.rand(2, 3, 8, 9), torch.tensor([1.0, 2.0])
    net(x, gain)
    saliency = xw.from_captum(captum.attr.Saliency, abs=False, name="their_saliency")
    options: dict[str, Any] = {"target": [0, 1], "additional_forward_args": gain}
    ours = xw.explain(net, x, "saliency", **options).values
    torch.testing.assert_close(xw.explain(net, x, saliency, **options).values, ours)
    grad_cam = xw.from_captum(captum.attr.LayerGradCam, relu_attributions=True)
    theirs = xw.explain(net, x, grad_cam, layer="layer", **options).values
    ours = xw.explain(net, x, "grad_cam", layer="layer", **options).values
    torch.testing.assert_close(theirs, ours)


def test_errors_name_the_library_and_names_of_ours_stay_ours(inputs: Tensor) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.Flatten(), nn.LazyLinear(2))
    net(inputs)
    lrp = xw.from_captum(captum.attr.LRP)
    with pytest.raises(RuntimeError, match=r"LRP \(Captum\) failed on this model"):
        xw.explain(net, inputs, lrp, target=0)
    with pytest.raises(TypeError, match="this target is a callable"):
        xw.explain(net, inputs, lrp, target=lambda output: output[:, 0])
    with pytest.raises(ValueError, match="'saliency' is the name of Saliency"):
        xw.explain(net, inputs, xw.method("saliency", "Mine", lambda *_: inputs), target=0)
    with pytest.raises(TypeError, match="DeepLift has no option 'steps'; it takes"):
        xw.from_captum(captum.attr.DeepLift, steps=3)
    with pytest.raises(TypeError, match="has no `attribute`"):
        xw.from_captum(dict)
    with pytest.raises(TypeError, match="a callable that makes one"):
        xw.from_zennit(EpsilonPlusFlat())
    # One of ours by another library has that library's name in front.
    assert xw.from_captum(captum.attr.Saliency).name == "captum_saliency"


def test_a_method_that_asks_nobody_stops_at_its_next_forward_pass() -> None:
    def many(model: nn.Module, inputs: Tensor, target: Tensor, layer: Any) -> Tensor:
        for _ in range(10):
            model(inputs)
        raise AssertionError("it was not stopped")

    passes: list[int] = []

    def cancelled() -> bool:
        passes.append(1)
        return len(passes) == 3

    mine = xw.method("many", "Many", many)
    with pytest.raises(Cancelled, match="Many was cancelled"):
        xw.explain(nn.Conv2d(3, 2, 8), torch.rand(1, 3, 8, 8), mine, 0, cancelled=cancelled)
