"""Asks what a map is worth: of random networks, of the picture without its pixels, and of another class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..methods import Explanation, IsCancelled, Progress, method_named, upsample
from ..metrics import (
    REFERENCE_MAPS,
    Scored,
    deletion_of,
    hottest_first,
    insertion_of,
    randomisation,
    rank_correlation,
)
from ..network import Activation
from .choice import Choice
from .exploration import Exploration
from .predictions import Prediction
from .trust import OtherClass, RandomNetworks, Removal, Trust
from .words import in_words

# The classifier, and seven groups of the layers below it: seconds on a processor.
_STOPS = 8
_STEPS = 20

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Doubted:
    """A map that is asked about: the choice with its class, the map, and what the network says of the class."""

    choice: Choice
    explanation: Explanation
    explained: Prediction


class Doubts:
    """Asks what a map of an exploration is worth; the model itself is never changed.

    Examples
    --------
    >>> from torch import nn
    >>> model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> picture = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8)
    >>> to_input = lambda picture: torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 255
    >>> doubts = Doubts(Exploration(model, picture, ["a", "b", "c", "d"], transform=to_input))
    >>> doubts.trust(Choice(0, "saliency", None, 2, 4, 4)).randomised.layers
    ('0',)
    """

    def __init__(self, exploration: Exploration) -> None:
        self.exploration = exploration

    def doubted(self, choice: Choice, cancelled: IsCancelled = None) -> Doubted:
        """The map of a choice.

        Raises
        ------
        ValueError
            If these checks do not fit the model, or the map is the same everywhere.
        """
        exploration = self.exploration
        if len(exploration.prepared(choice.image_index).size) != 2:
            raise ValueError(
                "these checks are shown for pictures; xcnn_widgets.metrics takes signals and volumes"
            )
        if exploration.answers_on(choice.image_index).reading.finds_boxes:
            raise ValueError(
                "a detector finds other boxes in every changed picture and network, so there is no one answer to follow"
            )
        found = exploration.explain(choice, cancelled=cancelled)
        low, high = found.ranges()[0]
        if not high > low:
            raise ValueError("the map is the same everywhere, so there is nothing to check")
        explained = exploration.explained(choice, found)
        return Doubted(replace(choice, target=explained.index), found, explained)

    def randomised(
        self, about: Doubted, progress: Progress = None, cancelled: IsCancelled = None
    ) -> RandomNetworks:
        """The maps of networks that are random from the classifier down, at most 8; errors as of `randomisation`."""
        exploration, choice = self.exploration, about.choice
        index, method = choice.image_index, method_named(choice.method)
        options: dict[str, Any] = {**choice.options(), **exploration.call([index])}
        found = randomisation(
            exploration.model,
            self._inputs(index),
            method,
            exploration.answers.asked(choice.target),
            choice.layer if method.uses_layer else None,
            steps=_STOPS,
            progress=progress,
            cancelled=cancelled,
            **options,
        )
        return RandomNetworks(
            found.layers,
            found.rank_correlation[:, 0].numpy(),
            _numbers(found.maps[:, 0]),
            _numbers(found.trained[0]),
        )

    def removed(
        self, about: Doubted, progress: Progress = None, cancelled: IsCancelled = None
    ) -> Removal:
        """The curves of the map, of a random map and of the picture's edges, 20 steps each; errors as of `deletion`."""
        exploration, choice = self.exploration, about.choice
        index = choice.image_index
        inputs = self._inputs(index)
        size = tuple(inputs.shape[2:])
        maps = {
            "map": upsample(about.explanation.maps().float().cpu(), size),
            **{name: REFERENCE_MAPS[name](inputs.cpu(), 0) for name in ("random", "sobel")},
        }
        asked, activation = exploration.answers.asked(choice.target), self._activation(choice)
        # The model as it is now: a pass kept from before it was trained on would not fit the other scores.
        call = exploration.call([index])
        scored = Scored.of_model(exploration.model, inputs, asked, activation, **call)
        curves: dict[str, dict[str, NDArray[np.float32]]] = {"deletion": {}, "insertion": {}}
        number = 0
        for kind, curve in (("deletion", deletion_of), ("insertion", insertion_of)):
            for name, heat in maps.items():

                def tell(share: float, number: int = number) -> None:
                    if progress is not None:
                        progress((number + share) / (2 * len(maps)))

                found = curve(scored, heat, steps=_STEPS, progress=tell, cancelled=cancelled)
                if not found.scores.isfinite().all():
                    raise FloatingPointError(
                        "the model's answer without some pixels has NaN or infinite values"
                    )
                curves[kind][name] = _numbers(found.scores[0])
                number += 1
        ranks = hottest_first(maps["map"], seed=0)[0].reshape(size)
        order = (ranks * _STEPS // ranks.numel() + 1).to(torch.uint8).numpy()
        areas = exploration.answers.reading.tells_areas
        is_probability = activation is not None and about.explained.is_probability and not areas
        return Removal(_numbers(found.shares), **curves, order=order, is_probability=is_probability)

    def other(self, about: Doubted, cancelled: IsCancelled = None) -> OtherClass:
        """How alike the map of the likeliest other class is.

        Raises
        ------
        ValueError
            If the model tells no other class.
        """
        exploration, choice = self.exploration, about.choice
        told = exploration.predictions(choice.image_index, 2)
        count = exploration.answers.class_count
        others = [each for each in told if each.index != choice.target and each.index < count]
        if not others:
            raise ValueError("the model tells no other class to compare with")
        found = exploration.explain(replace(choice, target=others[0].index), cancelled=cancelled)
        alike = rank_correlation(about.explanation.maps().float(), found.maps().float())
        return OtherClass(others[0].name, float(alike[0]))

    def trust(self, choice: Choice) -> Trust:
        """All three checks, one after the other; one that does not fit says why."""
        about = self.doubted(choice)
        why: dict[str, str] = {}
        randomised = attempt("randomised", why, lambda: self.randomised(about))
        removed = attempt("removed", why, lambda: self.removed(about))
        other = attempt("other", why, lambda: self.other(about))
        return Trust(
            self.exploration.pictures.name(choice.image_index),
            choice.method,
            about.explanation.layer,
            about.explained.name,
            randomised,
            removed,
            other,
            why,
        )

    def _inputs(self, index: int) -> Tensor:
        return self.exploration.prepared(index).input.unsqueeze(0)

    def _activation(self, choice: Choice) -> Activation | None:
        """What makes what people read of the model's scores; None of a target of a person's own."""
        answers, reading = self.exploration.answers, self.exploration.answers.reading
        if callable(answers.asked(choice.target)):
            return None
        if reading.is_applied or reading.tells_areas:
            return "none"
        return "sigmoid" if reading.is_two_sided else reading.activation


def attempt(name: str, why: dict[str, str], check: Callable[[], Found]) -> Found | None:
    """What a check finds; None if it does not fit, and `why` then says so."""
    try:
        return check()
    except (TypeError, ValueError, FloatingPointError, RuntimeError) as error:
        why[name] = in_words(error)
        return None


def _numbers(values: Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = values.detach().float().cpu().numpy()
    return found
