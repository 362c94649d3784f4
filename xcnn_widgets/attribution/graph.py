"""Autograd's graph: its nodes, what they are, and what lies behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
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
    """Whether somebody packs what the graph saves: a checkpoint would compute it again, its own way."""
    return torch._C._autograd._top_saved_tensors_default_hooks(False) is not None
