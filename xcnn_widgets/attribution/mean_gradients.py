"""The means of plain gradients over a layer's grid: all of a gradient that Grad-CAM asks for."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ..bounded_cache import BoundedCache, tensor_bytes
from .channelwise_head import ChannelwiseHead

Classes = tuple[int, ...]


class MeanGradients:
    """Means ``(B, C)`` by classes and layer, kept, and the heads that give those of all classes.

    A gradient takes as much memory as the layer's output, its means next to nothing.

    Parameters
    ----------
    limit
        The most bytes to keep.
    """

    def __init__(self, limit: int) -> None:
        self._kept: BoundedCache[Classes, dict[str, Tensor]] = BoundedCache(
            limit, lambda found: tensor_bytes(found.values())
        )
        self._heads: dict[str, ChannelwiseHead | None] = {}
        self._asked: set[str] = set()

    @property
    def bytes(self) -> int:
        """The bytes kept now."""
        return self._kept.bytes

    def get(self, classes: Classes, layer: str) -> Tensor | None:
        """The means for one class a sample; None if they are not kept."""
        return (self._kept.get(classes) or {}).get(layer)

    def head(self, layer: str) -> ChannelwiseHead | None:
        """What gives the means of all classes at a layer; None if there is no such, or none any more."""
        head = self._heads.get(layer)
        return head if head is not None and head.is_current else None

    def keep(self, classes: Classes, means: Mapping[str, Tensor]) -> None:
        """Add what was computed for some classes."""
        if means:
            self._kept.put(classes, {**(self._kept.get(classes) or {}), **means})

    def asked_again(self, layer: str) -> bool:
        """Note a question at a layer; whether it is not the first, and a head was not looked for yet."""
        again = layer in self._asked
        self._asked.add(layer)
        return again and layer not in self._heads

    def set_head(self, layer: str, head: ChannelwiseHead | None) -> None:
        """From now on all classes of a layer come from a head; or it is known to have none."""
        self._heads[layer] = head

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._heads.clear()
        self._asked.clear()
