"""The first convolution's way back to the picture, three times faster than the general one.

A stem reads three channels and writes many. Back from it, oneDNN's backward pass of a 7 x 7
convolution takes a quarter of the time of a whole backward pass of ResNet-18. But the gradient of
a convolution's input is itself a plain convolution of what arrives, one for each place within a
stride: for stride ``s``, ``s * s`` images of a lower resolution that are then interleaved (the
sub-pixel convolution of Shi et al., 2016, arXiv:1609.05158). The numbers differ from autograd's in
their last digits, as those of any two ways to sum do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.graph import GradientEdge, Node
from torch.utils.checkpoint import CheckpointError

from .graph import collects, kind_of, nodes_before, nodes_behind

# A picture's: with more channels, the general way is as fast.
_MOST_CHANNELS = 4


@dataclass(frozen=True, eq=False)
class Stem:
    """The convolution that all of a result's dependence on the input goes through.

    Attributes
    ----------
    node
        Autograd's node of it.
    given, result
        Where its input comes from, and what it computes.
    """

    node: Node
    given: GradientEdge
    result: GradientEdge

    @classmethod
    def of(cls, node: Node) -> Stem | None:
        """The stem that a node belongs to, if it is a convolution of few channels that is known here."""
        if kind_of(node) != "ConvolutionBackward":
            return None
        before, output = node.next_functions[0]
        seen = cast("Any", node)
        try:
            weights: Tensor = seen._saved_weight
        except CheckpointError:
            return None
        if before is None or len(nodes_before(node)) != 1:
            return None
        usual = (
            weights.ndim == 4
            and weights.shape[1] <= _MOST_CHANNELS
            # Elsewhere nobody has measured it.
            and weights.device.type == "cpu"
            and weights.dtype == torch.float32
            and seen._saved_groups == 1
            and not seen._saved_transposed
            and set(seen._saved_dilation) == {1}
            and len(set(seen._saved_stride)) == 1
            # With a stride of 1 it is what oneDNN does.
            and seen._saved_stride[0] > 1
        )
        if not usual:
            return None
        return cls(node, GradientEdge(before, output), GradientEdge(node, 0))

    def is_fed_by(self, leaf: Tensor) -> bool:
        """Whether its input is a leaf itself."""
        return collects(self.given.node, leaf)

    def input_gradient(self, arriving: Tensor) -> Tensor:
        """From the gradient of its result to that of its input.

        Raises
        ------
        RuntimeError
            If somebody wrote into the weights since.
        """
        seen = cast("Any", self.node)
        size = cast("Any", self.given.node)._input_metadata[self.given.output_nr].shape[-2:]
        # Their version is compared here, as autograd would.
        seen._saved_weight  # noqa: B018
        return input_gradient(
            arriving, self._filters, size, seen._saved_stride[0], seen._saved_padding
        )

    @cached_property
    def _filters(self) -> Tensor:
        seen = cast("Any", self.node)
        return filters_of(seen._saved_weight, seen._saved_stride[0])


def stem_before(root: Node | None, leaf: Tensor) -> Stem | None:
    """The stem that lies on every way from a result back to a leaf, if there is one."""
    found: dict[Node, Stem] = {}

    def is_stem(node: Node) -> bool:
        stem = Stem.of(node)
        if stem is not None:
            found[node] = stem
        return stem is not None

    if any(collects(node, leaf) for node in nodes_behind(root, is_stem)):
        return None
    return next(iter(found.values())) if len(found) == 1 else None


@torch.no_grad()
def filters_of(weights: Tensor, stride: int) -> Tensor:
    """The filters of the way back, one for each channel and place within a stride.

    Parameters
    ----------
    weights
        Of the convolution, ``(K, C, kh, kw)``.
    stride
        In both directions.

    Returns
    -------
    Tensor
        ``(C stride stride, K, th, tw)``, where ``t`` is how many outputs read a pixel.
    """
    taps = [-(-side // stride) for side in weights.shape[-2:]]
    missing = [n * stride - side for n, side in zip(taps, weights.shape[-2:], strict=True)]
    filters = F.pad(weights, (0, missing[1], 0, missing[0]))
    filters = filters.reshape(*weights.shape[:2], taps[0], stride, taps[1], stride)
    # (K, C, t, r, t, r) becomes (C r r, K, t, t), the furthest output first.
    return filters.flip(2, 4).permute(1, 3, 5, 0, 2, 4).flatten(0, 2)


@torch.no_grad()
def input_gradient(
    arriving: Tensor, filters: Tensor, size: Sequence[int], stride: int, padding: Sequence[int]
) -> Tensor:
    """The gradient of a convolution's input, ``(B, C, H, W)``.

    A pixel at ``s a + r`` of the padded input takes part in the outputs ``a - t``, each with the
    weight at ``s t + r``: for every ``r`` a convolution over ``a``.

    Parameters
    ----------
    arriving
        The gradient of its result, ``(B, K, h, w)``.
    filters
        As `filters_of` makes them.
    size
        Of the input, ``(H, W)``.
    stride, padding
        As the convolution has them; the stride in both directions.
    """
    taps = filters.shape[-2:]
    images = F.conv2d(arriving, filters, padding=[n - 1 for n in taps]).contiguous()
    batch, _, height, width = images.shape
    # As pixel_shuffle, which takes three times as long.
    whole = images.view(batch, -1, stride, stride, height, width).permute(0, 1, 4, 2, 5, 3)
    whole = whole.reshape(batch, -1, height * stride, width * stride)
    top, left = padding
    # Pixels at the end that no output reads have no gradient.
    end = [
        max(0, side + edge - n)
        for side, edge, n in zip(size, padding, whole.shape[-2:], strict=True)
    ]
    if any(end):
        whole = F.pad(whole, (0, end[1], 0, end[0]))
    return whole[..., top : top + size[0], left : left + size[1]].contiguous()
