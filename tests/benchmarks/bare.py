"""The bare torch calls that an answer cannot do without, with weights that take no part in the graph."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def layer_gradient(frozen: nn.Module, inputs: Tensor, layer: str, target: int) -> Tensor:
    """One forward pass, whose graph begins at the layer, and the backward pass to there."""
    return layers_gradients(frozen, inputs, [layer], [target])[0]


def layers_gradients(
    frozen: nn.Module, inputs: Tensor, layers: list[str], targets: list[int]
) -> tuple[Tensor, ...]:
    """One forward pass, whose graph begins at the first of the layers, and a backward pass for each target.

    Returns the last target's gradients at all layers; the layers are in the order in which the model runs them.
    """
    kept: list[Tensor] = []

    def keep(module: nn.Module, args: Any, output: Tensor) -> Tensor:
        kept.append(output if kept else output.detach().requires_grad_())
        # DenseNet writes into what its last layer returned, and a leaf must not be written into.
        return kept[-1].clone()

    handles = [frozen.get_submodule(layer).register_forward_hook(keep) for layer in layers]
    try:
        logits = frozen(inputs)
    finally:
        for handle in handles:
            handle.remove()
    return _gradients(logits, kept, targets)


def input_gradients(frozen: nn.Module, inputs: Tensor, targets: list[int]) -> None:
    """One forward pass, and a backward pass to the input for every target."""
    given = inputs.detach().requires_grad_()
    _gradients(frozen(given), [given], targets)


def _gradients(logits: Tensor, ends: list[Tensor], targets: list[int]) -> tuple[Tensor, ...]:
    found: tuple[Tensor, ...] = ()
    for position, target in enumerate(targets):
        last = position == len(targets) - 1
        found = torch.autograd.grad(logits[:, target].sum(), ends, retain_graph=not last)
    return found


class Recorded:
    """One forward pass whose graph is kept."""

    def __init__(self, frozen: nn.Module, inputs: Tensor, layer: str) -> None:
        kept: list[Tensor] = []

        def keep(module: nn.Module, args: Any, output: Tensor) -> Tensor:
            kept.append(output)
            return output.clone()

        handle = frozen.get_submodule(layer).register_forward_hook(keep)
        try:
            self._logits = frozen(inputs.detach().requires_grad_())
        finally:
            handle.remove()
        self._kept = kept[-1]

    def gradient(self, target: int) -> Tensor:
        """One backward pass to the layer."""
        return torch.autograd.grad(self._logits[:, target].sum(), self._kept, retain_graph=True)[0]
