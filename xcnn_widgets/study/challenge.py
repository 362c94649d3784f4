"""The challenge: lower a class, hiding as little as you can, against Grad-CAM and against chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..bounded_cache import BoundedCache
from ..imaging import Mask, mask_from_heatmap, region_by_chance
from .choice import Choice
from .hiding import Answer, Hiding, Question

Cancel = Callable[[], bool] | None
# Two floats each.
_RIVALS_KEPT = 500


@dataclass(frozen=True)
class Challenge:
    """What was hidden, held against the goal and against two rivals that hide as many pixels.

    Probabilities and shares are 0 to 1.
    """

    goal: float
    """The target is to fall below it."""

    target: str
    before: float
    """The target's probability on the whole picture."""

    hidden: float
    """The share of the picture that is hidden: the score, the lower the better."""

    after: float
    """The target's probability now."""

    after_grad_cam: float | None
    """The same, had Grad-CAM's top region of this area been hidden; None if it has no map."""

    after_chance: float
    """The same, had a region by chance of this area been hidden."""

    best: dict[str, Any] | None
    """The attempt of the history that got below the goal with the least hidden."""

    @property
    def reached(self) -> bool:
        """Whether the target is below the goal now."""
        return self.after < self.goal

    @property
    def is_open(self) -> bool:
        """Whether there is something to do: the target starts at the goal or above it."""
        return self.before >= self.goal


def first_goal(start: float) -> float:
    """A goal to begin with: 0.5, or about half of a probability that is no more than that.

    Examples
    --------
    >>> first_goal(0.97), first_goal(0.323), first_goal(0.0123)
    (0.5, 0.2, 0.006)
    """
    return 0.5 if start > 0.5 else max(float(f"{start / 2:.1g}"), 1e-6)


class Rivals:
    """Asks the network what two rivals achieve with the area that a person hid.

    One is the top region of Grad-CAM's own heatmap, the other a region by chance.
    """

    def __init__(self, hiding: Hiding) -> None:
        self._hiding = hiding
        self._known: BoundedCache[tuple[object, ...], float] = BoundedCache(
            _RIVALS_KEPT, lambda _: 1
        )

    def score(
        self,
        question: Question,
        answer: Answer,
        history: Iterable[dict[str, Any]],
        *,
        goal: float,
        seed: int,
        layer: str | None,
        cancelled: Cancel = None,
    ) -> Challenge:
        """Hold an answer against the goal and the rivals."""
        index, target = question.image_index, answer.target
        tried = [
            each
            for each in history
            if (each["image_index"], each["target_index"]) == (index, target.index)
            and each["after"] < goal
        ]
        return Challenge(
            goal,
            target.name,
            target.before,
            answer.hidden,
            target.after,
            self._after_grad_cam(question, target.index, layer, cancelled),
            self._after_chance(question, target.index, seed, cancelled),
            min(tried, key=lambda each: each["hidden"], default=None),
        )

    def close(self) -> None:
        """Let go of everything found."""
        self._known.clear()

    def _after_grad_cam(
        self, question: Question, target: int, layer: str | None, cancelled: Cancel
    ) -> float | None:
        """The target's probability with Grad-CAM's top region hidden, as many pixels as are hidden now."""
        index, exploration = question.image_index, self._hiding.exploration
        if "grad_cam" not in [method.name for method in exploration.methods(index)]:
            return None
        choice = Choice(index, "grad_cam", layer, target, 1, 1)
        heatmap = np.asarray(exploration.explain(choice).heatmaps()[0])
        if not heatmap.any():
            return None
        share = float(np.mean(question.mask))
        region = mask_from_heatmap(heatmap, share)
        return self._after(question, target, ("grad_cam", layer), region, cancelled)

    def _after_chance(self, question: Question, target: int, seed: int, cancelled: Cancel) -> float:
        """The target's probability with a region by chance hidden, as many pixels as are hidden now."""
        mask = question.mask
        region = region_by_chance(mask.shape, int(mask.sum()), seed)
        return self._after(question, target, ("chance", seed), region, cancelled)

    def _after(
        self,
        question: Question,
        target: int,
        rival: tuple[object, ...],
        region: Mask,
        cancelled: Cancel,
    ) -> float:
        key = (question.image_index, question.fill, target, int(region.sum()), *rival)
        found = self._known.get(key)
        if found is None:
            instead = replace(question, mask=region, target=target)
            found = self._hiding.ask(instead, cancelled).target.after
            self._known.put(key, found)
        return found
