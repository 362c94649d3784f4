"""Pictures as files: overlays, maps as arrays, and a table of what is known; no file that is there is written over."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..imaging import PreparedPictures
from ..methods import known_methods
from .asking import Ask, method_of, model_of
from .drawing import Looks, Range, drawn_page, file_name, heat_of, map_of, ranges_of, size_of
from .free_names import FreeNames
from .rows import Row, picture_rows
from .work import Work

# So many rows are in memory at once.
_CHUNK = 16
_COLUMNS = ("index", "name", "title", "label", "prediction", "probability", "value", "right")
_FIRST, _LAST = ("explained", "disagreement"), ("arrays", "error")


class Files:
    """A folder that takes pictures; what is in it stays.

    Parameters
    ----------
    folder
        Where they go; it is made.
    arrays
        Whether maps are saved as numbers too, and a table of all rows.

    Attributes
    ----------
    written
        The files so far.
    """

    def __init__(self, folder: Path, *, arrays: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._arrays = folder, arrays
        self._names = FreeNames(folder)
        self._lines: list[dict[str, Any]] = []
        self.written: list[Path] = []

    def save_rows(
        self,
        rows: Sequence[Row],
        pictures: PreparedPictures | None,
        looks: Looks,
        common: Mapping[str, Range] | None = None,
    ) -> None:
        """Save every tile of some rows, named by the picture's number, its name and the method."""
        good = [row for row in rows if not row["error"]]
        for row, _, tiles in drawn_page(good, pictures, looks, common=common):
            files = {name: f"-{_file_part(name, row.get('model'))}.png" for name in tiles}
            if self._arrays:
                files["arrays"] = ".npz"
            stem = f"{row['index']:03d}-{file_name(row['name'], row['title'])}"
            stem = self._names.free(stem, [*files.values()])
            for what, ending in files.items():
                with self._new(f"{stem}{ending}").open("xb") as file:
                    if what == "arrays":
                        np.savez_compressed(file, **_arrays_of(row))
                    else:
                        Image.fromarray(tiles[what]).save(file, "PNG")
            self._lines.append(
                {**_line(row), **{what: f"{stem}{ending}" for what, ending in files.items()}}
            )
        self._lines += [_line(row) for row in rows if row["error"]]

    @property
    def pictures(self) -> int:
        """Of how many pictures there are files."""
        return len({line["index"] for line in self._lines if "error" not in line})

    @property
    def failed(self) -> int:
        """How many pictures could not be read or explained."""
        return len({line["index"] for line in self._lines if "error" in line})

    def save_table(self) -> None:
        """Save what was known of the rows as a table, by the pictures' numbers."""
        if not (self._arrays and self._lines):
            return
        lines = sorted(self._lines, key=lambda line: line["index"])
        known = (*_COLUMNS, *_FIRST, *_LAST)
        there = {name for line in lines for name in line if name not in known}
        methods = [name for name in known_methods() if name in there]
        others = sorted(there.difference(methods))
        columns = [*_COLUMNS, *_FIRST, *methods, *others, *_LAST]
        stem = self._names.free("pictures", [".csv"])
        with self._new(f"{stem}.csv").open("x", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, columns, restval="")
            table.writeheader()
            table.writerows(lines)

    def _new(self, name: str) -> Path:
        self.written.append(self._folder / name)
        return self.written[-1]


Explained = Iterator[tuple[int, list[Row]]]


def save_pictures(
    files: Files,
    explained: Callable[[], Explained],
    count: int,
    pictures: PreparedPictures | None,
    looks: Looks,
) -> Iterator[float]:
    """Save the tiles of pictures, some at a time.

    Parameters
    ----------
    files
        Where they go.
    explained
        Begins to give the rows, some at a time, with how many have been given by then.
    count
        How many there are.
    pictures, looks
        As `drawn_page` takes them.

    Yields
    ------
    float
        The share done. Where all share one range it has to be found first.
    """
    common: dict[str, Range] = {}
    rounds = 2 if looks.common_range else 1
    if looks.common_range:
        for done, rows in explained():
            common = ranges_of(rows, common)
            yield done / count / rounds
    for done, rows in explained():
        files.save_rows(rows, pictures, looks, common)
        yield (rounds - 1 + done / count) / rounds


def explained_rows(
    work: Work, ask: Ask, indices: Sequence[int], cancelled: Callable[[], bool]
) -> Explained:
    """The rows of pictures, some at a time, with how many have been done by then; what is kept is not explained again."""
    for first in range(0, len(indices), _CHUNK):
        some = indices[first : first + _CHUNK]
        rows: dict[int, Row] = {}
        for known in work.known(some, ask, _CHUNK):
            rows |= picture_rows(work, ask, known)
        missing = [index for index in some if index not in rows]
        for answers in work.explain(missing, ask, cancelled):
            rows |= picture_rows(work, ask, answers)
        if cancelled():
            return
        yield first + len(some), [rows[index] for index in some]


def _file_part(column: str, first: str | None) -> str:
    """What a column is called in a file's name."""
    model = model_of(column) or first
    return column if model is None else file_name(method_of(column), model)


def _arrays_of(row: Row) -> dict[str, Any]:
    """Each method's map in its own values ``(h, w)``, and its heatmap ``(H, W)`` in [0, 1]."""
    arrays: dict[str, Any] = {}
    for method in row["maps"]:
        values = map_of(row, method)
        arrays[method] = values[0].numpy()
        arrays[f"{method}_heatmap"] = heat_of(values, size_of(row, method)).numpy()
    return arrays


def _line(row: Row) -> dict[str, Any]:
    said = row["prediction"] or {}
    target = next((state["target"]["name"] for state in row["maps"].values()), None)
    told = {name: row[name] for name in ("index", "name", "title", "label", "right")}
    told |= {name: row[name] for name in ("disagreement", "error")}
    told |= {name: said[name] for name in ("probability", "value") if name in said}
    line = {**told, "prediction": said.get("name"), "explained": target}
    for other in row.get("beside", []):
        its, name = other["prediction"] or {}, other["model"]
        line |= {
            f"{what} ({name})": its.get(key)
            for what, key in (
                ("prediction", "name"),
                ("probability", "probability"),
                ("value", "value"),
            )
        }
        line[f"right ({name})"] = other["right"]
    line |= {name: row[name] for name in ("changed", "map_change") if name in row}
    return {name: value for name, value in line.items() if value not in (None, "")}
