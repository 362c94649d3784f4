"""Where a version of torch names its parts otherwise: a right answer or a clear error, never a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.graph import Node

from xcnn_widgets.methods.explanation import explain
from xcnn_widgets.network import graph
from xcnn_widgets.passes.forward_pass import ForwardPass

from ..models.reference import relu as reference_relu
from .test_relu_spellings import Net, gradient_of


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    graph._relu_nodes.cache_clear()
    yield
    graph._relu_nodes.cache_clear()


@pytest.fixture
def inputs() -> Tensor:
    return torch.randn(2, 3, 7, 10, generator=torch.Generator().manual_seed(5)) * 2


def expected(inputs: Tensor) -> Tensor:
    return gradient_of(Net(lambda x: reference_relu(x, "guided")), inputs, 1)


def test_the_node_of_a_relu_may_have_any_name(
    monkeypatch: pytest.MonkeyPatch, inputs: Tensor
) -> None:
    own = graph.kind_of
    monkeypatch.setattr(graph, "kind_of", lambda node: own(node).replace("Relu", "Rectifier"))
    found = explain(Net(nn.ReLU()), inputs, "guided_backprop", 1).values
    torch.testing.assert_close(found, expected(inputs))


def test_a_relu_module_that_leaves_no_known_node_is_an_error(inputs: Tensor) -> None:
    class Rectifier(nn.ReLU):
        def forward(self, x: Tensor) -> Tensor:
            return torch.where(x > 0, x, 0.0)

    forward = ForwardPass(Net(Rectifier()), inputs, [])
    assert torch.equal(forward.gradient(1), gradient_of(Net(Rectifier()), inputs, 1))
    with pytest.raises(ValueError, match=r"a Rectifier of the model left a WhereBackward"):
        forward.gradient(1, rule="guided")


def test_a_relu_module_that_does_more_than_a_relu_is_one(inputs: Tensor) -> None:
    class Scaled(nn.ReLU):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * 1.7 + 0.1

    found = explain(Net(Scaled()), inputs, "guided_backprop", 1).values
    expected = gradient_of(Net(lambda x: reference_relu(x, "guided") * 1.7 + 0.1), inputs, 1)
    torch.testing.assert_close(found, expected)


def test_a_clamp_whose_bound_is_not_told_is_an_error(
    monkeypatch: pytest.MonkeyPatch, inputs: Tensor
) -> None:
    monkeypatch.setattr(graph, "_telling", lambda *_: "")
    found = explain(Net(nn.ReLU()), inputs, "guided_backprop", 1).values
    torch.testing.assert_close(found, expected(inputs))
    for activation in (nn.ReLU6(), lambda x: x.clamp(min=0), lambda x: x.clamp(min=-1)):
        assert explain(Net(activation), inputs, "saliency", 1).values.shape == inputs.shape
        with pytest.raises(ValueError, match="does not say whether a .* is one"):
            explain(Net(activation), inputs, "guided_backprop", 1)


def test_a_torch_that_does_not_tell_what_is_packed_gives_the_plain_answer(
    monkeypatch: pytest.MonkeyPatch, inputs: Tensor
) -> None:
    class Normed(Net):
        def __init__(self) -> None:
            super().__init__(nn.ReLU())
            self.first = nn.Sequential(self.first, nn.BatchNorm2d(6))  # type: ignore[assignment]

    model = Normed().eval()
    plain = explain(model, inputs, "saliency", 1).values
    private: Any = torch._C._autograd
    monkeypatch.delattr(private, "_top_saved_tensors_default_hooks")
    assert graph.is_packed()
    for _ in range(2):
        fast = explain(model, inputs, "saliency", 1, exact=False).values
        torch.testing.assert_close(fast, plain)


def test_a_linear_layer_that_does_not_tell_its_weights_is_gone_through(
    monkeypatch: pytest.MonkeyPatch, inputs: Tensor
) -> None:
    right = explain(Net(nn.ReLU()), inputs, "saliency", 1).values
    own = graph.kind_of
    assert graph.linear_layer(Net(nn.ReLU())(inputs.requires_grad_()).grad_fn) is not None

    def other(node: Node) -> str:
        return own(node).replace("Addmm", "LinearLayer").replace("Mm", "Product")

    monkeypatch.setattr(graph, "kind_of", other)
    assert graph.linear_layer(Net(nn.ReLU())(inputs).grad_fn) is None
    torch.testing.assert_close(explain(Net(nn.ReLU()), inputs, "saliency", 1).values, right)
