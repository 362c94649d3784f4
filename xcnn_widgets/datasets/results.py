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
from .groups import Groups, kept_groups
from .maps import is_of_map, map_of
from .outputs import Outputs
from .question import Question
from .rows import rows_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.dataset as ds

    from .clusters import How

# What `to_dataframe` leaves out unless it is asked for: a table is for numbers and names.
_LARGE = ("thumbnail", "logits")


class Results(Outputs):
    """What `explain_dataset` wrote into a folder.

    The folder holds ``question.json``, what was asked, and Parquet files, which pandas, polars and duckdb read without
    us. A row is one picture: ``index``, ``key``, ``source``, ``name``, ``label`` and ``label_index``, ``prediction``
    and ``prediction_index`` with its ``probability`` (``value``, where the model's answers are no probabilities),
    ``right``, the five likeliest in ``top_names``, ``top_indices`` and ``top_values``, the class that was ``explained``
    and its ``explained_index``, ``disagreement`` of the first two methods, a column such as ``deletion grad_cam`` for
    each metric and method, ``size`` of the input, a JPEG ``thumbnail``, ``note``, and ``error``, empty where nothing
    went wrong. For each method ``grad_cam_map`` has the map's numbers, ``grad_cam_shape`` its sides, ``grad_cam_low``
    and ``grad_cam_high`` its least and greatest value. ``docs/format-of-results.md`` says it all.

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
        return self._folder.dataset(self.question)

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
            columns = [
                name for name in known if name not in _LARGE and not is_of_map(name, self.question)
            ]
        for name in columns:
            if name not in known:
                raise ValueError(f"there is no column {name!r}; there are {', '.join(known)}")
        table = self.dataset.to_table(columns=list(dict.fromkeys([*columns, "index"])))
        frame: pd.DataFrame = table.sort_by("index").to_pandas()
        return frame[list(columns)]

    def rows(self, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """The rows, one after the other, as they were written; a thousand are in memory."""
        yield from rows_of(self.dataset, columns, at_once=1_000)

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

    def cluster(
        self,
        method: str | None = None,
        n: int = 4,
        *,
        how: How = "k-means",
        label: str | int | None = None,
        prediction: str | int | None = None,
        seed: int = 0,
    ) -> Groups:
        """Group pictures by their maps: what is decided by the same part of a picture comes together.

        A group whose maps lie on a corner, a border or a watermark shows what a model cheats with, also where all its
        answers are right. Look at one class at a time, as the paper does. The groups are kept in the folder; `groups` reads them
        again.

        Maps are averaged to a grid of at most 8 x 8 and scaled to length 1, so that their shape counts and not
        their strength; PCA keeps the 16 directions in which they differ most. In memory are 330 bytes a picture.

        Parameters
        ----------
        method
            Whose maps. Default: the first of those asked.
        n
            How many groups, 2 or more.
        how
            ``k-means``; or ``spectral``, of a graph of the 10 nearest neighbours: of more than 4,000 pictures so many are drawn
            at random, and the others go to the group with the nearest mean.
        label, prediction
            Look only at pictures of this class, by name or index: of those labelled so, or predicted so. Default: all pictures.
        seed
            Of what is drawn at random: the same seed gives the same groups.

        Raises
        ------
        ValueError
            If there is no such method or class, or there are fewer kinds of maps than groups.
        RuntimeError
            If another process writes into the folder.
        ImportError
            If scikit-learn is not installed: ``pip install 'xcnn-widgets[clusters]'``.

        References
        ----------
        Lapuschkin and others: *Unmasking Clever Hans predictors and assessing what machines really learn*, 2019,
        doi:10.1038/s41467-019-08987-4.
        """
        from .clusters import cluster

        found = (self._folder, self.dataset, self.question)
        return cluster(*found, method, n, how=how, label=label, prediction=prediction, seed=seed)

    @property
    def groups(self) -> Groups | None:
        """The groups that `cluster` found last; None where it never did."""
        return kept_groups(self._folder)
