"""What a model says of each picture, remembered in a few numbers a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from torch import Tensor

from ..bounded_cache import BoundedCache, tensor_bytes
from ..network import Detections, Regions, detections_of
from ..passes import ForwardPass
from .answers import Answers
from .predictions import Prediction

# A thousand classes are 4 KB a picture.
_SCORES_BYTES = 4 * 2**20


class Said:
    """Tells what a model says, from recorded passes; what it said outlives them.

    Parameters
    ----------
    answers
        From a picture's index to how the model's numbers are called and read.
    forward
        From a picture's index to its recorded pass.
    """

    def __init__(
        self, answers: Callable[[int], Answers], forward: Callable[[int], ForwardPass]
    ) -> None:
        self._answers, self._forward = answers, forward
        self._scores: BoundedCache[int, Tensor] = BoundedCache(
            _SCORES_BYTES, lambda scores: tensor_bytes([scores])
        )

    def keep(self, index: int, forward: ForwardPass) -> Tensor:
        """Remember the scores of a picture's classes and listed targets, ``(1, count)``."""
        scores = self._answers(index).scores(forward)
        self._scores.put(index, scores)
        return scores

    def known(self, index: int) -> Tensor | None:
        """The scores of a picture, if they are remembered."""
        return self._scores.get(index)

    def values(self, index: int) -> Tensor:
        """What people read for a picture's classes and listed targets, ``(count,)``."""
        scores = self.known(index)
        if scores is None:
            scores = self.keep(index, self._forward(index))
        return self._answers(index).read(scores)[0]

    def value(self, target: int, index: int) -> float:
        """What people read for one class or target."""
        values = self.values(index)
        if target < len(values):
            return float(values[target])
        return self._answers(index).values_of([target], self._forward(index), [values])[0]

    def predictions(self, index: int, count: int) -> list[Prediction]:
        """The classes with the highest values, the highest first; then all listed targets."""
        top = self._answers(index).top(self.values(index), count)
        return [self._named(prediction, index) for prediction in top]

    def prediction(self, target: int, value: float, index: int) -> Prediction:
        """What is told of a class or target, of which people read a value."""
        return self._named(self._answers(index).prediction(target, value), index)

    def boxes(self, index: int) -> Detections | None:
        """What a detector found; None of a model that is none."""
        if not self._answers(index).reading.finds_boxes:
            return None
        return detections_of(self._forward(index).output)[0]

    def regions(self, index: int) -> Regions | None:
        """Where a segmentation network predicts which class; None of a model that is none."""
        is_dense = self._answers(index).reading.tells_areas
        return self._forward(index).subject.regions if is_dense else None

    def clear(self) -> None:
        """Forget it."""
        self._scores.clear()

    def _named(self, prediction: Prediction, index: int) -> Prediction:
        """Of a detector's box: what is in it."""
        boxes = self.boxes(index)
        if boxes is None or prediction.index >= len(boxes):
            return prediction
        label = self._answers(index).class_names.name(int(boxes.labels[prediction.index]))
        return replace(prediction, name=f"{label}, {prediction.name}")
