"""A gallery's page drawn in Python, as the browser draws it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ..imaging import Blend, PaintLook, PreparedPictures
from ..methods import method_named, normalise, upsample
from .asking import method_of, model_of
from .maps import TileMap
from .painting import painted_map
from .rows import Row
from .styles import Paint

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Pixels = NDArray[np.uint8]
Range = tuple[float, float]

# Most file systems take names of up to 255 bytes, of which the number and the method need some.
_LONGEST_NAME = 150
# The most rows of a figure: a letter is a hundredth of its height.
SHEET_ROWS = 10


@dataclass(frozen=True)
class Looks:
    """How tiles are drawn, as the gallery's traits say it."""

    display: str
    opacity: float
    colormap: str
    common_range: bool
    blend: Blend = "by heat"
    style: str | None = None

    @property
    def look(self) -> PaintLook:
        """Those of one tile."""
        return PaintLook(self.opacity, self.colormap, blend=self.blend)


def drawn_page(
    rows: Sequence[Row],
    pictures: PreparedPictures | None,
    looks: Looks,
    *,
    common: Mapping[str, Range] | None = None,
) -> Iterator[tuple[Row, Pixels, dict[str, Pixels]]]:
    """Each row with its picture and, by method, its tiles: ``uint8`` ``(H, W, 3)``.

    Where a range is shared it is that of the rows, unless a wider one is given. Without the pictures as the model takes
    them, those of the rows are drawn on.
    """
    if not looks.common_range:
        common = {}
    elif common is None:
        common = ranges_of(rows)
    # A map that was not sent in colour is not drawn so, whatever channels there are.
    paint = Paint(looks.style, 2 if pictures is None else pictures.dimensions, (0,))
    for row in rows:
        picture = _picture(row, rows, pictures)
        tiles = {
            name: _tile(
                _own_picture(row, name, picture),
                row,
                name,
                looks=looks,
                paint=paint,
                common=common.get(name),
            )
            for name in row["maps"]
        }
        yield row, picture, tiles


def page_figure(
    rows: Sequence[Row], pictures: PreparedPictures | None, looks: Looks, sheet: int = 1
) -> Figure:
    """A figure with a row for each row, the picture first, and a column for each method.

    What is longer than a sheet is drawn in several, counted from 1; a line above says which rows there are on it.

    Raises
    ------
    ValueError
        If there is no such sheet.
    """
    from ..imaging.figures import comparison_figure

    cells, labels = [], []
    shapes = np.array([row["size"] for row in rows], float)
    height, width = (shapes / shapes.max(axis=1, keepdims=True)).max(axis=0)
    sheets = sheets_of(rows)
    if isinstance(sheet, bool) or not isinstance(sheet, int) or not 1 <= sheet <= sheets:
        there = "is 1 sheet" if sheets == 1 else f"are {sheets} sheets, 1 to {sheets}"
        raise ValueError(f"sheet is {sheet!r}; there {there}")
    first = (sheet - 1) * SHEET_ROWS
    shown = rows[first : first + SHEET_ROWS]
    common = ranges_of(rows)
    for row, picture, tiles in drawn_page(shown, pictures, looks, common=common):
        nothing = np.full_like(picture, 255)
        drawn = [picture, *(tiles.get(name, nothing) for name in columns_of(rows))]
        cells.append([framed(cell, width / height) for cell in drawn])
        labels.append(row["title"] or f"{row['name']}\n{row['prediction']['name']}")
    columns = ["picture", *(column_label(name, rows[0].get("model")) for name in columns_of(rows))]
    title = f"Rows {first + 1} to {first + len(shown)} of {len(rows)}" if sheets > 1 else ""
    return comparison_figure(cells, labels, columns, title=title)


