"""Whether what a node of autograd's graph computed lies over what it was given, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch.autograd.graph import Node

from .nodes import is_relu, kind_of


def nodes_in_order(roots: Sequence[Node]) -> list[Node]:
    """The nodes of a graph, each after those that its gradient reaches."""
    order: list[Node] = []
    seen: set[Node] = set()
    waiting = [(root, False) for root in roots]
    while waiting:
        node, is_done = waiting.pop()
        if is_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting += [(behind, False) for behind, _ in node.next_functions if behind is not None]
    return order


def moved_nodes(order: Sequence[Node], sides: int) -> set[Node]:
    """The nodes whose results do not lie over the input place by place, as far as is known.

    Parameters
    ----------
    order
        The nodes of a graph, in order.
    sides
        How many dimensions of a shape are places, the last ones: 2 for pictures.
    """
    moved: set[Node] = set()
    for node in order:
        behind = [each for each, _ in node.next_functions if each is not None]
        moves = _moves_places(node, sides)
        if moves or (moves is not None and any(each in moved for each in behind)):
            moved.add(node)
    return moved


def narrow_nodes(order: Sequence[Node], roots: Sequence[Node]) -> set[Node]:
    """The nodes that every path from the leaves of a graph to its roots passes.

    The sum at the end of a residual block is one; the queries and keys inside it are none.

    Parameters
    ----------
    order
        The nodes of the graph behind the roots, in order.
    roots
        Where it begins.
    """
    to_leaf: dict[Node, list[Node]] = {}
    for node in order:
        behind = [each for each, _ in node.next_functions if each is not None]
        if not behind or any(each in to_leaf for each in behind):
            to_leaf[node] = [each for each in behind if each in to_leaf]
    # From the roots on: how many ways lead from what was passed to what was not.
    arriving: dict[Node, int] = dict.fromkeys(to_leaf, 0)
    for root in roots:
        if root in arriving:
            arriving[root] += 1
    ways = sum(arriving.values())
    narrow: set[Node] = set()
    for behind in to_leaf.values():
        for each in behind:
            arriving[each] += 1
    for node in reversed(to_leaf):
        ways -= arriving[node]
        if not ways:
            narrow.add(node)
        ways += len(to_leaf[node])
    return narrow


def _moves_places(node: Node, sides: int) -> bool | None:
    """Whether a node may move numbers to other places; None if its result has no places.

    Convolutions, normalisations, pools, and what works number by number keep places. So do views and
    permutations of the channels alone. A factor for each channel has no places: it moves nothing,
    whatever it was computed from. Of what is not known, attention above all, the answer is yes.

    Parameters
    ----------
    node
        Autograd's.
    sides
        How many dimensions of a shape are places, the last ones: 2 for pictures.
    """
    kind = kind_of(node)
    if kind in _ALONG_A_SIDE:
        # Along the channels, no place changes.
        return getattr(node, "_saved_dim", None) != 1
    if kind == "TransposeBackward":
        ends = (getattr(node, "_saved_dim0", None), getattr(node, "_saved_dim1", None))
        ndim = len(_result_shape(node))
        return None in ends or any(end >= ndim - sides for end in ends if end is not None)
    if kind in _VIEWS:
        after = _result_shape(node)
        if len(after) == sides + 2 and set(after[2:]) == {1}:
            return None
        before = getattr(node, "_saved_self_sym_sizes", ())
        is_of_channels = len(after) > sides and tuple(before[-sides:]) == after[-sides:]
        return not (is_of_channels and len(before) > sides)
    return not (kind in _KEEPS_PLACES or is_relu(node) is not False)


def _result_shape(node: Any) -> tuple[int, ...]:
    """The shape of what a node computed; empty if this torch does not tell."""
    known = getattr(node, "_input_metadata", None)
    return tuple(known[0].shape) if known else ()


def makes_maps(node: Node | None) -> bool:
    """Whether a node's results have their channels first, whatever module it belongs to."""
    return node is not None and kind_of(node) in _MAKES_MAPS


_ALONG_A_SIDE = {"CatBackward", "SplitBackward", "SplitWithSizesBackward", "SliceBackward"}
_VIEWS = {"ViewBackward", "UnsafeViewBackward", "ReshapeAliasBackward", "UnsqueezeBackward"}
_MAKES_MAPS = frozenset(
    f"{kind}Backward"
    for kind in [
        "Convolution",
        "CudnnConvolution",
        "MkldnnConvolution",
        "NativeBatchNorm",
        "CudnnBatchNorm",
        "NativeGroupNorm",
        "MaxPool1D",
        "MaxPool2D",
        "MaxPool2DWithIndices",
        "MaxPool3D",
        "MaxPool3DWithIndices",
        "MkldnnMaxPool2D",
        "AvgPool2D",
        "AvgPool3D",
        "AdaptiveAvgPool2D",
        "MkldnnAdaptiveAvgPool2D",
        "AdaptiveMaxPool2D",
        "UpsampleNearest2D",
        "UpsampleBilinear2D",
    ]
)
_KEEPS_PLACES = (
    frozenset(
        f"{kind}Backward"
        for kind in [
            "Add",
            "Sub",
            "Mul",
            "Div",
            "Neg",
            "Pow",
            "Exp",
            "Log",
            "Sqrt",
            "Rsqrt",
            "Sigmoid",
            "Tanh",
            "Silu",
            "Gelu",
            "Elu",
            "Mish",
            "Softplus",
            "Hardswish",
            "Hardsigmoid",
            "Hardtanh",
            "LeakyRelu",
            "Prelu",
            "Clamp",
            "ClampMin",
            "ClampMax",
            "Maximum",
            "Minimum",
            "Threshold",
            "Mean",
            "Clone",
            "ToCopy",
            "NativeDropout",
            "ConstantPadNd",
            "ReflectionPad2D",
            "ReplicationPad2D",
        ]
    )
    | _MAKES_MAPS
    | {"AccumulateGrad", "torch::autograd::AccumulateGrad"}
)
