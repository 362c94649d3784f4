"""Autograd's nodes: what they are, what they keep, and what lies behind them.

What a name does is found out by running it, not taken from a table of this or that version. Where
a version of torch lacks one, the answer is the careful one, or an error that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.graph import GradientEdge, Node
from torch.utils.checkpoint import CheckpointError


def kind_of(node: Node) -> str:
    """The name of a node's kind, without the number of its version."""
    return node.name().rstrip("0123456789")


def is_dead_end(node: Node) -> bool:
    """Whether a node stands for an operation that knows no gradient, as those of quantised layers."""
    return node.name().endswith("NotImplemented")


def nodes_behind(root: Node | None, ends: Callable[[Node], bool] | None = None) -> list[Node]:
    """A node and all that its gradient reaches, each once; what only lies behind an end is left out."""
    found: dict[Node, None] = {}
    waiting = [] if root is None else [root]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found[node] = None
            if ends is None or not ends(node):
                waiting += [behind for behind, _ in node.next_functions if behind is not None]
    return list(found)


def linear_layer(node: Node | None) -> tuple[GradientEdge, Tensor] | None:
    """Where the input of a linear layer comes from, and its weights ``(outputs, inputs)``.

    None if the node is not such a layer's, or this torch does not say what it saved.
    """
    if node is None or kind_of(node) not in _LINEAR_NODES:
        return None
    edges = list(node.next_functions)
    before, output = edges.pop(_LINEAR_NODES[kind_of(node)])
    # Bias and weights that are computed from the input bring gradients of their own.
    computed = any(other is not None for other, _ in edges)
    seen: Any = node
    try:
        scale, weights = getattr(seen, "_saved_alpha", None), getattr(seen, "_saved_mat2", None)
    except CheckpointError:
        return None  # Autograd meets the same trouble, on its own way, and is asked why.
    scaled = kind_of(node) == "AddmmBackward" and scale != 1
    if before is None or computed or scaled or not isinstance(weights, Tensor):
        return None
    return GradientEdge(before, output), weights.t().detach()


# Which of its inputs is the layer's.
_LINEAR_NODES = {"AddmmBackward": 1, "MmBackward": 0}


def is_written_into_view(node: Node) -> bool:
    """Whether a node stands for something written into a view, which hides what was written."""
    return node.name() == "torch::autograd::CopySlices"


def is_opaque(node: Node) -> bool:
    """Whether a node hides others: compiled, scripted and re-entrantly checkpointed code does."""
    return any(opaque in node.name() for opaque in _OPAQUE_NODES)


_OPAQUE_NODES = ("CompiledFunction", "DifferentiableGraph", "CheckpointFunctionBackward")


def is_packed() -> bool:
    """Whether somebody packs what the graph saves: a checkpoint would compute it again, its own way.

    Before torch 2.8 this cannot be asked, so there the answer is yes.
    """
    try:
        return torch._C._autograd._top_saved_tensors_default_hooks(False) is not None
    except AttributeError:
        return True


def is_relu(node: Node) -> bool | None:
    """Whether a node is a ReLU's, however the model spelled it; None if this torch does not tell."""
    kind = kind_of(node)
    bounds = _relu_nodes()
    if kind not in bounds:
        return False
    attribute = bounds[kind]
    if attribute is None:
        return True
    if not attribute:
        return None
    bound = getattr(node, attribute)
    return isinstance(bound, int | float) and bound == 0


# A ReLU is one of these with the bound 0.
_SPELLINGS: tuple[Callable[[Tensor, float], Tensor], ...] = (
    lambda x, bound: F.hardtanh(x, bound, 6.0),
    lambda x, bound: F.threshold(x, bound, 0.0),
    lambda x, bound: x.clamp(min=bound),
    lambda x, bound: x.clamp_min(bound),
    F.leaky_relu,
)


@cache
def _relu_nodes() -> dict[str, str | None]:
    """The kind of node of each spelling of a ReLU, and which attribute of it has to be zero.

    None: it always is a ReLU. Empty: no attribute tells.
    """
    with torch.inference_mode(False), torch.enable_grad():
        x = torch.ones(1, requires_grad=True)
        return {_kind_after(torch.relu(x)): None} | {
            _kind_after(spelled(x, 0.0)): _telling(spelled(x, 0.0), spelled(x, 0.25))
            for spelled in _SPELLINGS
        }


def _kind_after(result: Tensor) -> str:
    assert result.grad_fn is not None
    return kind_of(result.grad_fn)


def _telling(zero: Tensor, quarter: Tensor) -> str:
    """The attribute of a node that holds the bound that a function was given; empty if none does."""

    def holds(tensor: Tensor, name: str, bound: float) -> bool:
        value: Any = getattr(tensor.grad_fn, name, None)
        return isinstance(value, int | float) and value == bound

    names = [name for name in dir(zero.grad_fn) if name.startswith("_saved_")]
    telling = [n for n in names if holds(zero, n, 0.0) and holds(quarter, n, 0.25)]
    return telling[0] if telling else ""


def saved_tensors(root: Node | None) -> Iterator[Tensor]:
    """What a graph keeps for its backward passes, still packed if somebody packs it.

    Raises
    ------
    AttributeError
        Before torch 2.7, where a graph does not tell.
    """
    for node in nodes_behind(root):
        for name in _saved_names(type(node)):
            saved = getattr(node, name)
            for one in saved if isinstance(saved, tuple | list) else (saved,):
                # Looked at packed: to unpack may mean to compute it again.
                if isinstance(one.data, Tensor):
                    yield one.data


@cache
def _saved_names(kind: type) -> tuple[str, ...]:
    return tuple(name for name in dir(kind) if name.startswith("_raw_saved"))
