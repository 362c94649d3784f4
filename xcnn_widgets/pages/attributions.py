"""Signed attributions, each saved once: a page makes maps of all layers, in colour or signed, from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .packing import encoded

# Levels on either side of 0, and how they lie: closer to each other near it.
_MOST = 255
_POWER = 0.4


class Attributions:
    """Attributions ``(C, H, W)`` by picture, method and class.

    A value ``v`` is kept as the level ``round(255 sign(v) |v / max|^0.4)``, and a method's second class on a picture
    as what its levels are more than the first's, where that is smaller: guided backward passes of two classes are
    much alike.
    """

    def __init__(self) -> None:
        self._states: list[dict[str, Any]] = []
        self._places: dict[tuple[int, str, int], int] = {}
        self._first: dict[tuple[int, str], tuple[int, NDArray[np.int16]]] = {}

    @property
    def bytes(self) -> int:
        """The bytes of all of them."""
        return sum(len(state["data"]) for state in self._states)

    def place(self, index: int, method: str, target: int) -> int | None:
        """Where the attribution of a picture, of a method and a class, stands; None if it is not kept."""
        return self._places.get((index, method, target))

    def keep(self, index: int, method: str, target: int, values: NDArray[np.float32]) -> int:
        """Keep one, and tell where it stands."""
        scale = float(np.abs(values).max()) or 1.0
        levels = levels_of(values / scale)
        base, first = self._first.setdefault((index, method), (len(self._states), levels))
        state = _packed(levels)
        if base != len(self._states) and first.shape == levels.shape:
            apart = _packed(levels - first)
            if len(apart["data"]) < len(state["data"]):
                state = {**apart, "base": base}
        self._states.append({"shape": list(values.shape), "scale": scale, "base": None, **state})
        return self._places.setdefault((index, method, target), len(self._states) - 1)

    def clear(self) -> None:
        """Forget all of them."""
        self._states.clear()
        self._places.clear()
        self._first.clear()

    def state(self) -> list[dict[str, Any]]:
        """All of them, as they go to a page."""
        return list(self._states)


def levels_of(shares: NDArray[np.float32]) -> NDArray[np.int16]:
    """The levels of values in [-1, 1].

    Examples
    --------
    >>> levels_of(np.array([-1, -0.001, 0, 0.001, 0.5], np.float32)).tolist()
    [-255, -16, 0, 16, 193]
    """
    found: NDArray[np.int16] = np.rint(_MOST * np.sign(shares) * np.abs(shares) ** _POWER).astype(
        np.int16
    )
    return found


def _packed(levels: NDArray[np.int16]) -> dict[str, Any]:
    """Levels, or how far they are apart modulo 511, deflated: the lower bytes of all, then the ninth bits."""
    count = 2 * _MOST + 1
    signed = (levels + _MOST) % count - _MOST
    # Small ones of either sign become small numbers.
    folded = np.where(signed < 0, -2 * signed - 1, 2 * signed)
    return encoded((folded & 255).astype(np.uint8).tobytes() + np.packbits(folded > 255).tobytes())
