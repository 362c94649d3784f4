"""What may be asked, and what the answer is where it may not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from xcnn_widgets.methods.explanation import explain, explain_pass
from xcnn_widgets.methods.table import METHODS
from xcnn_widgets.network.cancelling import Cancelled
from xcnn_widgets.network.layers import default_layer, layer_shapes, target_layers
from xcnn_widgets.passes.forward_pass import ForwardPass

GOOD_TARGETS = [
    [1, 3],
    (1, 3),
    torch.tensor([1, 3]),
    np.array([1, 3]),
    [np.int64(1), torch.tensor(3)],
    np.array([1, 3], dtype=np.uint8),
]
BAD_TARGETS: list[tuple[Any, type[Exception], str]] = [
    (4, ValueError, "target 4 is out of range: the model has 4 classes, 0 to 3"),
    (-1, ValueError, "target -1 is out of range"),
    ([1, 7], ValueError, "target 7 is out of range"),
    ([1], ValueError, "1 targets for 2 samples"),
    ([1, 2, 3], ValueError, "3 targets for 2 samples"),
    (torch.tensor([1, 2, 3]), ValueError, "3 targets for 2 samples"),
    ((1, 7), ValueError, "target 7 is out of range"),
    ((-1, 1), ValueError, "target -1 is out of range"),
    ((1, 2, 3), ValueError, "3 targets for 2 samples"),
    ((1, True), TypeError, "target True is a bool"),
    ((1, 2.0), TypeError, "target 2.0 is a float"),
    (True, TypeError, "target True is a bool"),
    (1.0, TypeError, "target 1.0 is a float"),
    ("cat", TypeError, "target 'cat' is a str"),
    ([1, None], TypeError, "target None is a NoneType"),
    ([True, False], TypeError, "target True is a bool"),
    (torch.tensor([1.0, 2.0]), TypeError, "target 1.0 is a float"),
    (torch.tensor(True), TypeError, "target True is a bool"),
    (np.array([0.5, 1]), TypeError, "target 0.5 is a float"),
    (torch.zeros(2, 2, dtype=torch.long), TypeError, "is a list"),
    (lambda _: 1.0, TypeError, "returned float; expected a tensor"),
    (lambda scores: scores, ValueError, r"returned the shape \(2, 4\); expected one scalar"),
    (lambda scores: scores.detach()[:, 1], ValueError, "carries no gradient"),
    (lambda scores: scores.argmax(dim=1), ValueError, "carries no gradient"),
]


@pytest.mark.parametrize("target", GOOD_TARGETS)
def test_one_target_for_each_sample(model: nn.Sequential, inputs: Tensor, target: Any) -> None:
    result = explain(model, inputs, "grad_cam", target)
    assert result.target == (1, 3)
    for sample, index in enumerate((1, 3)):
        alone = explain(model, inputs[[sample]], "grad_cam", index).values
        torch.testing.assert_close(result.values[[sample]], alone)


@pytest.mark.parametrize(("target", "error", "message"), BAD_TARGETS)
@pytest.mark.parametrize("method", ["grad_cam", "saliency"])
def test_a_target_that_makes_no_sense(
    model: nn.Sequential,
    inputs: Tensor,
    target: Any,
    error: type[Exception],
    message: str,
    method: str,
) -> None:
    with pytest.raises(error, match=message):
        explain(model, inputs, method, target)


def test_without_a_target_each_sample_s_predicted_class_is_explained(
    model: nn.Sequential, inputs: Tensor
) -> None:
    predicted = tuple(model(inputs).argmax(dim=1).tolist())
    for method in METHODS:
        options: dict[str, Any] = {"patch": 4, "stride": 4} if method == "occlusion" else {}
        result = explain(model, inputs, method, **options)
        assert result.target == predicted
        expected = explain(model, inputs, method, predicted, **options).values
        assert torch.equal(result.values, expected)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(weights=st.lists(st.floats(-3, 3, width=32), min_size=4, max_size=4))
def test_gradients_are_linear_in_the_target(
    model: nn.Sequential, inputs: Tensor, weights: list[float]
) -> None:
    forward = ForwardPass(model, inputs, ["2"])
    mixture = torch.tensor(weights)
    for layer in ("2", None):
        found = forward.gradient(lambda scores: scores @ mixture, layer)
        parts = [weight * forward.gradient(k, layer) for k, weight in enumerate(weights)]
        torch.testing.assert_close(found, sum(parts), rtol=1e-4, atol=1e-5)


def test_a_sample_s_answer_does_not_depend_on_its_company(
    model: nn.Sequential, inputs: Tensor
) -> None:
    for method in METHODS:
        options: dict[str, Any] = {"patch": 4, "stride": 3} if method == "occlusion" else {}
        together = explain(model, inputs, method, 2, **options).values
        for sample in range(2):
            alone = explain(model, inputs[[sample]], method, 2, **options).values
            torch.testing.assert_close(together[[sample]], alone, rtol=1e-4, atol=1e-6)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(patch=st.integers(1, 14), stride=st.integers(1, 14))
def test_occlusion_covers_every_pixel_or_says_why_not(patch: int, stride: int) -> None:
    # A score that is the sum of the picture: covering a window drops it by the window's sum, so a
    # picture of ones gives each window's area, and no pixel is left without a window.
    inputs = torch.ones(1, 1, 8, 12)
    summing = nn.Sequential(nn.Flatten(), nn.Linear(96, 1))
    summing.get_parameter("1.weight").data.fill_(1)
    if stride > patch and patch < 12:
        with pytest.raises(ValueError, match="leaves pixels out; use at most"):
            explain(summing, inputs, "occlusion", 0, patch=patch, stride=stride)
        return
    values = explain(summing, inputs, "occlusion", 0, patch=patch, stride=stride).values
    assert torch.isfinite(values).all()
    assert values.min() > 0.99
    largest = min(patch, 8) * min(patch, 12)
    assert values.max() < largest + 1e-3
    assert abs(values[0, 0, 0] - largest) < 1e-3


BAD_OPTIONS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"patch": 0}, ValueError, "patch is 0; expected at least 1"),
    ({"stride": 2.5}, TypeError, "stride 2.5 is a float; expected a whole number"),
    ({"batch_size": True}, TypeError, "batch_size True is a bool"),
    ({"baseline": [1.0, 2.0]}, ValueError, r"baseline has the shape \(2, 1, 1\)"),
    ({"window": 3}, TypeError, "'occlusion' has no option 'window'; it takes patch, stride"),
]


@pytest.mark.parametrize(("options", "error", "message"), BAD_OPTIONS)
def test_options_of_occlusion_are_checked(
    model: nn.Sequential, inputs: Tensor, options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        explain(model, inputs, "occlusion", 1, **{"patch": 4, "stride": 4, **options})


def test_occlusion_can_be_cancelled(model: nn.Sequential, inputs: Tensor) -> None:
    shares: list[float] = []
    with pytest.raises(Cancelled, match="after 2 of 6 windows"):
        explain(
            model, inputs, "occlusion", 1, patch=4, stride=4, batch_size=4,
            progress=shares.append, cancelled=lambda: len(shares) == 1,
        )  # fmt: skip
    assert shares == [2 / 6]


def test_bad_inputs_models_methods_layers_and_rules_are_named(
    model: nn.Sequential, inputs: Tensor
) -> None:
    with pytest.raises(ValueError, match=r"shape \(3, 8, 12\).*inputs.unsqueeze\(0\)"):
        explain(model, inputs[0])
    with pytest.raises(ValueError, match=r"shape \(0, 3, 8, 12\)"):
        explain(model, inputs[:0])
    with pytest.raises(TypeError, match="inputs is a ndarray"):
        explain(model, inputs.numpy())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"inputs holds torch.uint8"):
        explain(model, inputs.byte())
    with pytest.raises(TypeError, match=r"model is a function; expected a torch.nn.Module"):
        explain(lambda x: x, inputs)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no method 'gradcam'; there are 'grad_cam'"):
        explain(model, inputs, "gradcam")
    with pytest.raises(TypeError, match="'grad_cam' has no option 'patch'; it takes none"):
        explain(model, inputs, "grad_cam", patch=3)
    with pytest.raises(ValueError, match=r"no layer '2.9'; the model has .*'2.*target_layers\("):
        explain(model, inputs, layer="2.9")
    with pytest.raises(TypeError, match="layer 2 is a int; expected a name"):
        explain(model, inputs, layer=2)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no backward rule 'Guided'; there are 'plain'"):
        ForwardPass(model, inputs).gradient(1, rule="Guided")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="which is 'most'; expected 'offered' or 'all'"):
        target_layers(model, inputs, "most")  # type: ignore[arg-type]


def test_a_layer_without_maps_or_that_does_not_run_is_refused(
    model: nn.Sequential, inputs: Tensor
) -> None:
    model.register_module("unused", nn.Conv2d(3, 3, 1))
    model.__class__ = type(
        "Net", (nn.Sequential,), {"forward": lambda s, x: nn.Sequential.forward(s[:7], x)}
    )
    for _ in range(2):
        with pytest.raises(
            ValueError, match=r"'unused' returned no tensor.*choose one of '0', '2'"
        ):
            explain(model, inputs, layer="unused")
    with pytest.raises(ValueError, match=r"'6' returns \(2, 4\) .* no maps .*choose one of '0'"):
        explain(model, inputs, layer="6")
    with pytest.raises(ValueError, match=r"'6' has no maps \(C, h, w\)"):
        layer_shapes(model, inputs, ["6"])


def test_a_model_without_maps_is_explained_by_its_input_alone(inputs: Tensor) -> None:
    dense = nn.Sequential(nn.Flatten(), nn.Linear(288, 5), nn.ReLU(), nn.Linear(5, 2))
    assert target_layers(dense, inputs) == target_layers(dense, inputs, "all") == []
    for method in ("grad_cam", "guided_grad_cam"):
        with pytest.raises(ValueError, match=r"no layer with a grid .*use 'saliency'"):
            explain(dense, inputs, method, 1)
    with pytest.raises(ValueError, match="only saliency, guided_backprop"):
        explain(dense, inputs, "grad_cam", 1, "1")
    with pytest.raises(ValueError, match="no layer with a grid"):
        default_layer(dense, inputs)
    for method in ("saliency", "guided_backprop", "deconvnet"):
        assert explain(dense, inputs, method, 1).values.shape == inputs.shape
    assert explain(dense, inputs, "occlusion", 1, patch=4, stride=4).values.shape == (2, 8, 12)


def test_nan_weights_and_inputs_are_named_not_painted(model: nn.Sequential, inputs: Tensor) -> None:
    broken = inputs.clone()
    broken[1, 0, 0, 0] = float("nan")
    with pytest.raises(FloatingPointError, match=r"\(samples \[1\]\); the input has some too"):
        explain(model, broken)
    stage: Any = model[2]
    stage[0].weight.data[0, 0, 0, 0] = float("nan")
    for method in METHODS:
        with pytest.raises(FloatingPointError, match=r"8 NaN or infinite .*model's '2.0.weight'"):
            explain(model, inputs, method, 1)


def test_a_model_without_relu_says_that_its_gradient_is_plain(inputs: Tensor) -> None:
    smooth = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    plain = explain(smooth, inputs, "saliency", 1)
    guided = explain(smooth, inputs, "guided_backprop", 1)
    assert torch.equal(guided.values, plain.values)
    assert guided.note.startswith("This model has no ReLU: its Guided backpropagation is made with")
    assert plain.note == explain(smooth, inputs, "grad_cam", 1).note == ""


def test_lazy_modules_have_to_be_given_their_shapes_first(inputs: Tensor) -> None:
    lazy = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(2))
    with pytest.raises(ValueError, match=r"'0.weight' has no value yet: it belongs to a lazy"):
        explain(lazy, inputs)
    lazy(inputs)
    assert explain(lazy, inputs, "saliency").values.shape == inputs.shape


def test_what_was_let_go_of_says_so(model: nn.Sequential, inputs: Tensor) -> None:
    forward = ForwardPass(model, inputs, ["2"])
    kept = forward.gradient(1, layer="2")
    explain_pass(forward, "saliency", 2, release=True)
    assert torch.equal(forward.gradient(1, layer="2"), kept), "known answers stay"
    assert forward.activation("2").shape == (2, 8, 4, 6)
    for question in (2, lambda scores: scores[:, 1]):
        with pytest.raises(RuntimeError, match="has let go of its graph; make a new one"):
            forward.gradient(question, layer="2")
    forward.close()
    for ask in (lambda: forward.activation("2"), lambda: forward.gradient(1)):
        with pytest.raises(RuntimeError, match="was closed; make a new one"):
            ask()
    assert forward.logits.shape == (2, 4)


def test_without_the_input_s_gradient_only_layers_can_be_asked(
    model: nn.Sequential, inputs: Tensor
) -> None:
    forward = ForwardPass(model, inputs, ["2"], input_gradient=False)
    expected = ForwardPass(model, inputs, ["2"]).gradient(1, "2")
    assert torch.equal(forward.gradient(1, "2"), expected)
    with pytest.raises(ValueError, match="use input_gradient=True"):
        forward.gradient(1)
