"""What a brush opens with."""

from __future__ import annotations

from typing import Any

from ...study import (
    Exploration,
    layer_states,
    method_states,
    offered_styles,
    picture_state,
    reading_state,
)


def opening_state(exploration: Exploration, index: int) -> dict[str, Any]:
    """Everything that the browser needs to draw the controls, found on a picture that can be read."""
    names = [exploration.pictures.name(i) for i in range(len(exploration.pictures))]
    return {
        "_images": [{"name": name} for name in names],
        "_picture": shown_picture(exploration, index),
        "_methods": method_states(exploration.methods(index), offered_styles(exploration, index)),
        "_layers": layer_states(exploration.layer_shapes(index), exploration.model),
        "_class_names": exploration.answers.names(),
        "_reading": reading_state(exploration.answers_on(index).reading),
    }


def shown_picture(exploration: Exploration, index: int) -> dict[str, Any]:
    """A picture, as the browser takes it."""
    return picture_state(exploration.prepared(index), index, exploration.pictures.name(index))
