"""The second model of an explorer: asked what the first one has answered, and shown beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ...pages import Atlases
from ...study import (
    Choice,
    Comparison,
    Exploration,
    Models,
    Shown,
    compare,
    picture_state,
    prediction_state,
    same_question,
)


class SecondModel:
    """Answers a choice's question with the model that stands beside.

    Parameters
    ----------
    models, atlases
        Where answers come from.
    """

    def __init__(self, models: Models, atlases: Atlases) -> None:
        self._models = models
        self._atlases = atlases

    def is_known(self, choice: Choice) -> bool:
        """Whether nothing has to be computed for it, where the first model's answer is known."""
        if choice.beside is None:
            return True
        here = self._models.explored(choice.model)
        asked = choice.target
        if asked is None:
            found = here.predictions(choice.image_index, 1)
            asked = found[0].index if found else 0
        other, _ = same_question(self._models, choice, asked, choice.beside)
        if other is None:
            return True
        there = self._models.explored(choice.beside)
        return there.found(other) is not None or self._atlases.get(other) is not None

    def compare(
        self,
        shown: Shown,
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Comparison | None:
        """What tells the two models apart on what is shown; None where no model stands beside."""
        if shown.choice.beside is None:
            return None
        answer = partial(self._answer, progress=progress, cancelled=cancelled)
        return compare(self._models, shown, shown.choice.beside, answer)

    def _answer(
        self,
        exploration: Exploration,
        choice: Choice,
        progress: Callable[[float], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> Shown:
        saved = None if exploration.found(choice) else self._atlases.get(choice)
        if saved is not None:
            return saved
        return Shown.of(exploration, choice, exploration.explain(choice, progress, cancelled))


def beside_state(comparison: Comparison | None) -> dict[str, Any] | None:
    """What stands beside, as the browser takes it; the picture only where it is another one."""
    if comparison is None:
        return None
    index, there = comparison.index, comparison.there
    second = comparison.second
    picture = None
    if second is not None and not comparison.same_picture:
        picture = picture_state(there.prepared(index), index, there.pictures.name(index))
    return {
        "model": comparison.name,
        "map": None if second is None else second.map,
        "picture": picture,
        "why_not": comparison.why_not,
        "why_no_difference": comparison.why_no_difference,
        "top": [said and prediction_state(said) for said in comparison.top],
        "changed_mind": comparison.changed_mind,
        "changes": [change.state() for change in comparison.changes],
    }
