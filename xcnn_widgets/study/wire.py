"""From answers to what goes over the wire: small grids, PNG bytes, plain dicts."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from ..imaging import Prepared, mosaic
from ..methods import Explanation, Method, method_named
from ..network import layer_kind
from .predictions import Prediction
from .reading import Reading


def picture_state(prepared: Prepared, index: int, name: str) -> dict[str, Any]:
    """The picture itself, which goes to the browser once.

    All slices of a volume go as one picture, with how many stand side by side in it; a signal goes as the
    ``float32`` values of its lines, with the channels that they are.
    """
    state = {"size": list(prepared.size), "index": index, "name": name}
    if prepared.lines:
        values = prepared.input.numpy()[list(prepared.lines)]
        return {**state, "data": values.astype("<f4").tobytes(), "lines": list(prepared.lines)}
    if prepared.picture.ndim == 4:
        laid, columns = mosaic(prepared.picture)
        return {**state, "data": png(laid), "columns": columns}
    return {**state, "data": png(prepared.picture)}


def map_state(
    explanation: Explanation,
    index: int,
    explained: Prediction,
    parts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A map as its own small grid of bytes: 0 is the least true value, 255 the greatest.

    `parts` are what else it is painted with.
    """
    values = explanation.maps()[0].float().cpu().numpy()
    low, high = explanation.ranges()[0]
    return {
        "data": quantised(values, low, high).tobytes(),
        "shape": list(values.shape),
        "range": [low, high],
        "size": list(explanation.size),
        "method": explanation.method,
        "layer": explanation.layer,
        "target": prediction_state(explained),
        "image_index": index,
        **(parts or {}),
    }


def quantised(values: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    """Values between low and high as grey levels, rounded; a constant map as all zeros."""
    if not high > low:
        return np.zeros(values.shape, np.uint8)
    levels: NDArray[np.uint8] = np.rint((values - low) / (high - low) * 255).astype(np.uint8)
    return levels


def prediction_state(prediction: Prediction) -> dict[str, Any]:
    """One class, as the browser takes it: with its ``probability``, or with a ``value`` that is none."""
    kind = "probability" if prediction.is_probability else "value"
    return {"index": prediction.index, "name": prediction.name, kind: prediction.value}


def reading_state(reading: Reading) -> dict[str, Any]:
    """How scores are read, and how else they can be, as the browser takes it."""
    return {
        "activation": reading.activation,
        "choices": list(reading.choices),
        "has_winner": reading.has_winner,
        "tells_areas": reading.tells_areas,
        "finds_boxes": reading.finds_boxes,
        "can_ask": True,
        "why": reading.why,
    }


def standing(reading: Mapping[str, Any]) -> dict[str, Any]:
    """How scores are read, where no kernel can read them in another way."""
    return {**reading, "choices": [reading["activation"]], "can_ask": False} if reading else {}


def method_states(
    methods: Iterable[Method], styles: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    """The methods to choose from: what they say of themselves, the options that have a control, and how maps are painted."""
    return [
        {
            "name": method.name,
            "label": method.label,
            "uses_layer": method.uses_layer,
            "options": [option for option in method.options if option in ("patch", "stride")],
            "family": method.family,
            "library": method.library,
            "cost": method.cost,
            "is_signed": method.is_signed,
            "is_class_discriminative": method.is_class_discriminative,
            "sentence": method.sentence,
            "source": method.source,
            "styles": styles[method.name],
        }
        for method in methods
    ]


def layer_states(shapes: dict[str, tuple[int, ...]], model: nn.Module) -> list[dict[str, Any]]:
    """The layers to choose from, first to last, with the kinds of modules that they are."""
    return [
        {"name": name, "shape": list(shape), "kind": layer_kind(model, name)}
        for name, shape in shapes.items()
    ]


def sentence(explanation: Explanation, explained: Prediction, picture: str) -> str:
    """What is shown, in one line, for eyes and screen readers."""
    at = f" at {explanation.layer}" if explanation.layer is not None else ""
    label = method_named(explanation.method).label
    return f"{label}{at} for {explained.name} ({explained.text}) in {picture}"


def png(picture: NDArray[np.uint8]) -> bytes:
    """Encode a picture without loss; fast rather than small, for it goes over the wire once."""
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "PNG", compress_level=3)
    return encoded.getvalue()
