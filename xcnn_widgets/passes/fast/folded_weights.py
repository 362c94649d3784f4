"""The weights of convolutions, channels last, with a BatchNorm worked in."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from ...network import buffers_of, parameters_of, undisturbed, versions_of


class FoldedWeights:
    """Makes a convolution's weights, and keeps them until somebody writes into what they were made of."""

    def __init__(self) -> None:
        self._kept: dict[nn.Module, _Kept] = {}

    def of(
        self,
        convolution: nn.Module,
        weight: Tensor,
        bias: Tensor | None,
        norm: nn.Module | None,
    ) -> tuple[Tensor, Tensor | None]:
        """Weight and bias of a convolution that also does what a BatchNorm behind it would do.

        Without a BatchNorm they are the convolution's own, the weight channels last.
        """
        # Who follows torch's functions sees the model's, not ours.
        with undisturbed():
            sources = [weight, bias, *_tensors_of(norm)]
            kept = self._kept.get(convolution)
            if kept is None or not kept.is_made_of(sources):
                kept = self._kept[convolution] = _Kept(weight, bias, norm, sources)
            return kept.weight, kept.bias


class _Kept:
    """One convolution's."""

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        norm: nn.Module | None,
        sources: list[Tensor | None],
    ) -> None:
        self._sources, self._versions = sources, _versions_of(sources)
        self.bias = bias
        if norm is not None:
            own: dict[str, Any] = {**parameters_of(norm), **buffers_of(norm)}
            folded = fuse_conv_bn_weights(
                weight,
                bias,
                own["running_mean"],
                own["running_var"],
                cast("float", norm.eps),
                own["weight"],
                own["bias"],
            )
            weight, self.bias = folded[0].detach(), folded[1].detach()
        self.weight = weight.contiguous(memory_format=torch.channels_last)

    def is_made_of(self, sources: list[Tensor | None]) -> bool:
        """Whether these are the same tensors, into which nobody wrote."""
        same = len(sources) == len(self._sources) and all(
            new is own for new, own in zip(sources, self._sources, strict=True)
        )
        return same and _versions_of(sources) == self._versions


def _tensors_of(norm: nn.Module | None) -> list[Tensor | None]:
    return [] if norm is None else [*parameters_of(norm).values(), *buffers_of(norm).values()]


def _versions_of(tensors: list[Tensor | None]) -> list[int]:
    return versions_of(tensor for tensor in tensors if tensor is not None)
