"""What a gallery asks of each picture, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..imaging.preprocessing import Prepared
from ..methods.table import METHODS
from .maps import TileMap

Target = int | str
Tiles = dict[str, TileMap]


@dataclass(frozen=True)
class Ask:
    """What is asked of each picture; `target` is ``predicted``, ``label`` or a class index."""

    methods: tuple[str, ...]
    layer: str | None
    target: Target

    @property
    def pair(self) -> tuple[Any, ...] | None:
        """What a disagreement depends on, that of the first two methods; None if there is one alone."""
        two = self.methods[:2]
        uses_layer = any(METHODS[name].uses_layer for name in two)
        where = self.layer if uses_layer else None
        return (frozenset(two), where, self.target) if len(two) == 2 else None


@dataclass(frozen=True)
class Failure:
    """Why a picture could not be read, or could not be explained as it was asked (`ask` None: in any way)."""

    cause: str
    ask: Ask | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """A picture that was explained."""

    prepared: Prepared
    tiles: Tiles
