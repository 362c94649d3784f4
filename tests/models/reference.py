"""The backward rules, slowly and independently: every ReLU of a model replaced by hand.

Three ways to get at the ReLUs, none of which the product uses: the model is traced by torch.fx and
its graph rewritten, or its modules are exchanged, or the names that its code calls are.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch
import torch.fx
import torch.nn.functional as F
from torch import Tensor, nn


class _Rule(torch.autograd.Function):
    """A ReLU that is cut off at `ceiling`, with the gradient written out."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, rule: str, ceiling: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.rule, ctx.ceiling = rule, ceiling
        return x.clamp(min=0.0, max=ceiling)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        (x,), gradient = ctx.saved_tensors, gradients[0]
        inside = ((x > 0) & (x < ctx.ceiling)).to(gradient.dtype)
        positive = (gradient > 0).to(gradient.dtype)
        factor = {"plain": inside, "guided": inside * positive, "deconvnet": positive}[ctx.rule]
        return gradient * factor, None, None


def relu(x: Tensor, rule: str, ceiling: float = float("inf")) -> Tensor:
    """A ReLU with a rule of its own for the gradient."""
    return _Rule.apply(x, rule, ceiling)


class RuledRelu(nn.Module):
    """The same as a module."""

    def __init__(self, rule: str, ceiling: float = float("inf")) -> None:
        super().__init__()
        self.rule, self.ceiling = rule, ceiling

    def forward(self, x: Tensor) -> Tensor:
        return relu(x, self.rule, self.ceiling)


def input_gradient(model: nn.Module, inputs: Tensor, target: int, rule: str) -> Tensor:
    """The gradient of a class's score, with every ReLU of the model obeying a rule."""
    ruled = exchange_modules(model, rule)
    leaf = inputs.clone().requires_grad_()
    with exchange_functions(rule):
        output = ruled(leaf)
    gradient: Tensor = torch.autograd.grad(output[:, target].sum(), leaf)[0]
    return gradient


def exchange_modules(model: nn.Module, rule: str) -> nn.Module:
    """A copy in which every nn.ReLU and nn.ReLU6, each as often as it is used, is a RuledRelu."""
    model = copy.deepcopy(model)
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, RuledRelu(rule))
            elif isinstance(child, nn.ReLU6):
                setattr(parent, name, RuledRelu(rule, 6.0))
    return model


@contextmanager
def exchange_functions(rule: str) -> Iterator[None]:
    """While open, the functional spellings of a ReLU that torchvision uses obey a rule."""

    def replacement(x: Tensor, inplace: bool = False) -> Tensor:
        return relu(x, rule)

    with patch.object(F, "relu", replacement), patch.object(torch, "relu", replacement):
        yield


def rewritten_graph(model: nn.Module, rule: str) -> nn.Module:
    """A copy whose traced graph has every ReLU, module, function or method, exchanged."""
    traced = torch.fx.symbolic_trace(copy.deepcopy(model))
    modules = dict(traced.named_modules())
    ceilings: dict[Any, float] = {F.relu: float("inf"), torch.relu: float("inf"), F.relu6: 6.0}
    for node in list(traced.graph.nodes):
        ceiling: float | None = None
        if node.op == "call_module" and isinstance(modules[node.target], nn.ReLU6):
            ceiling = 6.0
        elif node.op == "call_module" and isinstance(modules[node.target], nn.ReLU):
            ceiling = float("inf")
        elif node.op == "call_function":
            ceiling = ceilings.get(node.target)
        elif node.op == "call_method" and node.target in ("relu", "relu_"):
            ceiling = float("inf")
        if ceiling is not None:
            with traced.graph.inserting_after(node):
                new = traced.graph.call_function(relu, (node.args[0], rule, ceiling))
            node.replace_all_uses_with(new)
            traced.graph.erase_node(node)
    traced.graph.lint()
    traced.recompile()
    return traced


def graph_gradient(model: nn.Module, inputs: Tensor, target: int, rule: str) -> Tensor:
    """As `input_gradient`, by rewriting the traced graph."""
    leaf = inputs.clone().requires_grad_()
    output = rewritten_graph(model, rule)(leaf)
    gradient: Tensor = torch.autograd.grad(output[:, target].sum(), leaf)[0]
    return gradient


def relative_error(found: Tensor, expected: Tensor) -> float:
    """The largest difference, relative to the largest expected value."""
    difference = (found - expected).detach().abs().max()
    return float(difference / expected.detach().abs().max().clamp(min=1e-30))
