"""Autograd's graph: the only file that names private or undocumented parts of torch.

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
from torch.autograd.graph import Node


def kind_of(node: Node) -> str:
    """The name of a node's kind, without the number of its version."""
    return node.name().rstrip("0123456789")


def nodes_before(node: Node) -> list[Node]:
    """The nodes that a node passes a gradient on to."""
    return [before for before, _ in node.next_functions if before is not None]


def nodes_behind(root: Node | None, ends: Callable[[Node], bool] | None = None) -> Iterator[Node]:
    """A node and all that its gradient reaches, each once; what only lies behind an end is left out."""
    seen: set[Node] = set()
    waiting = [] if root is None else [root]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if ends is None or not ends(node):
            waiting += nodes_before(node)
        yield node


def nodes_in_order(start: Node) -> list[Node]:
    """A node and all that its gradient reaches, each before those that it passes a gradient on to."""
    seen: set[Node] = set()
    finished: list[Node] = []
    waiting = [(start, False)]
    while waiting:
        node, is_finished = waiting.pop()
        if is_finished:
            finished.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting += [(before, False) for before in nodes_before(node)]
    return finished[::-1]


def collects(node: Node, leaf: Tensor) -> bool:
    """Whether a node is the one that collects a leaf's gradient."""
    return getattr(node, "variable", None) is leaf


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
    lambda x, bound: F.leaky_relu(x, bound),
)


@cache
def _relu_nodes() -> dict[str, str | None]:
    """The kind of node of each spelling of a ReLU, and which attribute of it has to be zero.

    None: it always is a ReLU. Empty: no attribute tells.
    """
    with torch.inference_mode(False), torch.enable_grad():
        x = torch.ones(1, requires_grad=True)
        found = {_kind_after(torch.relu(x)): None} | {
            _kind_after(spelled(x, 0.0)): _telling(spelled(x, 0.0), spelled(x, 0.25))
            for spelled in _SPELLINGS
        }
    return found


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
