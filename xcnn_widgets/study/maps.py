"""Maps as they go to the browser and as they are kept: small grids of grey levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..methods import Explanation
from .styles import Paint
from .wire import quantised

# What a map takes in memory beside its grey levels: its key, its ends, its place in the cache.
_OVERHEAD = 900


@dataclass(frozen=True, slots=True)
class TileMap:
    """One map: grey levels, their shape, the values of the least and the greatest, and what the model says of the class."""

    data: bytes
    shape: tuple[int, int]
    low: float
    high: float
    value: float
    parts: Mapping[str, Any] = field(default_factory=dict)

    def values(self) -> Tensor:
        """The map again, ``(1, h, w)``."""
        levels = np.frombuffer(self.data, np.uint8).reshape(1, *self.shape).astype(np.float32)
        return torch.from_numpy(self.low + levels / 255 * (self.high - self.low))


def tiles_of(
    explanation: Explanation, values: Iterable[float], paint: Paint | None = None
) -> list[TileMap]:
    """The maps of an explanation of classes, one a sample, with what the model says of each one's class."""
    maps = explanation.maps().float().cpu().numpy()
    return [
        TileMap(
            quantised(grid, *ends).tobytes(),
            grid.shape,
            *ends,
            value,
            {} if paint is None else paint.parts(explanation, sample),
        )
        for sample, (grid, ends, value) in enumerate(
            zip(maps, explanation.ranges(), values, strict=True)
        )
    ]


def tile_bytes(tile: TileMap) -> int:
    """The bytes that a map takes in memory."""
    return len(tile.data) + sum(len(part["data"]) for part in tile.parts.values()) + _OVERHEAD
