"""The rows of a gallery's page, as they go to the browser and as they are drawn in Python."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ..attribution.heatmaps import normalise, upsample
from ..attribution.methods import METHODS
from ..imaging.overlays import overlay
from .exploration import Choice, Prediction
from .gallery_work import Ask, GalleryWork, TileMap, tile_of
from .presentation import prediction_state

Row = dict[str, Any]


def picture_row(work: GalleryWork, index: int, ask: Ask, tiles: dict[str, TileMap]) -> Row:
    """The row of a picture that was explained."""
    exploration, verdict = work.exploration, work.verdicts[index]
    target = work.target_class(index, ask.target)
    assert target is not None
    explained = exploration.class_names.name(target)
    row = _described(work, index)
    row["maps"] = {
        name: _map_state(
            tile,
            {"index": target, "name": explained},
            ask.layer if METHODS[name].uses_layer else None,
        )
        for name, tile in tiles.items()
    }
    row["prediction"] = prediction_state(
        Prediction(verdict.index, exploration.class_names.name(verdict.index), verdict.probability)
    )
    row["right"] = verdict.right
    row["disagreement"] = work.disagreement(index, ask)
    return row


def unreadable_row(work: GalleryWork, index: int, cause: str) -> Row:
    """The row of a picture that could not be read or explained: its name, and why."""
    name = work.exploration.pictures.name(index)
    return {**_EMPTY, "index": index, "name": name, "error": cause}


def comparison_rows(
    work: GalleryWork, kind: str, index: int, ask: Ask
) -> Iterator[tuple[int, Row]]:
    """One picture's rows: its layers, or its likeliest classes, with their positions; from one forward pass."""
    exploration = work.exploration
    for position, (title, choice_layer, target) in enumerate(_compared(work, kind, index, ask)):
        row = (
            _described(work, index)
            if position == 0
            else {**_described(work, index), "picture": None}
        )
        row |= {"title": title, "maps": {}}
        for name in ask.methods:
            choice = Choice(index, name, choice_layer, target, patch=1, stride=1)
            explanation = exploration.explain(choice)
            state = prediction_state(exploration.explained(explanation))
            row["maps"][name] = _map_state(tile_of(explanation, 0), state, explanation.layer)
        row["prediction"] = prediction_state(exploration.predictions(index, 1)[0])
        yield position, row


def row_count(work: GalleryWork, kind: str, index: int, ask: Ask) -> int:
    """How many rows a comparison has."""
    return len(_compared(work, kind, index, ask))


def drawn_tiles(
    row: Row,
    picture: NDArray[np.uint8],
    methods: Iterable[str],
    looks: dict[str, Any],
    common: dict[str, tuple[float, float]],
) -> list[NDArray[np.uint8]]:
    """A row's tiles as the browser draws them: ``uint8`` ``(H, W, 3)``, one for each method.

    Parameters
    ----------
    looks
        ``opacity``, ``colormap`` and ``display``.
    common
        The range that the maps of a method share; empty if each has its own.
    """
    tiles = []
    for name in methods:
        state = row["maps"][name]
        low, high = state["range"]
        tile = TileMap(state["data"], tuple(state["shape"]), low, high)
        maps = upsample(tile.values(), (row["size"][0], row["size"][1]))
        if name in common:
            least, most = common[name]
            heat = (
                ((maps - least) / (most - least)).clamp(0, 1)
                if most > least
                else torch.zeros_like(maps)
            )
        else:
            heat = normalise(maps)
        opacity = looks["opacity"] if looks["display"] == "overlay" else 1.0
        tiles.append(overlay(picture, heat[0].numpy(), opacity, looks["colormap"]))
    return tiles


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


def _described(work: GalleryWork, index: int) -> Row:
    prepared = work.exploration.prepared(index)
    label = work.label(index)
    shown = work.exploration.class_names.name(label) if isinstance(label, int) else label
    return {
        **_EMPTY,
        "index": index,
        "name": work.exploration.pictures.name(index),
        "picture": _jpeg(prepared.picture),
        "size": list(prepared.picture.shape[:2]),
        "label": shown,
    }


def _compared(
    work: GalleryWork, kind: str, index: int, ask: Ask
) -> list[tuple[str, str | None, int | None]]:
    """Title, layer and class of each row; class None is the prediction."""
    exploration = work.exploration
    if kind == "layers":
        target = None if ask.target == "predicted" else work.target_class(index, ask.target)
        shapes = exploration.layer_shapes(index)
        return [(f"{name} ({c} x {h} x {w})", name, target) for name, (c, h, w) in shapes.items()]
    return [
        (f"{p.name} ({p.probability:.1%})", ask.layer, p.index)
        for p in exploration.predictions(index)
    ]


def _map_state(tile: TileMap, target: dict[str, Any], layer: str | None) -> dict[str, Any]:
    return {
        "data": tile.data,
        "shape": list(tile.shape),
        "range": [tile.low, tile.high],
        "target": target,
        "layer": layer,
    }


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "JPEG", quality=88)
    return encoded.getvalue()
