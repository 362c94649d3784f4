"""What the network says of a picture of which a part is hidden."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.overrides import TorchFunctionMode

from ..imaging.masking import IN_INPUT_UNITS, fill_for, fill_picture, hide, normalisation_of
from ..imaging.normalisation import Normalisation
from ..methods.heatmaps import at_least_float32
from ..network.cancelling import Cancelled
from ..network.running import run
from ..network.subject import Subject
from ..network.targets import class_scores, logits_of
from ..widgets.brush.strokes import Mask
from .exploration import Exploration
from .predictions import Prediction, probabilities_of


@dataclass(frozen=True)
class ClassChange:
    """One class before and after something was hidden: its probabilities (0 to 1) and scores."""

    index: int
    name: str
    before: float
    after: float
    score_before: float
    score_after: float

    @property
    def points(self) -> float:
        """The change in percentage points."""
        return 100 * (self.after - self.before)


@dataclass(frozen=True)
class Answer:
    """How the likeliest classes of the whole picture moved; the target is always told."""

    classes: tuple[ClassChange, ...]
    target: ClassChange
    hidden: float
    """The share of the picture that is hidden, 0 to 1."""


class BrushAnswers:
    """Hides parts of pictures and asks the network."""

    def __init__(self, exploration: Exploration) -> None:
        self.exploration = exploration
        self._fills: dict[tuple[int, str], tuple[Tensor, str]] = {}
        self._shown: dict[tuple[int, str], NDArray[np.uint8]] = {}

    def fill(self, index: int, fill: str) -> tuple[Tensor, str]:
        """What stands in for hidden pixels ``(C, H, W)``, and what a reader has to know of it."""
        key = (index, fill)
        if key not in self._fills:
            prepared = self.exploration.prepared(index)
            normalisation = normalisation_of(prepared, self._candidates(index))
            note = IN_INPUT_UNITS if normalisation is None else ""
            # Those of one picture are enough: another picture begins anew.
            self._fills = {key: found for key, found in self._fills.items() if key[0] == index}
            self._fills[key] = (fill_for(prepared, fill, normalisation), note)
        return self._fills[key]

    def fill_picture(self, index: int, fill: str) -> NDArray[np.uint8]:
        """What stands in for hidden pixels, as people see it: RGB ``(H, W, 3)``; every move of a stroke asks for it."""
        key = (index, fill)
        if key not in self._shown:
            self._shown = {key: found for key, found in self._shown.items() if key[0] == index}
            self._shown[key] = fill_picture(self.exploration.prepared(index), fill)
        return self._shown[key]

    def masked_input(self, index: int, mask: Mask, fill: str) -> Tensor:
        """The input ``(C, H, W)`` with the fill where the mask is True."""
        return hide(self.exploration.prepared(index).input, self.fill(index, fill)[0], mask)

    def ask(
        self,
        image_index: int,
        mask: Mask,
        fill: str,
        target: int | None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Answer:
        """Run the network once on the masked input; `target` None is the predicted class.

        Raises
        ------
        Cancelled
            As soon as `cancelled` says so, in the middle of the run.
        """
        exploration = self.exploration
        top = exploration.predictions(image_index)
        before = exploration._logits(image_index)
        masked = self.masked_input(image_index, mask, fill).unsqueeze(0)
        subject = Subject.of(exploration.model, masked)
        stopping = nullcontext() if cancelled is None else _Stopping(cancelled)
        with torch.no_grad(), stopping:
            after = logits_of(run(subject.model, subject.inputs, subject.parts))
        if not after.isfinite().all():
            raise FloatingPointError(
                "the model's answer to the masked picture has NaN or infinite values; "
                "choose another fill"
            )
        classes = _changes(before, after, top)
        chosen = top[0].index if target is None else target
        known = [change for change in classes if change.index == chosen]
        name = exploration.class_names.name(chosen)
        told = known or _changes(before, after, [Prediction(chosen, name, 0.0)])
        return Answer(tuple(classes), told[0], float(np.mean(mask)))

    def close(self) -> None:
        """Let go of everything found."""
        self._fills.clear()
        self._shown.clear()

    def _candidates(self, index: int) -> list[Normalisation]:
        picture: Any = self.exploration.pictures.item(index)
        if isinstance(picture, Tensor):
            return []
        found = self.exploration._preprocessing._normalisation(picture.size)
        return [] if found is None else [found]


class _Stopping(TorchFunctionMode):
    """Looks before each operation of the network whether its answer is still wanted."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        super().__init__()
        self._cancelled = cancelled

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if self._cancelled():
            raise Cancelled
        return func(*args, **(kwargs or {}))


def _changes(before: Tensor, after: Tensor, classes: list[Prediction]) -> list[ClassChange]:
    scores = [at_least_float32(class_scores(logits))[0].tolist() for logits in (before, after)]
    shares = [probabilities_of(logits)[0].tolist() for logits in (before, after)]
    return [
        ClassChange(
            each.index,
            each.name,
            shares[0][each.index],
            shares[1][each.index],
            scores[0][each.index],
            scores[1][each.index],
        )
        for each in classes
    ]
