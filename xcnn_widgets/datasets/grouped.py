"""Groups of pictures with like maps, as a gallery filters by them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..study import quantised
from .columns import Columns
from .groups import Groups

# The column of a row's group; -1 is none.
GROUP = "group"


def grouped(columns: Columns, groups: Groups | None) -> dict[str, Any]:
    """The groups as a page takes them, empty where there are none; each row's is a column from then on."""
    if groups is None:
        return {}
    number = np.full(len(columns), -1, np.int32)
    number[columns.positions(groups.indices)] = groups.numbers
    columns.add(GROUP, number)
    of_wrong = number[columns.numbers("right") == 0]
    counts = np.bincount(of_wrong[of_wrong >= 0], minlength=len(groups)).tolist()
    return {
        "method": groups.method,
        "groups": [
            {
                # The page tells the size beside it.
                "name": f"group {number}",
                "size": size,
                "wrong": None if share is None else count,
                "map": _map_state(mean_map),
            }
            for number, size, share, count, mean_map in zip(
                range(1, len(groups) + 1),
                groups.sizes,
                groups.wrong,
                counts,
                groups.mean_maps,
                strict=True,
            )
        ],
    }


def _map_state(values: Any) -> dict[str, Any]:
    low, high = float(values.min()), float(values.max())
    data = quantised(values, low, high).tobytes()
    return {"data": data, "shape": list(values.shape), "range": [low, high]}
