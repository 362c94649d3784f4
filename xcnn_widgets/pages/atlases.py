"""The views of several models computed ahead: an atlas for each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ..study import (
    Choice,
    Comparison,
    Models,
    Shown,
    layer_states,
    method_states,
    offered_styles,
    reading_state,
    standing,
)
from .atlas import Atlas
from .heads import EveryClass

# A page that knows atlases of one model only refuses those of several.
VERSION = 2


class Atlases:
    """Views by model, and of each as an `Atlas` keeps them.

    Parameters
    ----------
    models
        Where pictures and predictions come from.
    """

    def __init__(self, models: Models) -> None:
        self._models = models
        self._atlases: dict[str | None, Atlas] = {}

    def __len__(self) -> int:
        return sum(map(len, self._atlases.values()))

    @property
    def bytes(self) -> int:
        """The bytes of all maps and pictures."""
        return sum(atlas.bytes for atlas in self._atlases.values())

    @property
    def every_class(self) -> EveryClass:
        """What answers every class of the first model; of several models nothing does."""
        return self.of(self._models.first).every_class

    def of(self, model: str | None) -> Atlas:
        """The atlas of one model."""
        if model not in self._atlases:
            self._atlases[model] = Atlas(partial(self._models.explored, model))
        return self._atlases[model]

    def get(self, choice: Choice) -> Shown | None:
        """What is shown of a choice; None if it is not there."""
        return self.of(choice.model).get(choice)

    def image(self, choice: Choice) -> dict[str, Any] | None:
        """The ``picture`` and the ``predictions`` of a choice's image, if there is a view of it."""
        return self.of(choice.model).image(choice.image_index)

    def add(self, shown: Shown, comparison: Comparison | None = None) -> None:
        """Keep what is shown of a choice, and what of another model stands beside it."""
        self.of(shown.choice.model).add(shown)
        if comparison is not None and comparison.second is not None:
            self.add(comparison.second)

    def clear(self) -> None:
        """Forget everything."""
        self._atlases.clear()

    def state(self) -> dict[str, Any]:
        """All of it, as it goes to a page: of one model its atlas, of several those that hold a view, by name."""
        if len(self._models) == 1:
            return self.of(self._models.first).state()
        return {"version": VERSION, "models": dict(self._states())}

    def _states(self) -> Iterator[tuple[str | None, dict[str, Any]]]:
        seen: dict[bytes, str | None] = {}
        names: list[str] | None = None
        for name in self._models.names:
            if not len(self.of(name)):
                continue
            state = self.of(name).state()
            facts = self._facts(name, state["images"][0]["picture"]["index"])
            if facts["class_names"] == names:
                # A thousand names once are enough.
                facts["class_names"] = None
            else:
                names = facts["class_names"] if names is None else names
            images = [_shared(image, name, seen) for image in state["images"]]
            yield name, {**state, "images": images, "facts": facts}

    def _facts(self, name: str | None, index: int) -> dict[str, Any]:
        """What there is to choose of a model."""
        exploration = self._models.explored(name)
        answers = exploration.answers_on(index)
        return {
            "methods": method_states(
                exploration.methods(index), offered_styles(exploration, index)
            ),
            "layers": layer_states(exploration.layer_shapes(index), exploration.model),
            "class_names": answers.names(listed=True),
            "reading": standing(reading_state(answers.reading)),
        }


def _shared(
    image: dict[str, Any], name: str | None, seen: dict[bytes, str | None]
) -> dict[str, Any]:
    """An image; of a picture that another model is given as well only whose it is."""
    picture = image["picture"]
    data = bytes(picture["data"])
    first = seen.setdefault(data, name)
    if first == name:
        return image
    return {**image, "picture": {**picture, "data": None, "of": first}}
