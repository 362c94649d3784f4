"""Columns and rows of results: what nobody asks for stays on disk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

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
        import pyarrow as pa
        import pyarrow.compute as pc

        if name not in self._numbers:
            column = self._dataset.to_table(columns=[name])[name]
            if pa.types.is_boolean(column.type):
                column = column.cast(pa.int8())
            nothing = float("nan") if pa.types.is_floating(column.type) else -1
            filled = pc.fill_null(column, pa.scalar(nothing, column.type))
            self._numbers[name] = filled.to_numpy()
        return self._numbers[name]

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

    @cached_property
    def last_index(self) -> int:
        """The greatest index of a picture; -1 where there is no row."""
        return int(self.numbers("index").max(initial=-1))

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
        import pyarrow.parquet as pq

        found: dict[int, dict[str, Any]] = {}
        groups = np.searchsorted(self._starts, positions, side="right") - 1
        for group in np.unique(groups):
            path, number = self._groups[group]
            here = [int(each) for each, of in zip(positions, groups, strict=True) if of == group]
            with pq.ParquetFile(path) as file:
                table = file.read_row_group(number, columns=list(names))
            rows = table.take([each - int(self._starts[group]) for each in here]).to_pylist()
            found |= dict(zip(here, rows, strict=True))
        return [found[int(position)] for position in positions]

    @cached_property
    def _groups(self) -> list[tuple[Path, int]]:
        """The row groups, each as its file and its number in that."""
        return [(Path(path), number) for path, sizes in self._sizes for number in range(len(sizes))]

    @cached_property
    def _starts(self) -> Positions:
        """The position of the first row of each row group, and how many rows there are."""
        sizes = [size for _, some in self._sizes for size in some]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    @cached_property
    def _sizes(self) -> list[tuple[str, list[int]]]:
        import pyarrow.parquet as pq

        found = []
        for path in self._dataset.files:
            told = pq.read_metadata(path)
            groups = range(told.num_row_groups)
            found.append((path, [told.row_group(number).num_rows for number in groups]))
        return found
