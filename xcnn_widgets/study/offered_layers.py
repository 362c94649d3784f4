"""The layers of a model that are offered to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

from ..network import default_layer, layer_shapes, target_layers

# From a picture's index to the model, the picture's input, and how the model is called.
Asked = Callable[[int], tuple[nn.Module, Tensor, dict[str, Any]]]


class OfferedLayers:
    """Finds the layers when they are first asked for.

    Parameters
    ----------
    asked
        How the model is asked on a picture.
    chosen
        The names of those to offer; None takes what `target_layers` offers.
    """

    def __init__(self, asked: Asked, chosen: Sequence[str] | None) -> None:
        self._asked = asked
        self._chosen = None if chosen is None else list(chosen)
        self._names: list[str] | None = None

    def names(self, index: int) -> list[str]:
        """Those to offer, found on the picture given; empty if the model has none with a grid."""
        if self._names is None:
            model, inputs, call = self._asked(index)
            if self._chosen is not None:
                layer_shapes(model, inputs, self._chosen, **call)
            self._names = (
                target_layers(model, inputs, **call) if self._chosen is None else self._chosen
            )
        return self._names

    def shapes(self, index: int) -> dict[str, tuple[int, ...]]:
        """The shape ``(C, h, w)`` of each layer offered."""
        names = self.names(index)
        model, inputs, call = self._asked(index)
        return layer_shapes(model, inputs, names, **call)

    def first(self, index: int) -> str | None:
        """The layer to look at first."""
        names = self.names(index)
        if not names:
            return None
        model, inputs, call = self._asked(index)
        first = default_layer(model, inputs, **call)
        return first if first in names else names[-1]

    def add(self, layer: str, index: int) -> None:
        """Offer one more layer, at its place in the order of the forward pass."""
        names = self.names(index)
        model, inputs, call = self._asked(index)
        layer_shapes(model, inputs, [layer], **call)
        order = target_layers(model, inputs, which="all", **call)
        self._names = sorted({*names, layer}, key=order.index)
