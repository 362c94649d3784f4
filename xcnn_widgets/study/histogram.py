"""How numbers of many pictures are spread: counted in equal bins, each of which is a filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 20
PROBABILITIES = (0.0, 1.0)
# One minus a rank correlation.
DISAGREEMENTS = (0.0, 2.0)


@dataclass(frozen=True)
class Histogram:
    """How many pictures have a number in each bin.

    Attributes
    ----------
    edges
        Where the bins begin, and where the last one ends, rising. A bin holds the numbers from its lower edge up to,
        and without, the upper one; the last holds all from its lower edge on.
    counts
        The pictures of each bin.
    wrong
        Those of them that the model got wrong; None where no picture has a label among the classes.

    Examples
    --------
    >>> found = Histogram.of({0: 0.0, 1: 0.3, 2: 1.0}, {0: True, 1: False, 2: None}, (0, 1), bins=4)
    >>> found.edges, found.counts, found.wrong
    ((0.0, 0.25, 0.5, 0.75, 1.0), (1, 1, 0, 1), (0, 1, 0, 0))
    >>> found.ranges[-1]
    (0.75, None)
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    wrong: tuple[int, ...] | None = None

    @property
    def ranges(self) -> list[tuple[float, float | None]]:
        """The bins as filters take them, ``[low, high)``; None is no upper end."""
        return list(zip(self.edges[:-1], (*self.edges[1:-1], None), strict=True))

    @classmethod
    def of(
        cls,
        numbers: Mapping[int, float],
        right: Mapping[int, bool | None],
        ends: tuple[float, float] | None = None,
        bins: int = BINS,
    ) -> Histogram | None:
        """Count numbers by picture; None if there are none.

        Parameters
        ----------
        numbers
            By picture.
        right
            Whether the model is right on each of them; None where that is not known.
        ends
            Where the bins begin and end, no number being less; by default at the least and the greatest number.
        bins
            How many there are; one alone where both ends are the same.
        """
        known = [right[index] for index in numbers]
        judged = np.array([-1 if each is None else each for each in known], np.int8)
        return cls.counted(np.array([*numbers.values()], np.float64), judged, ends, bins)

    @classmethod
    def counted(
        cls,
        numbers: NDArray[np.floating],
        right: NDArray[np.int8],
        ends: tuple[float, float] | None = None,
        bins: int = BINS,
    ) -> Histogram | None:
        """The same of columns ``(N,)``: NaN where there is no number, and 1, 0 or, not known, -1 for right."""
        known = np.isfinite(numbers)
        values, right = numbers[known].astype(np.float64), right[known]
        if not len(values):
            return None
        edges = bin_edges(*(ends or (float(values.min()), float(values.max()))), bins)
        last = len(edges) - 2
        places = np.minimum(np.searchsorted(edges, values, side="right") - 1, last)
        counts = np.bincount(places, minlength=last + 1)
        wrong = np.bincount(places[right == 0], minlength=last + 1)
        judged = bool((right >= 0).any())
        return cls(edges, tuple(counts.tolist()), tuple(wrong.tolist()) if judged else None)

    def state(self) -> dict[str, Any]:
        """It as it goes to a page."""
        wrong = None if self.wrong is None else list(self.wrong)
        return {"edges": list(self.edges), "counts": list(self.counts), "wrong": wrong}


def bin_edges(low: float, high: float, bins: int = BINS) -> tuple[float, ...]:
    """The edges of equal bins between two numbers; of one bin where they are the same.

    Examples
    --------
    >>> bin_edges(0, 2, 4)
    (0.0, 0.5, 1.0, 1.5, 2.0)
    """
    if low == high:
        return float(low), float(high)
    return (*(low + (high - low) * step / bins for step in range(bins)), float(high))
