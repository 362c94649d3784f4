"""Scripted, traced and compiled models: explained plainly, refused where a ReLU must be seen."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.methods.explanation import explain
from xcnn_widgets.network.layers import target_layers
from xcnn_widgets.passes.forward_pass import ForwardPass

WRAPPERS = ["scripted", "traced", "compiled", "compiled in place", "a compiled part"]


@pytest.fixture(params=WRAPPERS)
def wrapped(request: pytest.FixtureRequest, model: nn.Sequential, inputs: Tensor) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if request.param == "scripted":
            yield torch.jit.script(model)
        elif request.param == "traced":
            yield torch.jit.trace(model, inputs)
        elif request.param == "compiled":
            yield torch.compile(model, backend="eager")
        elif request.param == "compiled in place":
            model.compile(backend="eager")
            yield model
        else:
            part: Any = torch.compile(model[2], backend="eager")
            model[2] = part
            yield model
    torch.compiler.reset()


def test_the_plain_gradient_and_occlusion_work(
    wrapped: nn.Module, model: nn.Sequential, inputs: Tensor
) -> None:
    leaf = inputs.clone().requires_grad_()
    expected = torch.autograd.grad(model(leaf)[:, 1].sum(), leaf)[0]
    for _ in range(3):  # torch.jit optimises what runs again
        found = explain(wrapped, inputs, "saliency", 1).values
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-8)
    assert explain(wrapped, inputs, "occlusion", 1, patch=4, stride=4).values.shape == (2, 8, 12)


@pytest.mark.parametrize("rule", ["guided", "deconvnet"])
def test_the_guided_rules_are_refused_with_the_reason(
    wrapped: nn.Module, inputs: Tensor, rule: str
) -> None:
    forward = ForwardPass(wrapped, inputs, [])
    reason = r"has to see every ReLU, and .* is (scripted|compiled) .*hides them; explain the plain"
    with pytest.raises(ValueError, match=reason):
        forward.gradient(1, rule=rule)  # type: ignore[arg-type]


def test_grad_cam_finds_the_layers_inside_or_says_what_hides_them(
    wrapped: nn.Module, inputs: Tensor
) -> None:
    if isinstance(wrapped, torch.jit.ScriptModule):
        with pytest.raises(ValueError, match=r"no layer .* because the model is scripted"):
            explain(wrapped, inputs, "grad_cam", 1)
    else:
        assert target_layers(wrapped, inputs)
        result = explain(wrapped, inputs, "grad_cam", 1)
        assert result.values.shape == (2, 4, 6)
        assert result.values.max() > 0


def test_a_traced_graph_of_torch_fx_is_an_ordinary_model(
    model: nn.Sequential, inputs: Tensor
) -> None:
    traced = torch.fx.symbolic_trace(model)
    for method in ("guided_backprop", "grad_cam"):
        expected = explain(model, inputs, method, 1).values
        assert torch.equal(
            explain(traced, inputs, method, 1, "2.2" if method == "grad_cam" else None).values,
            expected,
        )
