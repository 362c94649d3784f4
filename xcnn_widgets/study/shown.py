"""An answer as people see it: a small grid of grey levels, and words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..methods import Explanation, heatmaps
from .choice import Choice
from .exploration import Exploration
from .marks import marks_state
from .next_layer import next_layer
from .styles import Paint
from .wire import map_state, picture_state, prediction_state, sentence
from .words import noted


@dataclass(frozen=True, eq=False)
class Shown:
    """What is shown of an answer.

    Attributes
    ----------
    choice
        What was asked for.
    map
        The grey levels, with their shape and true range, as a page takes them.
    status
        What is shown, in one line.
    note
        What a reader has to know about it; usually empty.
    explanation
        The attribution; None of an answer of which only the grey levels were kept.
    """

    choice: Choice
    map: dict[str, Any]
    status: str
    note: str
    explanation: Explanation | None = None

    @classmethod
    def of(cls, exploration: Exploration, choice: Choice, explanation: Explanation) -> Shown:
        """What is shown of the answer to a choice."""
        index = choice.image_index
        explained = exploration.explained(choice, explanation)
        more = Paint.on(exploration, index, choice.painted).parts(explanation, 0)
        return cls(
            choice,
            map_state(explanation, index, explained, more),
            sentence(explanation, explained, exploration.pictures.name(index)),
            noted(
                explanation.note,
                next_layer(exploration, choice, explanation),
                exploration.prepared(index).note,
            ),
            explanation,
        )

    @property
    def depth(self) -> int:
        """How many slices there are: of a picture or a signal 1."""
        size = self.map["size"]
        return int(size[0]) if len(size) == 3 else 1

    @property
    def hottest_slice(self) -> int:
        """The slice with the greatest value of the map; where all are the same, the middle one."""
        levels = np.frombuffer(self.map["data"], np.uint8)
        if self.depth == 1 or levels.min() == levels.max():
            return self.depth // 2
        steps = int(self.map["shape"][0])
        hottest = int(levels.reshape(steps, -1).max(axis=1).argmax())
        return min(self.depth - 1, int((hottest + 0.5) * self.depth / steps))

    @cached_property
    def heatmap(self) -> NDArray[np.float32]:
        """The heatmap, ``float32`` ``(H, W)`` in [0, 1]; of grey levels alone, exact to half of one.

        Of a signal ``(L,)``, of a volume ``(D, H, W)``.
        """
        found: NDArray[np.float32]
        if self.explanation is not None:
            found = self.explanation.heatmaps()[0]
        else:
            levels = np.frombuffer(self.map["data"], np.uint8).reshape(1, *self.map["shape"])
            grid = torch.from_numpy(levels.astype(np.float32))
            found = heatmaps(grid, tuple(self.map["size"]))[0].numpy()
        return found


def image_state(exploration: Exploration, index: int) -> dict[str, Any]:
    """A picture and the predictions on it, as a page takes them."""
    name = exploration.pictures.name(index)
    picture = picture_state(exploration.prepared(index), index, name)
    marks = marks_state(exploration, index)
    return {
        "picture": picture if marks is None else {**picture, "marks": marks},
        "predictions": [prediction_state(found) for found in exploration.predictions(index)],
    }
