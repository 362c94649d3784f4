"""Linear layers in autograd's graph: what they were given, and their weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from torch import Tensor
from torch.autograd.graph import GradientEdge, Node
from torch.utils.checkpoint import CheckpointError

from .graph import kind_of
from .wide_linear import WIDE_NODE

# Autograd's nodes of a linear layer, and which of its inputs is the layer's.
_LINEAR_NODES = {"AddmmBackward": 1, "MmBackward": 0, WIDE_NODE: 0}


@dataclass(frozen=True, eq=False)
class Linear:
    """A linear layer in the graph.

    Attributes
    ----------
    given, result
        Where its input comes from, and what it computes.
    weights
        ``(outputs, inputs)``.
    rows
        How many inputs it was given.
    """

    given: GradientEdge
    result: GradientEdge
    weights: Tensor
    rows: int

    @classmethod
    def of(cls, node: Node) -> Linear | None:
        """The linear layer that a node belongs to, if it belongs to one."""
        kind = kind_of(node)
        if kind not in _LINEAR_NODES:
            return None
        edges = list(node.next_functions)
        before, output = edges.pop(_LINEAR_NODES[kind])
        # Bias and weights that are computed from the input bring gradients of their own.
        computed = any(other is not None for other, _ in edges)
        if before is None or computed or getattr(node, "_saved_alpha", 1) != 1:
            return None
        seen = cast("Any", node)
        try:
            weights: Tensor = seen.saved_tensors[0] if kind == WIDE_NODE else seen._saved_mat2.t()
        except CheckpointError:
            return None  # Autograd meets the same trouble, on its own way, and is asked why.
        rows = int(seen._input_metadata[0].shape[0])
        return cls(GradientEdge(before, output), GradientEdge(node, 0), weights.detach(), rows)


def rows_of(weights: Tensor, classes: Sequence[int]) -> Tensor:
    """Look up the weights ``(B, inputs)`` that lead to one class a sample; to be read only."""
    if len(set(classes)) == 1:
        # To look one up by a list takes twice as long.
        return weights[classes[0]].expand(len(classes), -1)
    return weights[list(classes)]
