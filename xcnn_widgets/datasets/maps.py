"""The maps of results: of one row, and of many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .question import Question

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

# So many bytes of numbers are in memory at once, or a row group's.
_BYTES = 32_000_000
_PARTS = ("map", "shape", "low", "high")


def method_of(method: str | None, question: Question) -> str:
    """One of the methods asked; None is the first.

    Raises
    ------
    ValueError
        If it was not asked.
    """
    if method is None:
        return question.methods[0]
    if method not in question.methods:
        known = ", ".join(map(repr, question.methods))
        raise ValueError(f"method is {method!r}; there are maps of {known}")
    return method


def parts_of(method: str) -> list[str]:
    """The columns of a method's map: its numbers, its sides, its least and its greatest value."""
    return [f"{method}_{part}" for part in _PARTS]


def is_of_map(column: str, question: Question) -> bool:
    """Whether a column is a part of a method's map."""
    return any(column in parts_of(name) for name in question.methods)


def map_of(row: Mapping[str, Any], method: str, question: Question) -> NDArray[np.float32]:
    """The map in a row, ``(h, w)``; errors as of `Results.map`."""
    data, shape, low, high = (row[part] for part in parts_of(method_of(method, question)))
    if data is None:
        raise ValueError(
            f"there is no map of {row['key']!r}: {row['error'] or 'it was not explained'}"
        )
    found: NDArray[np.float32] = _decoded([data], shape, [low], [high], question)[0]
    return found


def shapes_of(
    dataset: ds.Dataset, method: str, where: pc.Expression | None = None
) -> list[tuple[int, ...]]:
    """The shapes that a method's maps have, ``(h, w)`` of pictures, in their order."""
    column = f"{method}_shape"
    found: set[tuple[int, ...]] = set()
    for batch in dataset.to_batches(columns=[column], filter=has_map(method, where)):
        found.update(map(tuple, batch.column(0).to_pylist()))
    return sorted(found)


def has_map(method: str, where: pc.Expression | None = None) -> pc.Expression:
    """Rows that have a map of a method, of those asked for."""
    from pyarrow.dataset import field

    there = field(f"{method}_map").is_valid()
    return there if where is None else there & where


def maps_of(
    dataset: ds.Dataset,
    method: str,
    question: Question,
    shapes: Sequence[tuple[int, ...]],
    where: pc.Expression | None = None,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """The maps of a method, some of one shape at a time, as they were written.

    Parameters
    ----------
    shapes
        Those there are.

    Yields
    ------
    ndarray, ndarray
        The indices ``(k,)`` of pictures, and their maps ``(k, h, w)`` in their own values.
    """
    largest = max((int(np.prod(shape)) for shape in shapes), default=1)
    columns = ["index", *parts_of(method)]
    batches = dataset.to_batches(
        columns=columns,
        filter=has_map(method, where),
        batch_size=max(1, min(1_000, _BYTES // (4 * largest))),
        # Usually sixteen batches of four files are read ahead.
        batch_readahead=1,
        fragment_readahead=1,
    )
    for batch in batches:
        yield from _by_shape(batch, question)


def _by_shape(
    batch: pa.RecordBatch, question: Question
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    indices, data, shapes, low, high = (batch.column(number).to_pylist() for number in range(5))
    of_shape: dict[tuple[int, ...], list[int]] = {}
    for row, shape in enumerate(shapes):
        of_shape.setdefault(tuple(shape), []).append(row)
    for shape, rows in of_shape.items():
        parts = ([column[row] for row in rows] for column in (data, low, high))
        some, lows, highs = parts
        found = _decoded(some, shape, lows, highs, question)
        yield np.array([indices[row] for row in rows], np.int64), found


def _decoded(
    data: Sequence[bytes],
    shape: Sequence[int],
    low: Sequence[float],
    high: Sequence[float],
    question: Question,
) -> NDArray[np.float32]:
    """Maps of one shape as numbers, ``(k, h, w)``."""
    sides = (len(data), *shape)
    if question.maps == "float16":
        return np.frombuffer(b"".join(data), "<f2").reshape(sides).astype(np.float32)
    levels = np.frombuffer(b"".join(data), np.uint8).reshape(sides).astype(np.float32)
    each = (-1, *(1 for _ in shape))
    lows = np.array(low, np.float32).reshape(each)
    highs = np.array(high, np.float32).reshape(each)
    found: NDArray[np.float32] = lows + levels / np.float32(255) * (highs - lows)
    return found
