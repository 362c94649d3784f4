"""What one unit of a layer depends on: its gradient with respect to the input."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..network import Reshaped, Subject, layer_outputs, layers_of, model_lock, run


def unit_gradient(subject: Subject, layer: str, channel: int, cell: int) -> Tensor:
    """The gradient of one value of a layer's map with respect to the input, ``(1, C, H, W)``.

    It is exactly 0 where the input has no way to the unit. That holds for any network; what a network
    pools over the whole picture and gives back (squeeze and excitation, attention) leads everywhere.

    Parameters
    ----------
    subject
        The model with one input.
    layer, channel
        Which map.
    cell
        Which of its values, counted row by row.

    Raises
    ------
    ValueError
        If the layer has no grid, or no gradient comes back from it to the input.
    """
    layers = layers_of(subject)
    call = layers.call(layer)
    found: list[Tensor] = []

    def keep(_layer: str, _args: tuple[Any, ...], output: Tensor, _wrote: bool) -> Tensor:
        found.append(output)
        # The model may write into what it gets.
        return output.clone()

    module = subject.model.get_submodule(call.name)
    kept = layer_outputs(subject.model, {layer: (module, call.number)}, keep)
    with model_lock(subject.model), torch.inference_mode(False), torch.enable_grad():
        leaf = subject.inputs.detach().clone().requires_grad_()
        with kept:
            run(subject, leaf)
        # A model that writes into its statistics is run once more.
        output = found[-1]
        layout = (
            call.layout
            if subject.reshape is None
            else Reshaped.of(subject.reshape, output.detach(), subject.inputs)
        )
        if layout is None:
            raise layers.no_maps(layer)
        unit = layout.maps(output)[0, channel].flatten()[cell]
        if not unit.requires_grad:
            raise ValueError(f"no gradient comes back from layer {layer!r} to the input")
        (gradient,) = torch.autograd.grad(unit, leaf)
    return gradient.detach()