def sheets_of(rows: Sequence[Row]) -> int:
    """How many figures it takes to draw rows so that they can be read."""
    return -(-len(rows) // SHEET_ROWS)


def framed(cell: Pixels, ratio: float) -> Pixels:
    """A picture in the middle of white of another width to height, so that all cells of a figure are alike."""
    height, width = cell.shape[:2]
    beside = max(0, round(height * ratio) - width)
    above = max(0, round(width / ratio) - height)
    frame = ((above // 2, above - above // 2), (beside // 2, beside - beside // 2), (0, 0))
    return np.pad(cell, frame, constant_values=255)


def _tile(
    picture: Pixels, row: Row, method: str, *, looks: Looks, paint: Paint, common: Range | None
) -> Pixels:
    heat = heat_of(map_of(row, method), (picture.shape[0], picture.shape[1]), common).numpy()
    state = row["maps"][method]
    drawn = paint.drawn_of(method_of(method), state)
    painted = painted_map(picture, heat, state, drawn, looks.look)
    return painted.alone if looks.display == "heatmap" else painted.covering


def heat_of(values: Tensor, size: tuple[int, int], common: Range | None = None) -> Tensor:
    """A map ``(1, h, w)`` as a heatmap ``(H, W)`` in [0, 1], over its own range or a common one."""
    maps = upsample(values, size)
    if common is None:
        return normalise(maps)[0]
    low, high = common
    spread = high - low
    return ((maps - low) / spread).clamp(0, 1)[0] if spread > 0 else torch.zeros_like(maps)[0]


def map_of(row: Row, method: str) -> Tensor:
    """The map of a row in its own values, ``(1, h, w)``, to a 255th of its range."""
    state = row["maps"][method]
    low, high = state["range"]
    return TileMap(state["data"], tuple(state["shape"]), low, high, 0.0).values()


def ranges_of(rows: Sequence[Row], beside: Mapping[str, Range] | None = None) -> dict[str, Range]:
    """From the least to the greatest value of each method's maps, in rows and beside them."""
    found = dict(beside or {})
    for row in rows:
        for name, state in row["maps"].items():
            low, high = state["range"]
            known = found.get(name, (low, high))
            found[name] = (min(known[0], low), max(known[1], high))
    return found


def _picture(row: Row, rows: Sequence[Row], pictures: PreparedPictures | None) -> Pixels:
    if pictures is not None:
        # It may be gone since; what the browser has of it is close enough.
        with suppress(Exception):
            return pictures.prepared(row["index"]).picture
    sent = row["picture"] or next(other["picture"] for other in rows if other["picture"])
    height, width = row["size"]
    return np.array(Image.open(io.BytesIO(sent)).convert("RGB").resize((width, height)))


def columns_of(rows: Sequence[Row]) -> list[str]:
    """The columns of all rows: another model may not be asked of each what the first one is."""
    longest: list[str] = max(([*row["maps"]] for row in rows), key=len, default=[])
    return longest


def column_label(name: str, first: str | None = None) -> str:
    """What a column is called: its method, and of several models its model."""
    label, model = method_named(method_of(name)).label, model_of(name) or first
    return label if model is None else f"{label}, {model}"


def size_of(row: Row, column: str) -> tuple[int, int]:
    """The size of the picture that a column's model is given, ``(H, W)``."""
    model = model_of(column)
    sizes = [each.get("size") for each in row.get("beside", []) if each["model"] == model]
    height, width = next(filter(None, sizes), row["size"])
    return height, width


def _own_picture(row: Row, column: str, picture: Pixels) -> Pixels:
    """The picture that a column's model is given: another one where its cut or size differs."""
    model = model_of(column)
    for each in row.get("beside", []):
        if each["model"] == model and each.get("picture"):
            return np.array(Image.open(io.BytesIO(each["picture"])))
    return picture


def file_name(*parts: str) -> str:
    """Names as a part of a file's name; empty ones are left out."""
    text = "".join(c if c.isalnum() or c in "-_" else "-" for c in "-".join(filter(None, parts)))
    return text.encode()[:_LONGEST_NAME].decode(errors="ignore").strip("-") or "picture"
