"""What a model's layers returned in a run, as it was then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from torch import Tensor, nn

from ..network import Cancelled, is_cancelled, is_view, version_of

# Layers after which the model wrote into what it went on with, in no run so far.
_left_alone: WeakSet[nn.Module] = WeakSet()
# Layers whose outputs somebody else held, and wrote into.
_held: WeakSet[nn.Module] = WeakSet()


@dataclass(frozen=True, eq=False)
class _PassedOn:
    """What a model went on with after a layer."""

    layer: nn.Module
    tensor: Tensor
    version: int

    @property
    def is_written(self) -> bool:
        return version_of(self.tensor) != self.version


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
    pass_copies, keep_copies
        Whether the model goes on with copies, and whether copies are kept, in any case.

    Attributes
    ----------
    outputs
        What each layer returned, in the order in which the model ran them.
    versions
        Of each output, when it was returned.
    """

    def __init__(
        self,
        layers: Mapping[str, nn.Module],
        *,
        input_gradient: bool,
        pass_copies: bool,
        keep_copies: bool,
    ) -> None:
        self.outputs: dict[str, Tensor] = {}
        self.versions: dict[str, int] = {}
        self._layers = layers
        self._input_gradient = input_gradient
        self._pass_copies = pass_copies
        self._keep_copies = keep_copies
        self._passed_on: list[_PassedOn] = []

    def keep(self, name: str, args: tuple[Any, ...], output: Tensor, wrote: bool) -> Tensor:
        """Keep an output; returns what the model goes on with, as a `LayerObserver` does.

        Raises
        ------
        Cancelled
            If the work is cancelled.
        """
        if is_cancelled():
            raise Cancelled("a forward pass was left off")
        layer = self._layers[name]
        # What a layer only hands on has other readers too, whose gradients are not the layer's. Who
        # reads what it wrote into its input reads its output.
        handed_on = any(output is given for given in args) and not (wrote and output is args[0])
        if handed_on or is_view(output) or self._keep_copies or layer in _held:
            output = output.clone()
        starts_here = not self._input_gradient and not output.requires_grad
        if starts_here and output.is_floating_point():
            output = output.detach().requires_grad_()
        # Asking again puts a layer that runs twice behind those that ran in between.
        self.outputs.pop(name, None)
        self.outputs[name] = output
        self.versions[name] = version_of(output)
        # Into a leaf nobody may write.
        if self._pass_copies or output.is_leaf or layer not in _left_alone:
            output = output.clone()
        self._passed_on.append(_PassedOn(layer, output, version_of(output)))
        return output

    def are_intact(self) -> bool:
        """After the run: whether the outputs kept are still what the layers returned.

        If not, the run has to be made again with copies; later runs then make them at once.
        """
        _left_alone.update(passed.layer for passed in self._passed_on)
        _left_alone.difference_update([p.layer for p in self._passed_on if p.is_written])
        passed_on = {id(passed.tensor) for passed in self._passed_on}
        self._passed_on.clear()
        changed = [
            name for name, kept in self.outputs.items() if version_of(kept) != self.versions[name]
        ]
        _held.update(self._layers[n] for n in changed if id(self.outputs[n]) not in passed_on)
        return not changed
