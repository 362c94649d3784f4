"""What a model's layers returned in a run, as it was then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from torch import Tensor, nn

# Layers whose outputs nobody wrote into, in any run so far.
_left_alone: WeakSet[nn.Module] = WeakSet()


@dataclass(frozen=True, eq=False)
class _PassedOn:
    """What a model went on with after a layer."""

    layer: nn.Module
    tensor: Tensor
    version: int
    is_copy: bool

    @property
    def is_written(self) -> bool:
        return self.tensor._version != self.version


class KeptOutputs:
    """Keeps the outputs of given layers while a model runs.

    Into what a layer returned, the model may write afterwards; so it goes on with a copy. That takes
    the memory of the output once more for as long as the graph is kept, so when a run has shown that
    nobody writes into it, later runs make none. They look whether that still holds: see `are_intact`.

    Parameters
    ----------
    layers
        The layers, by name.
    input_gradient
        Whether the graph reaches back to the input; if not, it starts at the earliest layer.
    always_copy
        Whether the model goes on with a copy in any case.

    Attributes
    ----------
    outputs
        What each layer returned, in the order in which the model ran them.
    versions
        Of each output, when it was returned.
    """

    def __init__(
        self, layers: Mapping[str, nn.Module], *, input_gradient: bool, always_copy: bool
    ) -> None:
        self.outputs: dict[str, Tensor] = {}
        self.versions: dict[str, int] = {}
        self._layers = layers
        self._input_gradient = input_gradient
        self._always_copy = always_copy
        self._passed_on: list[_PassedOn] = []

    def keep(self, name: str, args: tuple[Any, ...], output: Tensor, wrote: bool) -> Tensor:
        """Keep an output; returns what the model goes on with, as a `LayerObserver` does."""
        # What a layer only hands on has other readers too, whose gradients are not the layer's. Who
        # reads what it wrote into its input reads its output.
        overwrote = wrote and output is args[0]
        if output._is_view() or (not overwrote and any(output is given for given in args)):
            output = output.clone()
        starts_here = not self._input_gradient and not output.requires_grad
        if starts_here and output.is_floating_point():
            output = output.detach().requires_grad_()
        # Asking again puts a layer that runs twice behind those that ran in between.
        self.outputs.pop(name, None)
        self.outputs[name] = output
        layer = self._layers[name]
        # Into a leaf nobody may write.
        if self._always_copy or output.is_leaf or layer not in _left_alone:
            passed_on = output.clone()
        else:
            passed_on = output
        is_copy = passed_on is not output
        self.versions[name] = output._version
        self._passed_on.append(_PassedOn(layer, passed_on, passed_on._version, is_copy))
        return passed_on

    def are_intact(self) -> bool:
        """After the run: whether the outputs are what the layers returned, and nobody wrote into them.

        If not, the run has to be made again, with copies; from now on they are made at once.
        """
        written = [passed for passed in self._passed_on if passed.is_written]
        _left_alone.update(passed.layer for passed in self._passed_on)
        _left_alone.difference_update([passed.layer for passed in written])
        self._passed_on.clear()
        return all(passed.is_copy for passed in written)
