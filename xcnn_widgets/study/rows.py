"""The rows of a gallery's page, as they go to the browser."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..imaging import Prepared
from ..methods import Explanation
from ..metrics import disagreement
from ..network import Cancelled
from .asking import Answer, Ask, column
from .choice import Choice
from .maps import TileMap, tiles_of
from .predictions import Prediction
from .run_options import first_window
from .wire import prediction_state
from .words import in_words
from .work import Work

Row = dict[str, Any]


def picture_rows(work: Work, ask: Ask, answers: Mapping[int, Answer | None]) -> dict[int, Row]:
    """The rows of pictures that were explained, or could not be."""
    prediction = work.exploration.answers.prediction
    apart = work.findings.disagreements(ask)
    rows = {}
    for index, answer in answers.items():
        if answer is None:
            cause = work.findings.failure(index, ask) or "it could not be explained"
            rows[index] = failed_row(work, index, cause)
            continue
        row = rows[index] = judged_row(work, index, answer.prepared)
        target, said = answer.target, row["prediction"]
        if target != said["index"]:
            said = prediction_state(prediction(target, next(iter(answer.tiles.values())).value))
        row["maps"] = {
            method: map_state(tile, said, ask.layers[method])
            for method, tile in answer.tiles.items()
        }
        row["disagreement"] = apart.get(index)
        if work.others:
            beside = {other.name: other.maps(ask, answer) for other in work.others}
            row["maps"] = with_columns(row["maps"], beside)
            row["map_change"] = work.facts(ask)(index).map_change
            for told, other in zip(row["beside"], work.others, strict=True):
                told["why_no_maps"] = other.why_no_maps(index, ask)
    return rows


def with_columns(
    maps: Mapping[str, Any], beside: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """A row's maps, with those of other models beside them: those of one method stand together."""
    columns: dict[str, Any] = {}
    for method, state in maps.items():
        columns[method] = state
        found = {name: states[method] for name, states in beside.items() if method in states}
        columns |= {column(method, name): other for name, other in found.items()}
    return columns


def judged_row(work: Work, index: int, prepared: Prepared) -> Row:
    """The row of a picture of which the model's answer is known, without maps."""
    verdict = work.findings.verdicts[index]
    prediction = work.exploration.answers.prediction
    return {
        **_described(work, index, prepared),
        **others_state(work, index),
        "prediction": prediction_state(prediction(verdict.index, verdict.value)),
        "others": [prediction_state(prediction(*other)) for other in verdict.others],
        "right": verdict.right,
    }


def others_state(work: Work, index: int) -> dict[str, Any]:
    """What other models say of a picture, and whether the last of them changed its mind; nothing where there are none."""
    if not work.others:
        return {}
    first = Ask((), None, "predicted")
    return {
        "model": work.name,
        "beside": [other.said(index) for other in work.others],
        "changed": work.others[-1].change(index, first).changed,
    }


def failed_row(work: Work, index: int, cause: str, title: str = "") -> Row:
    """The row of what could not be read or explained: its name, and why."""
    name = work.exploration.pictures.name(index)
    return {**EMPTY_ROW, "index": index, "name": name, "title": title, "error": cause}


class Compared(NamedTuple):
    """What one row of a comparison is about; `target` None is the prediction."""

    title: str
    layer: str | None
    target: int | None


def compared(work: Work, kind: str, index: int, ask: Ask) -> list[Compared]:
    """The rows of a comparison of ``layers`` or ``classes`` of one picture.

    Raises
    ------
    Exception
        Whatever reading the picture, or the model on it, raises.
    """
    exploration = work.exploration
    if kind == "layers":
        predicted = ask.target == "predicted"
        target = None if predicted else work.findings.target_class(index, ask.target)
        shapes = exploration.layer_shapes(index)
        return [Compared(layer_title(name, shape), name, target) for name, shape in shapes.items()]
    return [Compared(class_title(p), ask.layer, p.index) for p in exploration.predictions(index)]


def layer_title(name: str, shape: Sequence[int]) -> str:
    """What a row about a layer is called, for maps of a shape ``(C, h, w)``."""
    return f"{name} ({' x '.join(map(str, shape))})"


def class_title(prediction: Prediction) -> str:
    """What a row about a class is called."""
    return f"{prediction.name} ({prediction.text})"


def comparison_rows(
    work: Work,
    index: int,
    ask: Ask,
    wanted: Sequence[Compared],
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Row]:
    """One picture's rows, from one forward pass; only the first that could be explained brings the picture."""
    exploration = work.exploration
    window = first_window(exploration.prepared(index).size)
    has_picture = False
    for title, layer, target in wanted:
        try:
            answers = [
                exploration.explain(Choice(index, name, layer, target, *window), None, cancelled)
                for name in ask.methods
            ]
        except Cancelled:
            return
        except Exception as error:
            yield failed_row(work, index, in_words(error), title)
            continue
        asked = Choice(index, ask.methods[0], layer, target, *window)
        about = exploration.explained(asked, answers[0])
        row = _described(work, index, exploration.prepared(index))
        row |= {"title": title, "disagreement": _disagreement(answers)}
        row["maps"] = {
            answer.method: map_state(
                tiles_of(answer, [about.value], work.paint(ask.style))[0],
                prediction_state(about),
                answer.layer,
            )
            for answer in answers
        }
        row["prediction"] = prediction_state(exploration.predictions(index, 1)[0])
        if work.others:
            row |= others_state(work, index)
            beside = {
                other.name: {
                    answer.method: found
                    for answer in answers
                    if (found := other.compared(index, answer.method, answer.layer, about.index))
                }
                for other in work.others
            }
            row["maps"] = with_columns(row["maps"], beside)
        if has_picture:
            row["picture"] = None
        has_picture = True
        yield row


def map_state(tile: TileMap, target: Mapping[str, Any], layer: str | None) -> dict[str, Any]:
    """A map as it goes to the browser, with the class, as it goes there, and the layer that it is about."""
    return {
        "data": tile.data,
        "shape": list(tile.shape),
        "range": [tile.low, tile.high],
        "target": target,
        "layer": layer,
        **tile.parts,
    }


EMPTY_ROW: Row = {
    "picture": None,
    "size": [1, 1],
    "label": None,
    "right": None,
    "prediction": None,
    "others": [],
    "title": "",
    "disagreement": None,
    "maps": {},
    "error": "",
}


def _described(work: Work, index: int, prepared: Prepared) -> Row:
    label = work.labels.of(index)
    shown = work.exploration.answers.name(label) if isinstance(label, int) else label
    return {
        **EMPTY_ROW,
        "index": index,
        "name": work.exploration.pictures.name(index),
        "picture": jpeg(prepared.picture),
        "size": list(prepared.picture.shape[:2]),
        "label": shown,
    }


def _disagreement(answers: Sequence[Explanation]) -> float | None:
    if len(answers) < 2:
        return None
    first, second = (answer.maps() for answer in answers[:2])
    return float(disagreement(first, second))


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """A picture as it goes to the browser."""
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "JPEG", quality=88)
    return encoded.getvalue()
