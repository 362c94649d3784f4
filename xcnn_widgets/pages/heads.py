"""Every class without a kernel: the weights of a linear head, and what each picture's last layer returned."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..study import Exploration, HeadMisfitError, LinearHead, activation_and_scores, linear_head
from .packing import encoded

# Of this part of an atlas; a page that does not know it offers the views alone.
VERSION = 1


class EveryClass:
    """A head, once, and for each picture an activation and the scores of all classes.

    The weights are kept as ``int8`` with a scale for each class, activations as ``float16``, scores as ``float32``:
    probabilities are then exact, and maps are within 2 grey levels nearly everywhere.

    Parameters
    ----------
    explored
        Where the numbers come from.
    """

    def __init__(self, explored: Callable[[], Exploration]) -> None:
        self._explored = explored
        self._head: LinearHead | None = None
        self._misfit = ""
        self._state: dict[str, Any] = {}
        self._pictures: dict[int, dict[str, Any]] = {}

    def __bool__(self) -> bool:
        return bool(self._pictures)

    @property
    def bytes(self) -> int:
        """The bytes of weights, activations and scores."""
        return sum(
            len(value)
            for part in (self._state, *self._pictures.values())
            for value in part.values()
            if isinstance(value, bytes)
        )

    @property
    def in_words(self) -> str:
        """What it answers."""
        assert self._head is not None
        return f"Grad-CAM at {self._head.layer} of all {len(self._head.weights):,} classes"

    def most_bytes(self, pictures: int, like: int) -> int:
        """Its size for some pictures that are as large as the one given, if nothing can be made smaller."""
        exploration = self._explored()
        layers = exploration.layers(like)
        classes = exploration.answers_on(like).class_count
        if not layers:
            return 0
        channels, *grid = exploration.layer_shapes(like)[layers[-1]]
        own = 2 * channels * prod(grid) + 4 * classes
        return classes * (channels + 4) + pictures * own

    def add(self, index: int, cancelled: Callable[[], bool]) -> str:
        """Keep a picture, and the head with the first one; returns why not, if it cannot be, else nothing.

        Raises
        ------
        Cancelled
            If `cancelled` says so before the head is found.
        """
        if self._misfit:
            return self._misfit
        try:
            if self._head is None:
                head = linear_head(self._explored(), index, cancelled)
                self._head, self._state = head, self._head_state(head)
        except HeadMisfitError as misfit:
            self._misfit = str(misfit)
            return self._misfit
        activation, scores = activation_and_scores(self._explored(), index, self._head.layer)
        if self._head.misses(activation, scores):
            name = self._explored().pictures.name(index)
            return f"the head that fits the other pictures does not fit {name}"
        self._pictures[index] = self._picture_state(index, activation, scores)
        return ""

    def clear(self) -> None:
        """Forget everything."""
        self._head, self._misfit = None, ""
        self._state = {}
        self._pictures.clear()

    def state(self) -> dict[str, Any] | None:
        """All of it, as it goes to a page; None if there is none."""
        if not self:
            return None
        return {**self._state, "pictures": list(self._pictures.values())}

    def _head_state(self, head: LinearHead) -> dict[str, Any]:
        scales = np.abs(head.weights).max(axis=1, keepdims=True) / 127
        levels = np.rint(head.weights / np.where(scales > 0, scales, 1)).astype(np.int8)
        reading = self._explored().answers.reading
        # Of a score and its negative, the sigmoids add up to one.
        each = reading.is_two_sided and reading.activation != "none"
        return {
            "version": VERSION,
            "method": "grad_cam",
            "layer": head.layer,
            "read": "sigmoid" if each else reading.activation,
            "shape": list(levels.shape),
            **encoded(levels.tobytes()),
            "scales": _floats(scales),
        }

    def _picture_state(
        self, index: int, activation: NDArray[np.float32], scores: NDArray[np.float32]
    ) -> dict[str, Any]:
        scale = float(np.abs(activation).max()) or 1.0
        prepared = self._explored().prepared(index)
        return {
            "image_index": index,
            "size": list(prepared.size),
            "shape": list(activation.shape),
            **encoded((activation / scale).astype("<f2").tobytes()),
            "scale": scale,
            "scores": _floats(scores),
            "note": prepared.note,
        }


def _floats(values: NDArray[np.float32]) -> bytes:
    return values.astype("<f4").tobytes()
