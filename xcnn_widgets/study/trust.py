"""Whether a map can be trusted, as numbers: random networks, pixels that go, and another class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

STAYS_UP = 0.5
"""A map whose rank correlation is, in the mean of its sizes over all steps, at least this hardly depends on the weights."""


@dataclass(frozen=True, eq=False)
class RandomNetworks:
    """The map of the network while its weights become random, from the classifier down.

    Attributes
    ----------
    layers
        The last module that is random at each of the steps; the first is the classifier, at the last all are random.
    rank_correlation
        ``(steps,)``, of each map with the trained network's; 0 where one of both is the same everywhere.
    maps
        ``(steps, h, w)``.
    trained
        ``(h, w)``, the trained network's.
    """

    layers: tuple[str, ...]
    rank_correlation: NDArray[np.float32]
    maps: NDArray[np.float32]
    trained: NDArray[np.float32]

    @property
    def mean_correlation(self) -> float:
        """The mean size of the rank correlation over all steps, 0 to 1; its sign is left out, as in Adebayo et al., 2018."""
        return float(np.abs(self.rank_correlation).mean())

    @property
    def stays_up(self) -> bool:
        """Whether the map hardly depends on what was learned: `mean_correlation` is at least 0.5."""
        return self.mean_correlation >= STAYS_UP

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each step: ``step``, ``layer``, ``rank_correlation``."""
        import pandas as pd

        steps = np.arange(1, len(self.layers) + 1)
        columns = {"step": steps, "layer": self.layers, "rank_correlation": self.rank_correlation}
        return pd.DataFrame(columns)


@dataclass(frozen=True, eq=False)
class Removal:
    """What the network says while the hottest pixels go, and while they come, by the order of three maps.

    Attributes
    ----------
    shares
        ``(steps + 1,)``: the share of the pixels that is taken away, or given back.
    deletion, insertion
        By ``map``, ``random`` and ``sobel``, ``(steps + 1,)``: the probability of the class, or the target's score.
        Where a pixel was stands the picture's mean colour (deletion), or the blurred picture (insertion).
    order
        ``uint8`` ``(H, W)``: the step of deletion in which each pixel goes, 1 for the hottest.
    is_probability
        Whether the curves are probabilities.
    """

    shares: NDArray[np.float32]
    deletion: Mapping[str, NDArray[np.float32]]
    insertion: Mapping[str, NDArray[np.float32]]
    order: NDArray[np.uint8]
    is_probability: bool

    def areas(self, kind: str) -> dict[str, float]:
        """The area under each curve of ``deletion`` (the lower the better) or ``insertion`` (the higher the better)."""
        curves = {"deletion": self.deletion, "insertion": self.insertion}[kind]
        widths = np.diff(self.shares)
        return {
            name: float(((row[1:] + row[:-1]) / 2 * widths).sum()) for name, row in curves.items()
        }

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each curve and step: ``curve``, ``map``, ``share``, ``score``."""
        import pandas as pd

        curves = {"deletion": self.deletion, "insertion": self.insertion}
        return pd.DataFrame(
            [
                (curve, name, share, score)
                for curve, rows in curves.items()
                for name, row in rows.items()
                for share, score in zip(self.shares.tolist(), row.tolist(), strict=True)
            ],
            columns=["curve", "map", "share", "score"],
        )


@dataclass(frozen=True)
class OtherClass:
    """How alike the map of the next likeliest class is: its name, and the rank correlation of both maps, -1 to 1."""

    name: str
    rank_correlation: float


@dataclass(frozen=True, eq=False)
class Trust:
    """What speaks for a map and against it.

    Attributes
    ----------
    image, method, layer, target
        Which map: the names of picture, method, layer (None where the method uses none) and class.
    randomised, removed, other
        The three checks; None where one does not fit.
    why
        From ``randomised``, ``removed`` or ``other`` to why it does not fit.
    """

    image: str
    method: str
    layer: str | None
    target: str
    randomised: RandomNetworks | None
    removed: Removal | None
    other: OtherClass | None
    why: Mapping[str, str]
