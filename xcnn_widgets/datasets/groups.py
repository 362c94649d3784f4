"""Groups of pictures whose maps are alike, as they stand in the folder of results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .folder import GROUPS_JSON, GROUPS_TABLE, Folder

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# Of what is written: a reader knows its own version and those before it.
GROUPS_FORMAT = 1
# Digits of a number that is written: more than single precision has for a mean.
_DIGITS = 6


@dataclass(frozen=True, eq=False, repr=False)
class Groups:
    """Groups of pictures by their maps, as `Results.cluster` finds them; the largest is group 0.

    Attributes
    ----------
    method
        Whose maps they are.
    how
        ``k-means`` or ``spectral``.
    seed
        Of what is drawn at random.
    within
        Which pictures were looked at: ``{"label": "cat"}``, ``{"prediction": 3}``, both, or ``{}``, all.
    indices
        Of the pictures that are in a group, ``(N,)``, in their order.
    numbers
        The group of each, ``(N,)``, 0 to ``n - 1``.
    mean_maps
        The mean map of each group, ``float32`` ``(n, h, w)``, on the small grid that was compared; each map counts by
        its shape, not by its strength.
    examples
        Of each group the indices of the pictures that are nearest to its mean, the nearest first.
    wrong
        Of each group the share of pictures that the model got wrong, in [0, 1], of those with a label among its
        classes; None if there are none.
    silhouette
        How distinct the groups are, -1 to 1, in the mean of at most 2,000 pictures: near 1 each picture is far nearer to its own
        group than to the next one, near 0 the groups run into each other (Rousseeuw, 1987). None where that has no
        meaning, as each group has one picture.
    left_out
        How many pictures are in no group, because they have no map, or one that is the same everywhere.
    folder
        Where they are kept.
    """

    method: str
    how: str
    seed: int
    within: Mapping[str, str | int]
    indices: NDArray[np.int64]
    numbers: NDArray[np.int32]
    mean_maps: NDArray[np.float32]
    examples: tuple[tuple[int, ...], ...]
    wrong: tuple[float | None, ...]
    silhouette: float | None
    left_out: int
    folder: Folder = field(repr=False)

    def __len__(self) -> int:
        return len(self.mean_maps)

    def __repr__(self) -> str:
        distinct = "" if self.silhouette is None else f", silhouette {self.silhouette:.2f}"
        of = "".join(f", {what} {value!r}" for what, value in self.within.items())
        lines = [f"Groups({self.method}, {self.how}{of}{distinct})"]
        for name, wrong in zip(self.names, self.wrong, strict=True):
            lines.append(f"  {name}" + ("" if wrong is None else f" · {wrong:.0%} wrong"))
        if self.left_out:
            lines.append(f"  {_pictures(self.left_out)} in no group")
        return "\n".join(lines)

    @property
    def labels(self) -> dict[int, int]:
        """From a picture's index to its group."""
        return dict(zip(self.indices.tolist(), self.numbers.tolist(), strict=True))

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many pictures are in each group."""
        return tuple(np.bincount(self.numbers, minlength=len(self)).tolist())

    @property
    def names(self) -> tuple[str, ...]:
        """What people read: ``group 1 · 312 pictures`` is group 0."""
        return tuple(
            f"group {number} · {_pictures(size)}" for number, size in enumerate(self.sizes, start=1)
        )

    def members(self, group: int) -> NDArray[np.int64]:
        """The indices of the pictures in a group, in their order.

        Raises
        ------
        ValueError
            If there is no such group.
        """
        if isinstance(group, bool) or group not in range(len(self)):
            raise ValueError(f"group is {group!r}; there are groups 0 to {len(self) - 1}")
        found: NDArray[np.int64] = self.indices[self.numbers == group]
        return found

    def to_dataframe(self) -> pd.DataFrame:
        """A table with ``index`` and ``group`` of each picture that is in one.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd

        return pd.DataFrame({"index": self.indices, "group": self.numbers})

    def figure(self) -> Figure:
        """A figure with a row for each group: its mean map, and the pictures nearest to it under their maps."""
        from .group_figure import groups_figure

        labels = [name.replace(" · ", "\n") for name in self.names]
        for group, wrong in enumerate(self.wrong):
            labels[group] += "" if wrong is None else f"\n{wrong:.0%} wrong"
        return groups_figure(self.folder, self.method, self.mean_maps, self.examples, labels)


def keep_groups(groups: Groups) -> None:
    """Write groups into their folder, in the place of those that are there."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = groups.folder
    table = pa.table(
        {
            "index": pa.array(groups.indices, pa.int64()),
            "group": pa.array(groups.numbers, pa.int32()),
        }
    )
    with folder.alone():
        # Without its description a table does not count: a half of the old and a half of the new never do.
        folder.forget_groups()
        with folder.whole(folder.path / GROUPS_TABLE) as beside:
            pq.write_table(table, beside, compression="zstd")
        with folder.whole(folder.path / GROUPS_JSON) as beside:
            beside.write_text(_told(groups), encoding="utf-8")


def kept_groups(folder: Folder) -> Groups | None:
    """The groups in a folder; None where there are none.

    Raises
    ------
    ValueError
        If a later version has written them.
    """
    import pyarrow.parquet as pq

    file = folder.path / GROUPS_JSON
    if not file.is_file():
        return None
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if told["format"] > GROUPS_FORMAT:
        raise ValueError(
            f"these groups have format {told['format']}, and this version of xcnn-widgets reads up to {GROUPS_FORMAT}; "
            "pip install --upgrade xcnn-widgets"
        )
    table = pq.read_table(folder.path / GROUPS_TABLE, partitioning=None)
    each = told["groups"]
    return Groups(
        method=told["method"],
        how=told["how"],
        seed=told["seed"],
        within=told["within"],
        indices=table["index"].to_numpy(),
        numbers=table["group"].to_numpy(),
        mean_maps=np.array([group["mean_map"] for group in each], np.float32),
        examples=tuple(tuple(group["examples"]) for group in each),
        wrong=tuple(group["wrong"] for group in each),
        silhouette=told["silhouette"],
        left_out=told["left_out"],
        folder=folder,
    )


def _told(groups: Groups) -> str:
    rows = zip(
        groups.names, groups.sizes, groups.wrong, groups.examples, groups.mean_maps, strict=True
    )
    told = {
        "format": GROUPS_FORMAT,
        "method": groups.method,
        "n": len(groups),
        "how": groups.how,
        "seed": groups.seed,
        "within": dict(groups.within),
        "silhouette": groups.silhouette,
        "left_out": groups.left_out,
        "groups": [
            {
                "name": name,
                "size": size,
                "wrong": wrong,
                "examples": list(examples),
                "mean_map": [
                    [float(f"{value:.{_DIGITS}g}") for value in line] for line in mean_map
                ],
            }
            for name, size, wrong, examples, mean_map in rows
        ],
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"
