"""Columns and rows of results: what nobody asks for stays on disk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .parts import Group, Part

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds

Positions = NDArray[np.int64]


class Columns:
    """The rows of files, by their position from 0, as if all were one table.

    Parameters
    ----------
    dataset
        The files with their columns.

    Notes
    -----
    A column of numbers is read once and kept: of a million rows it takes 1 to 8 MB. Texts, pictures and maps are read
    from the row groups that hold the rows asked for, and let go again.
    """

    def __init__(self, dataset: ds.Dataset) -> None:
        self._dataset = dataset
        self._numbers: dict[str, NDArray[Any]] = {}

    def __len__(self) -> int:
        return int(self._starts[-1])

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self._dataset.schema.names)

    def numbers(self, name: str) -> NDArray[Any]:
        """A column of numbers or truths of all rows; what is not told is NaN, or -1."""
        self.read(name)
        return self._numbers[name]

    def read(self, *names: str) -> None:
        """Read columns of numbers together, which is quicker than one by one."""
        import pyarrow as pa

        missing = [name for name in names if name not in self._numbers]
        if not missing:
            return
        tables = []
        for part in self._parts:
            with part.open() as file:
                tables.append(file.read(columns=missing, use_threads=False))
        table = pa.concat_tables(tables)
        for name in missing:
            self._numbers[name] = _filled(table[name])

    def has(self, name: str) -> bool:
        """Whether there is a column, read or added."""
        return name in self._numbers or name in self.names

    def add(self, name: str, numbers: NDArray[Any]) -> None:
        """Take one more column of numbers, one a row."""
        self._numbers[name] = numbers

    def table(self, names: Sequence[str]) -> pa.Table:
        """Columns of all rows."""
        return self._dataset.to_table(columns=list(names))

    @cached_property
    def in_order(self) -> Positions:
        """The positions in the order of the pictures' indices."""
        return np.argsort(self.numbers("index"), kind="stable")

    def ordered(self, first: int, last: int) -> Positions:
        """Some of `in_order`, from the first to before the last; no more is read than is needed for them."""
        if not self._is_dense:
            return self.in_order[first:last]
        found = [np.zeros(0, np.int64)]
        for number in range(len(self._groups)):
            start, end = (int(each) for each in self._starts[number : number + 2])
            if start < last and first < end:
                indices = self._read_group(number, ["index"])["index"].to_numpy()
                order = np.argsort(indices, kind="stable")
                found.append(start + order[max(0, first - start) : last - start])
        return np.concatenate(found)

    @cached_property
    def first_index(self) -> int:
        """The least index of a picture; there is a row."""
        return min(group.first for _, group in self._groups)

    @cached_property
    def last_index(self) -> int:
        """The greatest index of a picture; -1 where there is no row."""
        return max((group.last for _, group in self._groups), default=-1)

    def positions(self, indices: Sequence[int] | Positions) -> Positions:
        """The positions of pictures.

        Raises
        ------
        KeyError
            If there is no row of one of them.
        """
        order, known = self.in_order, self.numbers("index")
        places = np.searchsorted(known, indices, sorter=order)
        found = order[np.minimum(places, len(order) - 1)]
        for index, position in zip(indices, found, strict=True):
            if known[position] != index:
                raise KeyError(f"there is no row of picture {index}")
        return found

    def having(self, text: str) -> NDArray[np.bool_]:
        """Whether each row's name has a text in it, whatever its case."""
        import pyarrow.compute as pc

        wanted = text.strip()
        if not wanted:
            return np.ones(len(self), np.bool_)
        found = [
            pc.match_substring(batch.column(0), wanted, ignore_case=True).to_numpy(
                zero_copy_only=False
            )
            for batch in self._dataset.to_batches(columns=["name"])
        ]
        return np.concatenate(found).astype(np.bool_)

    def rows(
        self, positions: Sequence[int] | Positions, names: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Some rows, in the order of the positions."""
        found: dict[int, dict[str, Any]] = {}
        groups = np.searchsorted(self._starts, positions, side="right") - 1
        for number in np.unique(groups):
            here = [int(each) for each, of in zip(positions, groups, strict=True) if of == number]
            table = self._read_group(int(number), names)
            rows = table.take([each - int(self._starts[number]) for each in here]).to_pylist()
            found |= dict(zip(here, rows, strict=True))
        return [found[int(position)] for position in positions]

    def first_rows(self, names: Sequence[str]) -> pa.Table:
        """Columns of the first row group."""
        return self._read_group(0, names)

    def _read_group(self, number: int, names: Sequence[str]) -> pa.Table:
        part, group = self._groups[number]
        with part.open() as file:
            return file.read_row_group(group.number, columns=list(names), use_threads=False)

    @cached_property
    def _parts(self) -> list[Part]:
        return [Part.of(Path(path)) for path in self._dataset.files]

    @cached_property
    def _groups(self) -> list[tuple[Part, Group]]:
        return [(part, group) for part in self._parts for group in part.groups]

    @cached_property
    def _starts(self) -> Positions:
        """The position of the first row of each row group, and how many rows there are."""
        sizes = [group.rows for _, group in self._groups]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    @cached_property
    def _is_dense(self) -> bool:
        """Whether each row group has the pictures that follow those of the one before, none left out."""
        groups = [group for _, group in self._groups]
        whole = all(group.last - group.first + 1 == group.rows for group in groups)
        return whole and all(one.last + 1 == next_.first for one, next_ in pairwise(groups))


def _filled(column: pa.ChunkedArray) -> NDArray[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    nothing = float("nan") if pa.types.is_floating(column.type) else -1
    numbers: NDArray[Any] = pc.fill_null(column, pa.scalar(nothing, column.type)).to_numpy()
    return numbers
