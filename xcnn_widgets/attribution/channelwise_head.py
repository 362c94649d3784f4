"""Networks that end in a pooling and one linear layer: from one class to all others without autograd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge, Node

from .heatmaps import at_least_float32

# Autograd's nodes that pass each channel's gradient on by itself, in proportion to what arrives.
_CHANNELWISE = {
    "AdaptiveAvgPool2DBackward",
    "AdaptiveMaxPool2DBackward",
    "AliasBackward",
    "AvgPool2DBackward",
    "CloneBackward",
    "CudnnBatchNormBackward",
    "EluBackward",
    "GeluBackward",
    "HardswishBackward",
    "HardtanhBackward",
    "LeakyReluBackward",
    "MaxPool2DWithIndicesBackward",
    "MeanBackward",
    "MkldnnMaxPool2DBackward",
    "NativeBatchNormBackward",
    "ReluBackward",
    "SiluBackward",
    "SqueezeBackward",
    "UnsafeViewBackward",
    "ViewBackward",
}


@dataclass(eq=False)
class ChannelwiseHead:
    """A layer's mean gradient for any class: a row of the head's weights times one factor a channel.

    Where each channel ``A_k`` reaches the head by itself, as ``f_k(A_k)``, the gradient of class ``c``
    is ``w_ck df_k/dA_k``: only ``w_ck`` depends on the class. With a global average pooling alone,
    Grad-CAM is the class activation map of Zhou et al., 2016, arXiv:1512.04150.

    Attributes
    ----------
    weights
        Of the head, ``(classes, K)``.
    factors
        ``df_k/dA_k``, its mean over the grid, ``(B, K)``.
    """

    weights: Tensor
    factors: Tensor
    _version: int = field(init=False)

    def __post_init__(self) -> None:
        self._version = self.weights._version

    @property
    def is_current(self) -> bool:
        """Whether nobody wrote into the weights since; autograd refuses to go back then."""
        return self.weights._version == self._version

    def mean_gradient(self, classes: Sequence[int]) -> Tensor:
        """The means over the grid for one class a sample, ``(B, K)``."""
        return at_least_float32(self.weights[list(classes)]) * self.factors

    def explains(self, classes: Sequence[int], mean: Tensor, dtype: torch.dtype) -> bool:
        """Whether it gives what autograd gave, but for the rounding of numbers of a type.

        A hook on a tensor inside of the model is not seen in the graph, and may change gradients.
        """
        difference = (self.mean_gradient(classes) - mean).abs().max()
        return bool(difference <= 64 * torch.finfo(dtype).eps * mean.abs().max())


def is_channelwise(head: GradientEdge, output: Tensor) -> bool:
    """Whether between a layer's output and the head's input there is one chain of such nodes."""
    node: Node | None = head.node
    while node is not None and not _computes(node, output):
        before = [edge for edge, _ in node.next_functions if edge is not None]
        if node.name().rstrip("0123456789") not in _CHANNELWISE or len(before) != 1:
            return False
        node = before[0]
    return node is not None


def _computes(node: Node, output: Tensor) -> bool:
    """Whether a tensor comes from a node; that of a leaf only collects its gradient."""
    return node is output.grad_fn or (output.is_leaf and getattr(node, "variable", None) is output)
