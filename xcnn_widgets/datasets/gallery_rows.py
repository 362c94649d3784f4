"""Rows of results as rows of a gallery."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from ..methods import method_named
from ..study import EMPTY_ROW, Numbers, Row, metric_column, quantised
from .maps import map_of, parts_of
from .question import Question

_TOLD = (
    "index",
    "name",
    "label",
    "prediction",
    "prediction_index",
    "right",
    "top_names",
    "top_indices",
    "top_values",
    "explained",
    "explained_index",
    "thumbnail",
    "note",
    "error",
)


def columns_of(question: Question, methods: Sequence[str], metrics: Sequence[str]) -> list[str]:
    """The columns that rows of a gallery are made of."""
    apart = ["disagreement"] if len(question.methods) > 1 else []
    parts = [part for name in methods for part in parts_of(name)]
    measured = [metric_column(metric, name) for metric in metrics for name in methods]
    return [*_TOLD, question.said, *apart, *parts, *measured]


def gallery_row(told: Mapping[str, Any], question: Question, methods: Sequence[str]) -> Row:
    """A row, with the maps of some methods that are saved."""
    row: Row = {**EMPTY_ROW, "index": told["index"], "name": told["name"]}
    row |= {"picture": told["thumbnail"], "label": told["label"], "right": told["right"]}
    if told["thumbnail"]:
        # What is drawn is the thumbnail, and maps are drawn as large as that.
        width, height = Image.open(io.BytesIO(told["thumbnail"])).size
        row["size"] = [height, width]
    if told["error"]:
        return row | {"error": told["error"]}
    row["prediction"] = _said(question, told["prediction_index"], told["prediction"], told)
    row["others"] = _others(question, told)
    row["disagreement"] = told.get("disagreement")
    about = _said(question, told["explained_index"], told["explained"], told)
    row["maps"] = {name: _map(told, question, name, about) for name in methods}
    return row


def facts_of(told: Mapping[str, Any], question: Question) -> dict[str, Any]:
    """What a page without a kernel is told of a picture beside its row."""
    label = told["label_index"]
    named = (
        "it has no label"
        if told["label"] is None
        else f"its label is {told['label']!r}, which is none of the model's classes"
    )
    likely = zip(
        told["top_indices"] or [], told["top_names"] or [], told["top_values"] or [], strict=True
    )
    failure = "" if label is not None else f"{named}; explain the prediction"
    return {
        "label_class": label,
        "label_failure": failure,
        "predictions": [
            {"index": index, "name": name, question.said: value, "title": name}
            for index, name, value in likely
        ],
        "layer_titles": {},
    }


def numbers_in(told: Mapping[str, Any], methods: Sequence[str], metrics: Sequence[str]) -> Numbers:
    """What was measured of a row's maps; None where it could not be."""
    return {
        metric: {name: told[metric_column(metric, name)] for name in methods} for metric in metrics
    }


def _said(question: Question, index: int, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """A class, and what the model says of it where that was kept."""
    state = {"index": index, "name": name}
    if index == told["prediction_index"]:
        return state | {question.said: told[question.said]}
    likely = dict(zip(told["top_indices"] or [], told["top_values"] or [], strict=True))
    return state | ({question.said: likely[index]} if index in likely else {})


def _others(question: Question, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Where each label holds by itself: the other ones that are likelier than not, of those that were kept."""
    if question.has_winner or question.said != "probability":
        return []
    top = zip(told["top_indices"], told["top_names"], told["top_values"], strict=True)
    return [
        {"index": index, "name": name, question.said: value}
        for index, name, value in top
        if value >= 0.5 and index != told["prediction_index"]
    ]


def _map(
    told: Mapping[str, Any], question: Question, method: str, about: Mapping[str, Any]
) -> dict[str, Any]:
    data, shape, low, high = (told[part] for part in parts_of(method))
    if question.maps == "float16":
        data = quantised(map_of(told, method, question), low, high).tobytes()
    return {
        "data": data,
        "shape": list(shape),
        "range": [low, high],
        "target": about,
        "layer": question.layer if method_named(method).uses_layer else None,
    }
