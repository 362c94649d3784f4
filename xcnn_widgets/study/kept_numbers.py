"""What is kept of each picture so that models can be held against each other."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from ..bounded_cache import BoundedCache, tensor_bytes
from ..metrics import small_maps

# A small map takes 784 bytes: these are a hundred thousand.
_MAP_BYTES = 80 * 2**20


class Kept:
    """What a model says of every class of each picture, 4 bytes each, and its maps at 14 x 14 cells."""

    def __init__(self) -> None:
        self.said: dict[int, Tensor] = {}
        self._maps: BoundedCache[tuple[int, str, str | None, int], Tensor] = BoundedCache(
            _MAP_BYTES, lambda kept: tensor_bytes([kept])
        )

    def hear(self, index: int, scores: Tensor, values: Tensor) -> None:  # noqa: ARG002
        """Keep what people read for a picture's classes, as it was said first."""
        self.said.setdefault(index, values.detach().float().cpu())

    def keep(
        self,
        indices: Sequence[int],
        method: str,
        layer: str | None,
        targets: Sequence[int],
        maps: Tensor,
    ) -> None:
        """Keep the maps ``(B, h, w)`` of a method at a layer, one a picture and its class."""
        for index, target, small in zip(indices, targets, small_maps(maps).cpu(), strict=True):
            self._maps.put((index, method, layer, target), small.clone())

    def map(self, index: int, method: str, layer: str | None, target: int) -> Tensor | None:
        """A small map, ``(14, 14)``, if it is kept."""
        return self._maps.get((index, method, layer, target))

    def value(self, index: int, target: int) -> float | None:
        """What the model says of a class or listed target; None if it is not known."""
        values = self.said.get(index)
        return None if values is None or target >= len(values) else float(values[target])

    def clear(self) -> None:
        """Forget everything."""
        self.said.clear()
        self._maps.clear()
