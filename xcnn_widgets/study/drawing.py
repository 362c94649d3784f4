"""A gallery's page drawn in Python, as the browser draws it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ..imaging import Blend, overlay
from ..methods import METHODS, normalise, upsample
from .exploration import Exploration
from .maps import TileMap
from .rows import Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Pixels = NDArray[np.uint8]

# Most file systems take names of up to 255 bytes, of which the number and the method need some.
_LONGEST_NAME = 150


@dataclass(frozen=True)
class Looks:
    """How tiles are drawn, as the gallery's traits say it."""

    display: str
    opacity: float
    colormap: str
    common_range: bool
    blend: Blend = "by heat"


def drawn_page(
    rows: Sequence[Row], exploration: Exploration, looks: Looks
) -> Iterator[tuple[Row, Pixels, dict[str, Pixels]]]:
    """Each row with its picture and, by method, its tiles: ``uint8`` ``(H, W, 3)``."""
    common = _common_ranges(rows) if looks.common_range else {}
    for row in rows:
        picture = _picture(row, rows, exploration)
        tiles = {
            name: _tile(picture, _map(row, name), looks, common.get(name)) for name in row["maps"]
        }
        yield row, picture, tiles


def page_figure(rows: Sequence[Row], exploration: Exploration, looks: Looks) -> Figure:
    """A figure with a row for each row, the picture first, and a column for each method."""
    from ..imaging.figures import comparison_figure

    pictures, labels = [], []
    shapes = np.array([row["size"] for row in rows], float)
    height, width = (shapes / shapes.max(axis=1, keepdims=True)).max(axis=0)
    for row, picture, tiles in drawn_page(rows, exploration, looks):
        pictures.append([_framed(cell, width / height) for cell in (picture, *tiles.values())])
        labels.append(row["title"] or f"{row['name']}\n{row['prediction']['name']}")
    columns = ["picture", *(METHODS[name].label for name in rows[0]["maps"])]
    return comparison_figure(pictures, labels, columns)


def save_tiles(
    rows: Sequence[Row], exploration: Exploration, looks: Looks, folder: Path
) -> list[Path]:
    """Save every tile as a file of its own, named by place, picture and method."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for position, (row, _, tiles) in enumerate(drawn_page(rows, exploration, looks)):
        name = _file_name(filter(None, (row["name"], row["title"])))
        for method, tile in tiles.items():
            files.append(folder / f"{position:03d}-{name}-{method}.png")
            Image.fromarray(tile).save(files[-1])
    return files


def _framed(cell: Pixels, ratio: float) -> Pixels:
    """A picture in the middle of white of another width to height, so that all cells of a figure are alike."""
    height, width = cell.shape[:2]
    beside = max(0, round(height * ratio) - width)
    above = max(0, round(width / ratio) - height)
    frame = ((above // 2, above - above // 2), (beside // 2, beside - beside // 2), (0, 0))
    return np.pad(cell, frame, constant_values=255)


def _tile(
    picture: Pixels, values: Tensor, looks: Looks, common: tuple[float, float] | None
) -> Pixels:
    maps = upsample(values, (picture.shape[0], picture.shape[1]))
    if common is None:
        heat = normalise(maps)
    else:
        low, high = common
        spread = high - low
        heat = ((maps - low) / spread).clamp(0, 1) if spread > 0 else torch.zeros_like(maps)
    if looks.display == "heatmap":
        return overlay(picture, heat[0].numpy(), 1.0, looks.colormap, blend="even")
    return overlay(picture, heat[0].numpy(), looks.opacity, looks.colormap, blend=looks.blend)


def _map(row: Row, method: str) -> Tensor:
    state = row["maps"][method]
    low, high = state["range"]
    return TileMap(state["data"], tuple(state["shape"]), low, high, 0.0).values()


def _common_ranges(rows: Sequence[Row]) -> dict[str, tuple[float, float]]:
    common = {}
    for name in rows[0]["maps"] if rows else ():
        ranges = [row["maps"][name]["range"] for row in rows]
        common[name] = (min(low for low, _ in ranges), max(high for _, high in ranges))
    return common


def _picture(row: Row, rows: Sequence[Row], exploration: Exploration) -> Pixels:
    try:
        return exploration.prepared(row["index"]).picture
    except Exception:  # It is gone since; what the browser has of it is close enough.
        sent = row["picture"] or next(other["picture"] for other in rows if other["picture"])
        return np.array(Image.open(io.BytesIO(sent)))


def _file_name(parts: Iterable[str]) -> str:
    text = "".join(c if c.isalnum() or c in "-_" else "-" for c in "-".join(parts))
    return text.encode()[:_LONGEST_NAME].decode(errors="ignore").strip("-") or "picture"
