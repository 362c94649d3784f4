"""A forward pass in which some channels of a layer are switched off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from ..network import Layout, Reshaped, Subject, layer_outputs, layers_of
from .forward_pass import ForwardPass


def silenced_pass(subject: Subject, layer: str, channels: Sequence[int]) -> ForwardPass:
    """Run the model once with some channels of a layer set to 0; the graph begins at the layer.

    Parameters and errors as of `silencing`.

    Returns
    -------
    ForwardPass
        What the rest of the network made of it, and the layer's changed output.
    """
    with silencing(subject, layer, [channels]):
        return ForwardPass.of(subject, [layer], input_gradient=False, copy_inputs=False)


@contextmanager
def silencing(subject: Subject, layer: str, versions: Sequence[Sequence[int]]) -> Iterator[None]:
    """While open, the model runs with some channels of a layer set to 0.

    Parameters
    ----------
    subject
        The model, its inputs, and how it is called; the model is left as it was found.
    layer
        The layer's name.
    versions
        The numbers of the channels, for each of equal parts of the batch that goes through the model, one after the
        other: for each sample, or for each version of the same samples. Of tokens, those of the grid are set to 0; a class token stays.

    Raises
    ------
    ValueError
        If there is no such layer or channel, its output has no grid, or `reshape` makes a copy of it.
    """
    layers = layers_of(subject)
    call = layers.call(layer)
    if subject.reshape is None and call.layout is None:
        raise layers.no_maps(layer)

    def silence(_layer: str, _args: tuple[Any, ...], output: Tensor, _wrote: bool) -> Tensor:
        # The model may still hold what the layer returned.
        changed = output.detach().clone()
        layout: Layout | Reshaped | None = call.layout
        if subject.reshape is not None:
            layout = Reshaped.of(subject.reshape, changed, subject.inputs)
        assert layout is not None
        _set_to_zero(changed, layout, versions)
        return changed

    module = subject.model.get_submodule(call.name)
    with layer_outputs(subject.model, {layer: (module, call.number)}, silence):
        yield


@torch.no_grad()
def _set_to_zero(
    output: Tensor, layout: Layout | Reshaped, versions: Sequence[Sequence[int]]
) -> None:
    for number in chain.from_iterable(versions):
        if not 0 <= number < layout.channels:
            raise ValueError(
                f"no channel {number}: the layer has {layout.channels}, 0 to {layout.channels - 1}"
            )
    maps = layout.maps(output)
    if maps.untyped_storage().data_ptr() != output.untyped_storage().data_ptr():
        raise ValueError(
            "reshape= copies what the layer returned, so its channels cannot be switched off; use "
            "one that looks at it in another way, as movedim, transpose and unflatten do"
        )
    for version, channels in zip(maps.chunk(len(versions)), versions, strict=True):
        version[:, list(channels)] = 0
