"""Where to look next, when a layer's map shows nothing."""

from __future__ import annotations

from dataclasses import replace

from ..methods import Explanation, method_named
from .choice import Choice
from .exploration import Exploration


def next_layer(exploration: Exploration, choice: Choice, explanation: Explanation) -> str:
    """Name the nearest layer before this one whose map is not zero, in a sentence.

    It is empty where the map says something, where no layer is offered before this one, where a map is NaN or
    infinite, and where to find out would take another forward pass.
    """
    index, method = choice.image_index, method_named(choice.method)
    if not method.uses_layer or method.is_slow or explanation.values.any():
        return ""
    layers = exploration.layers(index)
    if explanation.layer not in layers or not exploration.keeps(index):
        return ""
    before = layers[: layers.index(explanation.layer)]
    for layer in reversed(before):
        try:
            found = exploration.explain(replace(choice, layer=layer))
        except FloatingPointError:
            return ""
        if found.values.any():
            return f"The nearest layer before it whose map is not zero is {layer!r}"
    return "The map is zero at each layer offered before it, too" if before else ""
