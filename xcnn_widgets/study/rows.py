"""The rows of a gallery's page, as they go to the browser."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..imaging.preprocessing import Prepared
from ..methods.explanation import Explanation
from ..methods.table import METHODS
from ..metrics.agreement import disagreement
from ..widgets.live_view import in_words
from .asking import Answer, Ask
from .choice import Choice
from .maps import TileMap, tiles_of
from .predictions import Prediction
from .wire import percent, prediction_state
from .work import GalleryWork

Row = dict[str, Any]


def picture_row(work: GalleryWork, index: int, ask: Ask, answer: Answer) -> Row:
    """The row of a picture that was explained."""
    names = work.exploration.class_names
    target = work.target_class(index, ask.target)
    assert target is not None
    row = judged_row(work, index, answer.prepared)
    row["maps"] = {
        name: map_state(
            tile,
            Prediction(target, names.name(target), tile.probability),
            ask.layer if METHODS[name].uses_layer else None,
        )
        for name, tile in answer.tiles.items()
    }
    row["disagreement"] = work.disagreements(ask).get(index)
    return row


def judged_row(work: GalleryWork, index: int, prepared: Prepared) -> Row:
    """The row of a picture of which the model's answer is known, without maps."""
    names, verdict = work.exploration.class_names, work.verdicts[index]
    row = _described(work, index, prepared)
    row["prediction"] = prediction_state(
        Prediction(verdict.index, names.name(verdict.index), verdict.probability)
    )
    row["right"] = verdict.right
    return row


def failed_row(work: GalleryWork, index: int, cause: str, title: str = "") -> Row:
    """The row of what could not be read or explained: its name, and why."""
    name = work.exploration.pictures.name(index)
    return {**_EMPTY, "index": index, "name": name, "title": title, "error": cause}


def compared(
    work: GalleryWork, kind: str, index: int, ask: Ask
) -> list[tuple[str, str | None, int | None]]:
    """Title, layer and class of each row of a comparison; class None is the prediction.

    Raises
    ------
    Exception
        Whatever reading the picture, or the model on it, raises.
    """
    exploration = work.exploration
    if kind == "layers":
        target = None if ask.target == "predicted" else work.target_class(index, ask.target)
        shapes = exploration.layer_shapes(index)
        return [(layer_title(name, shape), name, target) for name, shape in shapes.items()]
    return [(class_title(p), ask.layer, p.index) for p in exploration.predictions(index)]


def layer_title(name: str, shape: Sequence[int]) -> str:
    """What a row about a layer is called, for maps of a shape ``(C, h, w)``."""
    return f"{name} ({' x '.join(map(str, shape))})"


def class_title(prediction: Prediction) -> str:
    """What a row about a class is called."""
    return f"{prediction.name} ({percent(prediction.probability)})"


def comparison_rows(
    work: GalleryWork, index: int, ask: Ask, wanted: list[tuple[str, str | None, int | None]]
) -> Iterator[Row]:
    """One picture's rows, from one forward pass; only the first that could be explained brings the picture."""
    exploration = work.exploration
    prepared, has_picture = exploration.prepared(index), False
    for title, layer, target in wanted:
        try:
            answers = [
                exploration.explain(Choice(index, name, layer, target, patch=1, stride=1))
                for name in ask.methods
            ]
        except Exception as error:
            yield failed_row(work, index, in_words(error), title)
            continue
        row = _described(work, index, prepared)
        row |= {"title": title, "disagreement": _disagreement(answers)}
        row["maps"] = {
            answer.method: map_state(
                tiles_of(answer)[0], exploration.explained(answer), answer.layer
            )
            for answer in answers
        }
        row["prediction"] = prediction_state(exploration.predictions(index, 1)[0])
        if has_picture:
            row["picture"] = None
        has_picture = True
        yield row


def map_state(tile: TileMap, target: Prediction, layer: str | None) -> dict[str, Any]:
    """A map as it goes to the browser, with the class and the layer that it is about."""
    return {
        "data": tile.data,
        "shape": list(tile.shape),
        "range": [tile.low, tile.high],
        "target": prediction_state(target),
        "layer": layer,
    }


_EMPTY: Row = {
    "picture": None,
    "size": [1, 1],
    "label": None,
    "right": None,
    "prediction": None,
    "title": "",
    "disagreement": None,
    "maps": {},
    "error": "",
}


def _described(work: GalleryWork, index: int, prepared: Prepared) -> Row:
    label = work.labels.of(index)
    shown = work.exploration.class_names.name(label) if isinstance(label, int) else label
    return {
        **_EMPTY,
        "index": index,
        "name": work.exploration.pictures.name(index),
        "picture": jpeg(prepared.picture),
        "size": list(prepared.picture.shape[:2]),
        "label": shown,
    }


def _disagreement(answers: list[Explanation]) -> float | None:
    if len(answers) < 2:
        return None
    first, second = (answer.maps() for answer in answers[:2])
    return float(disagreement(first, second))


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """A picture as it goes to the browser."""
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "JPEG", quality=88)
    return encoded.getvalue()
