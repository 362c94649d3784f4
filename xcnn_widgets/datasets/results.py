"""The results of a data set, read from their folder: nothing is in memory that is not asked for."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..methods import heatmaps
from .folder import Folder
from .question import Question

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.dataset as ds

# What `to_dataframe` leaves out unless it is asked for: a table is for numbers and names.
_LARGE = ("thumbnail", "logits")


class Results:
    """What `explain_dataset` wrote into a folder.

    The folder holds ``question.json``, what was asked, and Parquet files, which pandas, polars and duckdb read without
    us. A row is one picture: ``index``, ``key``, ``source``, ``name``, ``label`` and ``label_index``, ``prediction``
    and ``prediction_index`` with its ``probability`` (``value``, where the model's answers are no probabilities),
    ``right``, the five likeliest in ``top_names``, ``top_indices`` and ``top_values``, the class that was ``explained``
    and its ``explained_index``, ``disagreement`` of the first two methods, a column such as ``deletion grad_cam`` for
    each metric and method, ``size`` of the input, a JPEG ``thumbnail``, ``note``, and ``error``, empty where nothing
    went wrong. For each method ``grad_cam_map`` has the map's numbers, ``grad_cam_shape`` its sides, ``grad_cam_low``
    and ``grad_cam_high`` its least and greatest value.

    Parameters
    ----------
    folder
        Where they are.

    Raises
    ------
    FileNotFoundError
        If these are no results.
    ValueError
        If a later version has written them.
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        self._folder = Folder(folder)
        self.question: Question = self._folder.question()
        """What was asked."""

    @property
    def path(self) -> str:
        """The folder."""
        return str(self._folder.path)

    @cached_property
    def dataset(self) -> ds.Dataset:
        """The rows, as pyarrow's ``Dataset``."""
        import pyarrow.dataset as ds

        from .schema import schema_of

        files = [str(path) for path in self._folder.parts()]
        return ds.dataset(files, schema=schema_of(self.question), format="parquet")

    def __len__(self) -> int:
        return int(self.dataset.count_rows())

    def __repr__(self) -> str:
        methods = ", ".join(self.question.methods)
        return f"Results({self.path!r}: {len(self)} pictures, {methods})"

    def errors(self) -> dict[str, str]:
        """The pictures that could not be read or explained, by key, and why."""
        from pyarrow.dataset import field

        table = self.dataset.to_table(columns=["key", "error"], filter=field("error") != "")
        return dict(zip(table["key"].to_pylist(), table["error"].to_pylist(), strict=True))

    def to_dataframe(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows as a table, in the order of the pictures.

        Parameters
        ----------
        columns
            Which columns. Default: all but the pictures, the maps and the logits.

        Raises
        ------
        ValueError
            If there is no such column.
        ImportError
            If pandas is not installed.
        """
        known = self.dataset.schema.names
        if columns is None:
            columns = [name for name in known if name not in _LARGE and not self._is_of_map(name)]
        for name in columns:
            if name not in known:
                raise ValueError(f"there is no column {name!r}; there are {', '.join(known)}")
        table = self.dataset.to_table(columns=list(dict.fromkeys([*columns, "index"])))
        frame: pd.DataFrame = table.sort_by("index").to_pandas()
        return frame[list(columns)]

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """The rows, one after the other, as they were written; a thousand are in memory."""
        for batch in self.dataset.to_batches(columns=columns, batch_size=1_000):
            yield from batch.to_pylist()

    def row(self, picture: int | str) -> dict[str, Any]:
        """The row of a picture, by its index or its key.

        Raises
        ------
        KeyError
            If there is none.
        """
        from pyarrow.dataset import field

        name, value = (
            ("key", picture) if isinstance(picture, str) else ("index", operator.index(picture))
        )
        found = self.dataset.to_table(filter=field(name) == value)
        if found.num_rows == 0:
            raise KeyError(f"there is no picture {picture!r} in '{self.path}'")
        row: dict[str, Any] = found.slice(0, 1).to_pylist()[0]
        return row

    def map(self, picture: int | str | Mapping[str, Any], method: str) -> NDArray[np.float32]:
        """The map of a picture, ``(h, w)``, in its own values, to a 255th of its range or to three digits.

        Parameters
        ----------
        picture
            Its index, its key, or its row.
        method
            One of the methods asked.

        Raises
        ------
        KeyError
            If there is no such picture.
        ValueError
            If there is no such method, or the picture could not be explained.
        """
        row = picture if isinstance(picture, Mapping) else self.row(picture)
        return map_of(row, method, self.question)

    def heatmap(self, picture: int | str | Mapping[str, Any], method: str) -> NDArray[np.float32]:
        """The heatmap of a picture, ``(H, W)``, in [0, 1]; parameters and errors as of `map`."""
        row = picture if isinstance(picture, Mapping) else self.row(picture)
        values = torch.from_numpy(self.map(row, method)).unsqueeze(0)
        found: NDArray[np.float32] = heatmaps(values, tuple(row["size"]))[0].numpy()
        return found

    def accuracy(self) -> float | None:
        """The share of pictures that the model got right, of those with a label among its classes; None if there are none."""
        right = self.dataset.to_table(columns=["right"])["right"].drop_null().to_numpy()
        return float(right.mean()) if len(right) else None

    def _is_of_map(self, column: str) -> bool:
        ends = ("_map", "_shape", "_low", "_high")
        return any(column == f"{name}{end}" for name in self.question.methods for end in ends)


def map_of(row: Mapping[str, Any], method: str, question: Question) -> NDArray[np.float32]:
    """The map in a row, ``(h, w)``; errors as of `Results.map`."""
    if method not in question.methods:
        known = ", ".join(map(repr, question.methods))
        raise ValueError(f"method is {method!r}; there are maps of {known}")
    data = row[f"{method}_map"]
    if data is None:
        raise ValueError(
            f"there is no map of {row['key']!r}: {row['error'] or 'it was not explained'}"
        )
    shape = tuple(row[f"{method}_shape"])
    if question.maps == "float16":
        return np.frombuffer(data, "<f2").reshape(shape).astype(np.float32)
    low, high = row[f"{method}_low"], row[f"{method}_high"]
    levels = np.frombuffer(data, np.uint8).reshape(shape).astype(np.float32)
    found: NDArray[np.float32] = (low + levels / np.float32(255) * (high - low)).astype(np.float32)
    return found
