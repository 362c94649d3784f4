"""Networks that end in a pooling and linear layers: from two classes to all others almost without autograd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.autograd.graph import Node

from .backward_pass import Start
from .graph import collects, kind_of, nodes_before
from .heatmaps import at_least_float32
from .linear_layers import Linear, rows_of
from .max_pools import POOL_NODE
from .recording import Recording

# Autograd's nodes, and one of ours, that pass each channel's gradient on by itself, in proportion to what arrives.
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
    POOL_NODE,
}

# How large a grid may be that linear layers flatten: each position takes a short way back, once.
_MOST_POSITIONS = 64


@dataclass(eq=False)
class ChannelwiseHead:
    """A layer's mean gradient for any class, from the gradient at the first linear layer after it.

    Where each channel ``A_k`` reaches that layer by itself, as inputs ``f_kp(A_k)``, the gradient of
    class ``c`` is the sum over outputs ``h`` and positions ``p`` of ``g_ch w_hkp df_kp/dA_k``: only
    ``g_ch``, the class's gradient at the layer's outputs, depends on the class. For a single linear
    layer it is 1 at the class. With a global average pooling alone, Grad-CAM is the class activation
    map of Zhou et al., 2016, arXiv:1512.04150.

    Attributes
    ----------
    linear
        The first linear layer.
    weights
        Its own, ``(outputs, K)``; of several positions, their sum times the factors of each.
    factors
        ``df_k/dA_k``, its mean over the grid, ``(B, K)``; 1 where the weights contain it.
    """

    linear: Linear
    weights: Tensor
    factors: Tensor
    _version: int = field(init=False)

    def __post_init__(self) -> None:
        self._version = self.linear.weights._version

    @classmethod
    def of(cls, linear: Linear, factors: Tensor) -> ChannelwiseHead:
        """From the mean over the grid of ``df_kp/dA_k``, ``(B, K, P)``; one sample if ``P`` is not 1."""
        samples, channels, positions = factors.shape
        if positions == 1:
            return cls(linear, linear.weights, factors[..., 0])
        weights = linear.weights.reshape(-1, channels, positions)
        summed = torch.einsum("hkp,kp->hk", weights, factors[0].to(weights.dtype))
        return cls(linear, summed, factors.new_ones(samples, channels))

    @property
    def is_current(self) -> bool:
        """Whether nobody wrote into the weights since; autograd refuses to go back then."""
        return self.linear.weights._version == self._version

    def is_head_of(self, recording: Recording) -> bool:
        """Whether the linear layer computes the logits, so that nothing lies between."""
        return self.linear.result.node is recording.logits.grad_fn

    def mean_gradient(self, recording: Recording, classes: Sequence[int]) -> Tensor:
        """The means over the grid for one class a sample, ``(B, K)``."""
        if self.is_head_of(recording):
            return at_least_float32(rows_of(self.weights, classes)) * self.factors
        arriving = recording.arriving(recording.start_of(classes), self.linear.result)
        return at_least_float32(arriving @ self.weights) * self.factors


def channelwise_head(
    recording: Recording,
    layer: str,
    mean_of: Callable[[Tensor], Tensor],
    classes: Sequence[int],
    mean: Tensor,
) -> ChannelwiseHead | None:
    """What gives a layer's mean gradient for all classes, if it gives that of some.

    Parameters
    ----------
    recording
        With its graph.
    layer
        The name of one that it keeps.
    mean_of
        From a gradient of the layer to its mean over the grid, ``(B, K)``.
    classes, mean
        One class a sample, and the mean gradient that autograd gave for them.
    """
    linear = recording.head and _first_linear(recording.head, recording.outputs[layer])
    if linear is None:
        return None
    samples, channels = mean.shape
    positions, rest = divmod(linear.weights.shape[1], channels)
    # Of several positions the weights are summed up, by the factors of one sample.
    if rest or positions > (_MOST_POSITIONS if samples == 1 else 1):
        return None
    factors = []
    for position in torch.eye(positions).to(linear.weights):
        start = Start(linear.given, position.repeat(samples, channels))
        there = recording.gradients(start, [layer], "plain", (), release=False)[layer]
        factors.append(mean_of(there))
    head = ChannelwiseHead.of(linear, torch.stack(factors, dim=-1))
    found = head.mean_gradient(recording, classes)
    return head if _is_the_same(found, mean, there.dtype) else None


def _is_the_same(found: Tensor, expected: Tensor, dtype: torch.dtype) -> bool:
    """Whether a mean gradient is what autograd gave, but for the rounding of numbers of a type.

    A hook on a tensor inside of the model is not seen in the graph, and may change gradients.
    """
    difference = (found - expected).abs().max()
    return bool(difference <= 64 * torch.finfo(dtype).eps * expected.abs().max())


def _first_linear(head: Linear, output: Tensor) -> Linear | None:
    """The first linear layer after a layer's output, if each of its channels gets there by itself.

    Whatever lies between that one and the head, nothing goes around it.
    """
    found, node = head, head.given.node
    while not _computes(node, output):
        linear = Linear.of(node)
        if linear is not None and linear.rows == head.rows:
            found, node = linear, linear.given.node
            continue
        before = nodes_before(node)
        if len(before) != 1:
            return None
        node = before[0]
    return found if _is_channelwise(found.given.node, output) else None


def _is_channelwise(node: Node, output: Tensor) -> bool:
    """Whether between a layer's output and a node there is one chain of channelwise nodes."""
    while not _computes(node, output):
        before = nodes_before(node)
        if kind_of(node) not in _CHANNELWISE or len(before) != 1:
            return False
        node = before[0]
    return True


def _computes(node: Node, output: Tensor) -> bool:
    """Whether a tensor comes from a node; that of a leaf only collects its gradient."""
    return node is output.grad_fn or (output.is_leaf and collects(node, output))
