"""What nodes of autograd's graph do with a gradient, where that is known in less time than they take."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node

from .backward_rules import RULES, BackwardRule
from .graph import kind_of
from .max_pools import POOL_NODE
from .wide_linear import WIDE_NODE

# From the gradient that arrives to the one that is passed back; told whether it may be written into.
Step = Callable[[Tensor, bool], Tensor]

_back = torch.ops.aten


def step_of(node: Node, weights: Collection[int]) -> tuple[bool, Step | None]:
    """Whether a node may be called outside of autograd's engine, and what it does; None for its own doing.

    Parameters
    ----------
    node
        Autograd's.
    weights
        The identities of weights that are saved as they are.
    """
    kind = kind_of(node)
    if isinstance(node, BackwardCFunction):
        # A function of somebody's own may count on the engine.
        return kind in (POOL_NODE, WIDE_NODE), None
    if kind == "AccumulateGrad":
        return True, None
    if kind == "torch::autograd::CopySlices" or not callable(node):
        return False, None
    make = _STEPS.get(kind)
    if make is None:
        return True, None
    seen: Any = node
    if kind in _WITH_WEIGHTS:
        weight = seen._saved_weight
        if weight is not None and id(weight) not in weights:
            return False, None
    return True, make(seen)


def own_results(node: Any, arrived: Sequence[Tensor | None]) -> Sequence[Tensor | None]:
    """What a node passes back by itself."""
    # A node of Python's is called by another name.
    results = node(*arrived) if callable(node) else node.apply(*arrived)
    return results if isinstance(results, tuple) else (results,)


def obeying_step(rule: BackwardRule, node: Any, step: Step | None) -> Step:
    """What a ReLU's node does under a rule other than the plain one."""
    obey = RULES[rule]
    assert obey is not None

    def by_rule(gradient: Tensor, free: bool) -> Tensor:
        # Of the rules, one looks only at what arrives, the other only at what is passed back.
        plain = None
        if rule == "guided":
            plain = step(gradient, free) if step else own_results(node, [gradient])[0]
        passed: Tensor = obey([plain], [gradient])[0]
        return passed

    return by_rule


def pass_on(gradient: Tensor, _free: bool) -> Tensor:
    """A sum passes on what arrives."""
    return gradient


def _convolution(node: Any) -> Step:
    """Back through a 1 x 1 convolution of one picture leads the product of its weights and the matrix of pixels."""
    weight: Tensor = node._saved_weight
    shape = node._saved_input.shape
    is_pointwise = (
        weight.ndim == 4
        and weight.shape[2:] == (1, 1)
        and shape[0] == 1
        and set(node._saved_stride) == {1}
        and set(node._saved_padding) == {0}
        and node._saved_groups == 1
        and not node._saved_transposed
    )
    if not is_pointwise:
        return lambda gradient, _: node(gradient)[0]
    count = len(weight)
    matrix = weight.detach().reshape(count, -1).t()

    def step(gradient: Tensor, _free: bool) -> Tensor:
        _look_at(node._saved_weight, node._saved_input)
        return torch.mm(matrix, gradient.reshape(count, -1)).view(shape)

    return step


def _batch_norm(node: Any) -> Step | None:
    """In evaluation, a factor for each channel."""
    if node._saved_training:
        return None
    factor = torch.rsqrt(node._saved_running_var + node._saved_eps)
    if node._saved_weight is not None:
        factor = factor * node._saved_weight
    grid = len(node._input_metadata[0].shape) - 2
    factor = factor.detach().view(-1, *[1] * grid)

    def step(gradient: Tensor, free: bool) -> Tensor:
        _look_at(node._saved_weight, node._saved_running_var)
        return gradient.mul_(factor) if free else gradient * factor

    return step


def _look_at(*saved: Tensor | None) -> None:
    """To ask a node for what it saved is enough: autograd raises an error if somebody wrote into it."""


def _relu(node: Any) -> Step:
    return _number_by_number(node, "_saved_result", _back.threshold_backward, 0)


def _hardtanh(node: Any) -> Step:
    limits = node._saved_min_val, node._saved_max_val
    return _number_by_number(node, "_saved_self", _back.hardtanh_backward, *limits)


def _silu(node: Any) -> Step:
    return _number_by_number(node, "_saved_self", _back.silu_backward)


def _number_by_number(node: Any, saved: str, back: Any, *constants: float) -> Step:
    """Autograd's own function of each number that arrives and one that the node saved, in place where that may be."""

    def step(gradient: Tensor, free: bool) -> Any:
        seen = getattr(node, saved)
        if free:
            return back.grad_input(gradient, seen, *constants, grad_input=gradient)
        return back(gradient, seen, *constants)

    return step


def _sum(node: Any) -> Step | None:
    (given,) = node._input_metadata
    # What was repeated to fit the other gets a sum back.
    behind = [before._input_metadata[number] for before, number in node.next_functions if before]
    alike = all((each.shape, each.dtype) == (given.shape, given.dtype) for each in behind)
    return pass_on if alike and node._saved_alpha == 1 else None


_WITH_WEIGHTS = {"ConvolutionBackward", "NativeBatchNormBackward"}
_STEPS: dict[str, Callable[[Any], Step | None]] = {
    "AddBackward": _sum,
    "ConvolutionBackward": _convolution,
    "HardtanhBackward": _hardtanh,
    "NativeBatchNormBackward": _batch_norm,
    "ReluBackward": _relu,
    "SiluBackward": _silu,
}
