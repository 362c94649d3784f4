"""What the network says of a picture of which a part is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..attribution.heatmaps import at_least_float32
from ..attribution.model_state import checked_inputs, run
from ..attribution.targets import class_scores, logits_of
from ..imaging.masking import IN_INPUT_UNITS, fill_for, hide, normalisation_of
from ..imaging.normalisation import Normalisation
from .brush_strokes import Mask
from .exploration import Exploration, Prediction, probabilities_of


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

    def masked_input(self, index: int, mask: Mask, fill: str) -> Tensor:
        """The input ``(C, H, W)`` with the fill where the mask is True."""
        return hide(self.exploration.prepared(index).input, self.fill(index, fill)[0], mask)

    def ask(self, image_index: int, mask: Mask, fill: str, target: int | None) -> Answer:
        """Run the network once on the masked input; `target` None is the predicted class."""
        exploration = self.exploration
        top = exploration.predictions(image_index)
        before = exploration.forward(image_index).logits
        masked = self.masked_input(image_index, mask, fill).unsqueeze(0)
        with torch.no_grad():
            after = logits_of(run(exploration.model, checked_inputs(exploration.model, masked)))
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

    def _candidates(self, index: int) -> list[Normalisation]:
        picture: Any = self.exploration.pictures.item(index)
        if isinstance(picture, Tensor):
            return []
        found = self.exploration._preprocessing._normalisation(picture.size)
        return [] if found is None else [found]


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
