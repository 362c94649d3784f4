"""How what the network says of classes moves when something is taken away from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..network import Subject, anchored, at_least_float32
from ..network import scores as scores_of
from .exploration import Exploration
from .predictions import Prediction


@dataclass(frozen=True)
class ClassChange:
    """One class before and after something was taken away: what people read, and scores."""

    said_before: Prediction
    said_after: Prediction
    score_before: float
    score_after: float

    @property
    def index(self) -> int:
        """The class."""
        return self.said_before.index

    @property
    def name(self) -> str:
        """What it is called."""
        return self.said_before.name

    @property
    def before(self) -> float:
        """Its probability (0 to 1) or value before."""
        return self.said_before.value

    @property
    def after(self) -> float:
        """Its probability (0 to 1) or value after."""
        return self.said_after.value

    @property
    def is_probability(self) -> bool:
        """Which of the two."""
        return self.said_before.is_probability

    @property
    def points(self) -> float:
        """The change, of a probability in percentage points."""
        return (100 if self.is_probability else 1) * (self.after - self.before)


class Watched:
    """The likeliest classes of a whole picture, and one class or target, which are watched.

    Parameters
    ----------
    exploration, index
        The model, and the picture.
    target
        The class or target that is told of in any case; None is the likeliest.

    Raises
    ------
    ValueError
        If a detector finds nothing on the picture.
    """

    def __init__(self, exploration: Exploration, index: int, target: int | None) -> None:
        top = exploration.predictions(index)
        if not top:
            raise ValueError(
                "the model finds nothing on the whole picture, so there is nothing to watch"
            )
        self._exploration, self._index = exploration, index
        self._classes = [each.index for each in top]
        self._chosen = self._classes[0] if target is None else target
        self._before = exploration.scores(index)

    def start(self) -> float:
        """What people read of the class or target on the whole picture."""
        before, output = self._before, self._exploration.forward(self._index).output
        if self._chosen >= self._exploration.answers.count:
            before, _ = self._anchored(self._chosen, output)
        return self._moves(before, before, [self._chosen])[0].before

    def changes(
        self, subject: Subject, output: Any, complaint: str
    ) -> tuple[tuple[ClassChange, ...], ClassChange]:
        """How the classes moved, and how the class or target did, to another output of the model.

        Parameters
        ----------
        subject, output
            The model with what it was given, and what it returned.
        complaint
            What is wrong, and the way out, where that has NaN or infinite values.

        Raises
        ------
        FloatingPointError
            If it has.
        """
        exploration, before = self._exploration, self._before
        answers = exploration.answers_on(self._index)
        if answers.reading.finds_boxes:
            after = torch.zeros_like(before)
            for box in {*self._classes, self._chosen}:
                after[0, box] = self._anchored(box, output)[1]
        else:
            after = answers.scores_in(subject, output)
        if not after.isfinite().all():
            raise FloatingPointError(complaint)
        classes = self._moves(before, after, self._classes)
        if self._chosen >= answers.count:
            before, after = self._anchored(self._chosen, output)
        return tuple(classes), self._moves(before, after, [self._chosen])[0]

    def _anchored(self, target: int, output: Any) -> tuple[Tensor, Tensor]:
        """The scores ``(1, 1)`` of a target that means something on the whole picture, before and after."""
        forward = self._exploration.forward(self._index)
        asked = self._exploration.answers.asked(target)
        assert callable(asked)
        with torch.no_grad():
            fixed = anchored(asked, forward.output, forward.subject)
            whole, later = (
                scores_of(fixed, each, 1).unsqueeze(1) for each in (forward.output, output)
            )
        return whole, later

    def _moves(self, before: Tensor, after: Tensor, targets: list[int]) -> list[ClassChange]:
        answers, said = self._exploration.answers, self._exploration.said
        scores = [at_least_float32(each)[0].tolist() for each in (before, after)]
        values = [answers.read(each)[0].tolist() for each in (before, after)]

        def change(target: int) -> ClassChange:
            # What is not listed stands alone.
            place = target if target < answers.count else -1
            first, last = (said.prediction(target, each[place], self._index) for each in values)
            return ClassChange(first, last, scores[0][place], scores[1][place])

        return [change(target) for target in targets]
