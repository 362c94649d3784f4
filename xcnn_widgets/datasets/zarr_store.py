"""Maps as arrays of a Zarr group, for code that wants all of them as numbers."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..methods import heatmaps
from .maps import map_of, method_of, shapes_of
from .question import Question
from .rows import Row, rows_of

if TYPE_CHECKING:
    import pyarrow.dataset as ds

# A chunk has this many pictures, or fewer of large maps.
_PICTURES = 1_000
_BYTES = 32_000_000
# Of what is written: a reader knows its own version and those before it.
_FORMAT = 1


def to_zarr(
    dataset: ds.Dataset,
    question: Question,
    path: Path,
    methods: Sequence[str] | None,
    size: tuple[int, int] | None,
) -> None:
    """Write the maps of methods; as `Results.to_zarr`."""
    try:
        import zarr
    except ImportError as error:
        raise ImportError("to_zarr needs zarr: pip install 'xcnn-widgets[zarr]'") from error
    if path.exists():
        raise FileExistsError(f"'{path}' is there already; choose another path, or remove it")
    chosen = [method_of(each, question) for each in methods or question.methods]
    sides = {method: _sides(dataset, method, size) for method in chosen}
    largest = max(int(np.prod(shape)) for shape in sides.values())
    at_once = max(1, min(_PICTURES, _BYTES // (4 * largest)))
    count = dataset.count_rows()
    # What is written half has another name.
    beside = path.with_name(f".writing-{path.name}")
    shutil.rmtree(beside, ignore_errors=True)
    group = zarr.create_group(store=str(beside))
    numbers = dict.fromkeys(("label_index", "prediction_index"), ("int32", (), -1))
    maps = {method: ("float32", shape, np.nan) for method, shape in sides.items()}
    arrays: dict[str, Any] = {}
    for name, (kind, shape, missing) in {"index": ("int64", (), -1), **numbers, **maps}.items():
        arrays[name] = group.create_array(
            name,
            shape=(count, *shape),
            chunks=(min(at_once, max(1, count)), *shape),
            dtype=kind,
            fill_value=missing,
            dimension_names=[
                "picture",
                *(f"{name}_{side}" for side, _ in zip("yx", shape, strict=False)),
            ],
        )
    group.attrs.update(
        {
            "xcnn_widgets.format": _FORMAT,
            "values": "maps" if size is None else "heatmaps",
            "asked": asdict(question),
        }
    )
    _fill(arrays, dataset, question, sides, size=size, at_once=at_once)
    beside.replace(path)


def _sides(dataset: ds.Dataset, method: str, size: tuple[int, int] | None) -> tuple[int, ...]:
    """The shape of a method's array, but for the number of pictures."""
    shapes = shapes_of(dataset, method)
    if size is not None:
        if any(len(shape) != 2 for shape in shapes):
            raise ValueError(f"size is {size}, but maps of {method!r} have the shape {shapes[-1]}")
        return size
    if len(shapes) > 1:
        told = ", ".join(map(str, shapes[:3])) + (", ..." if len(shapes) > 3 else "")
        raise ValueError(
            f"maps of {method!r} have {len(shapes)} shapes: {told}; with size=(H, W) heatmaps of that size are written"
        )
    if not shapes:
        raise ValueError(f"there is no map of {method!r}: no picture could be explained")
    return shapes[0]


def _fill(
    arrays: dict[str, Any],
    dataset: ds.Dataset,
    question: Question,
    sides: dict[str, tuple[int, ...]],
    *,
    size: tuple[int, int] | None,
    at_once: int,
) -> None:
    numbers = [name for name in arrays if name not in sides]
    parts = [f"{method}_{part}" for method in sides for part in ("map", "shape", "low", "high")]
    rows = rows_of(dataset, [*numbers, "key", "error", "size", *parts])
    start = 0
    while some := list(islice(rows, at_once)):
        place = slice(start, start + len(some))
        for name in numbers:
            found = [row[name] for row in some]
            arrays[name][place] = np.array([-1 if each is None else each for each in found])
        for method, shape in sides.items():
            block = np.full((len(some), *shape), np.nan, np.float32)
            for number, row in enumerate(some):
                if row[f"{method}_map"] is not None:
                    block[number] = _values(row, method, question, size)
            arrays[method][place] = block
        start += len(some)


def _values(
    row: Row, method: str, question: Question, size: tuple[int, int] | None
) -> NDArray[np.float32]:
    values = map_of(row, method, question)
    if size is None:
        return values
    heat: NDArray[np.float32] = heatmaps(torch.from_numpy(values).unsqueeze(0), size)[0].numpy()
    return heat
