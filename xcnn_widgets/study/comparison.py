"""Two models on one picture: the map of each, what tells them apart, and whether they are of one mind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..methods import method_named, upsample
from .choice import Choice
from .exploration import Exploration
from .matched import matched_class, matched_layer, matched_target
from .models import Models
from .predictions import Prediction
from .shown import Shown
from .wire import prediction_state

# Pictures that differ by no more than rounding are one picture.
_SAME = 2


@dataclass(frozen=True)
class Change:
    """What two models say of one class; None where a model has no such class."""

    name: str
    index: int | None
    """Of the first model."""
    here: Prediction | None
    there: Prediction | None

    @property
    def size(self) -> float:
        """How far they are apart."""
        values = [0.0 if said is None else said.value for said in (self.here, self.there)]
        return abs(values[1] - values[0])

    def state(self) -> dict[str, Any]:
        """As the browser takes it."""
        sides = {"here": self.here, "there": self.there}
        told = {side: said and prediction_state(said) for side, said in sides.items()}
        return {"name": self.name, "index": self.index, **told}


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a second model answers to the question that a first one has answered.

    Attributes
    ----------
    name
        The second model's.
    here, there
        The two explorations.
    first, second
        What both show; None of a second model that cannot be asked the same.
    why_not
        Why it cannot; empty if it can.
    """

    name: str
    here: Exploration
    there: Exploration
    first: Shown
    second: Shown | None
    why_not: str = ""

    @property
    def index(self) -> int:
        """The picture's index."""
        return self.first.choice.image_index

    @property
    def top(self) -> tuple[Prediction | None, Prediction | None]:
        """What each model says first; None of one that finds nothing."""
        mine, other = (each.predictions(self.index, 1) for each in (self.here, self.there))
        return mine[0] if mine else None, other[0] if other else None

    @property
    def changed_mind(self) -> bool:
        """Whether the two models name different classes first."""
        mine, other = self.top
        if mine is None or other is None:
            return mine is not other
        return matched_class(mine.index, self.here.answers, self.there.answers) != other.index

    @property
    def changes(self) -> list[Change]:
        """What both say of the likeliest classes of each, those first of which they say the most different things."""
        here, there = self.here, self.there
        found: dict[object, Change] = {}
        for said in here.predictions(self.index):
            place = matched_class(said.index, here.answers, there.answers)
            other = None if place is None else _said(there, place, self.index)
            found["here", said.index] = Change(said.name, said.index, said, other)
        for said in there.predictions(self.index):
            place = matched_class(said.index, there.answers, here.answers)
            if place is None:
                found["there", said.index] = Change(said.name, None, None, said)
            elif ("here", place) not in found:
                mine = _said(here, place, self.index)
                found["here", place] = Change(mine.name, place, mine, said)
        return sorted(found.values(), key=lambda change: -change.size)

    @cached_property
    def same_picture(self) -> bool:
        """Whether both models are given the same picture, pixel for pixel."""
        one, other = (each.prepared(self.index).picture for each in (self.here, self.there))
        return same_pixels(one, other)

    @property
    def why_no_difference(self) -> str:
        """Why the maps cannot be subtracted; empty if they can."""
        if self.second is None:
            return self.why_not
        readings = [each.answers.reading for each in (self.here, self.there)]
        if len({(each.tells_areas, each.finds_boxes) for each in readings}) > 1:
            return "The models answer with different kinds of things, so their maps are not subtracted."
        sizes = [each.map["size"] for each in (self.first, self.second)]
        if sizes[0] != sizes[1]:
            one, other = (" x ".join(map(str, size)) for size in sizes)
            return (
                f"The models are given {one} and {other} pixels of the picture, so their maps are not subtracted. "
                "Where both take the same size, give one transform= for both."
            )
        if not self.same_picture:
            return (
                "The models are given different cuts or colours of the picture, so their maps are not subtracted. "
                "Where both take the same input, give one transform= for both."
            )
        return ""

    @property
    def difference(self) -> NDArray[np.float32] | None:
        """The second model's map less the first's, in the attribution's own unit, ``float32`` ``(H, W)``.

        None if that means nothing, as `why_no_difference` says.
        """
        if self.second is None or self.why_no_difference:
            return None
        return true_values(self.second) - true_values(self.first)

    @property
    def common_range(self) -> tuple[float, float]:
        """The least and the greatest value of both maps, upsampled."""
        both = [true_values(each) for each in (self.first, self.second) if each is not None]
        return float(min(each.min() for each in both)), float(max(each.max() for each in both))


def same_pixels(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two pictures differ by no more than rounding."""
    if one.shape != other.shape:
        return False
    return bool(np.abs(one.astype(np.int16) - other).max(initial=0) <= _SAME)


def true_values(shown: Shown) -> NDArray[np.float32]:
    """A map at its picture's size in the attribution's own unit, ``float32`` ``(H, W)``; of grey levels alone, exact to half of one."""
    size = tuple(shown.map["size"])
    if shown.explanation is not None:
        maps = shown.explanation.maps().float().cpu()
    else:
        levels = np.frombuffer(shown.map["data"], np.uint8).reshape(1, *shown.map["shape"])
        low, high = shown.map["range"]
        maps = torch.from_numpy(low + levels.astype(np.float32) / 255 * (high - low))
    found: NDArray[np.float32] = upsample(maps.float(), size)[0].numpy()
    return found


def same_question(
    models: Models, choice: Choice, target: int, beside: str | None
) -> tuple[Choice | None, str]:
    """A choice as it is asked of the second model, about the class explained; or why it cannot be asked.

    Parameters
    ----------
    choice
        As it is asked of the first model.
    target
        The class or target that the first model's answer is about.
    """
    here, there = models.explored(choice.model), models.explored(beside)
    index, method = choice.image_index, method_named(choice.method)
    answers = there.answers_on(index)
    found = matched_target(target, here.answers_on(index), answers)
    if found is None:
        return None, f"{beside} has no class '{here.answers.name(target)}'."
    if choice.method not in [known.name for known in there.methods(index)]:
        return None, f"{beside} does not allow {method.label}."
    layer = None
    if method.uses_layer:
        layer = layer_beside(choice.layer, here, there, index)
        if layer is None:
            return None, f"{beside} has no layer to explain."
    asked = replace(choice, model=beside, beside=None, target=found, layer=layer)
    return asked, ""


def layer_beside(
    layer: str | None, here: Exploration, there: Exploration, index: int
) -> str | None:
    """The other model's layer: one of the same name is offered there too, if it can be."""
    offered = there.layers(index)
    if layer is not None and layer not in offered and layer in dict(there.model.named_modules()):
        try:
            there.offer(layer, index)
        except (TypeError, ValueError):
            return matched_layer(layer, here.layers(index), offered)
        return layer
    return matched_layer(layer, here.layers(index), offered)


def compare(
    models: Models,
    shown: Shown,
    beside: str,
    answer: Callable[[Exploration, Choice], Shown],
) -> Comparison:
    """Ask a second model what a first one has answered.

    Parameters
    ----------
    shown
        What the first model shows.
    beside
        The second model's name.
    answer
        How a choice is answered.
    """
    choice, there = shown.choice, models.explored(beside)
    here = models.explored(choice.model)
    asked, why = same_question(models, choice, shown.map["target"]["index"], beside)
    second = None if asked is None else answer(there, asked)
    return Comparison(beside, here, there, shown, second, why)


def _said(exploration: Exploration, target: int, index: int) -> Prediction:
    return exploration.said.prediction(target, exploration.said.value(target, index), index)
