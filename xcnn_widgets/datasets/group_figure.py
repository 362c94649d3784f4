"""Groups of pictures as a figure: the mean map of each, and the pictures nearest to it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ..imaging import PaintLook, painted_by_heat
from ..methods import heatmaps
from ..study import framed
from .folder import Folder
from .maps import map_of
from .question import Question

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Pixels = NDArray[np.uint8]


def groups_figure(
    folder: Folder,
    method: str,
    mean_maps: NDArray[np.float32],
    examples: Sequence[Sequence[int]],
    labels: Sequence[str],
) -> Figure:
    """A row for each group; what a map covers is coloured by its heat.

    Parameters
    ----------
    mean_maps
        Of each group, ``(n, h, w)``.
    examples
        Of each group the pictures that stand beside it, by index.
    labels
        What stands before each row.
    """
    from ..imaging.figures import comparison_figure

    question = folder.question()
    rows = _rows(folder, question, method, [index for each in examples for index in each])
    pictures = [[_painted(rows[index], method, question) for index in each] for each in examples]
    ratio = max(cell.shape[1] / cell.shape[0] for cells in pictures for cell in cells)
    most = max(map(len, pictures))
    cells = []
    for mean_map, some in zip(mean_maps, pictures, strict=True):
        # As large as its pictures are.
        black = np.zeros_like(some[0])
        mean = painted_by_heat(black, _heat(mean_map, black.shape[:2]), PaintLook()).alone
        line = [mean, *some, *(np.full_like(black, 255) for _ in range(most - len(some)))]
        cells.append([framed(cell, ratio) for cell in line])
    columns = ["mean map", *("nearest to it" if number == 0 else "" for number in range(most))]
    return comparison_figure(cells, labels, columns)


def _rows(
    folder: Folder, question: Question, method: str, indices: Sequence[int]
) -> dict[int, dict[str, Any]]:
    from pyarrow.dataset import field

    parts = [f"{method}_{part}" for part in ("map", "shape", "low", "high")]
    table = folder.dataset(question).to_table(
        columns=["index", "key", "thumbnail", *parts], filter=field("index").isin(indices)
    )
    return {row["index"]: row for row in table.to_pylist()}


def _painted(row: Mapping[str, Any], method: str, question: Question) -> Pixels:
    picture = np.asarray(Image.open(io.BytesIO(row["thumbnail"])).convert("RGB"))
    heat = _heat(map_of(row, method, question), picture.shape[:2])
    return painted_by_heat(picture, heat, PaintLook()).covering


def _heat(values: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = heatmaps(torch.from_numpy(values).unsqueeze(0), size)[0].numpy()
    return found
