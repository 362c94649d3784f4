"""What an explorer opens with."""

from __future__ import annotations

from typing import Any

from ...study import (
    Exploration,
    first_window,
    layer_states,
    method_states,
    offered_styles,
    reading_state,
)


def opening_state(exploration: Exploration, index: int) -> dict[str, Any]:
    """Everything that the browser needs to draw the controls, found on a picture that can be read."""
    methods, reading = exploration.methods(index), exploration.answers_on(index).reading
    first = exploration.predictions(index, 1)[0]
    names = [exploration.pictures.name(i) for i in range(len(exploration.pictures))]
    patch, stride = first_window(exploration.prepared(index).size)
    return {
        "method": methods[0].name,
        "layer": exploration.default_layer(index),
        "target": None if reading.has_winner else first.index,
        "activation": reading.activation,
        "_reading": reading_state(reading),
        "patch": patch,
        "stride": stride,
        "_images": [{"name": name} for name in names],
        "_methods": method_states(methods, offered_styles(exploration, index)),
        "_layers": layer_states(exploration.layer_shapes(index), exploration.model),
        "_class_names": exploration.answers.names(),
    }
