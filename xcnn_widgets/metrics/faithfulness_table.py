"""A table of methods and metrics over many pictures, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .row_metrics import ROW_METRICS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_RESAMPLES = 1000
# Below this an interval by resampling says next to nothing.
_FEWEST = 10
# Of a bootstrap interval, in percent.
_LOW, _HIGH = 2.5, 97.5


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """A table of methods and metrics, with one number a picture in each cell.

    Attributes
    ----------
    rows
        The labels of the methods, then of the baselines.
    metrics
        The names of the metrics.
    values
        ``(rows, metrics, pictures)``.
    seconds
        What the maps and the metrics of each row took, a picture; not what all rows share.
    """

    rows: tuple[str, ...]
    metrics: tuple[str, ...]
    values: NDArray[np.float64]
    seconds: tuple[float, ...]

    def intervals(self) -> NDArray[np.float64]:
        """Mean, and the 95 % bootstrap interval of the mean over pictures, ``(rows, metrics, 3)``; the same each time."""
        chance = np.random.default_rng(0)
        count = self.values.shape[2]
        drawn = chance.integers(0, count, (_RESAMPLES, count))
        means = self.values[:, :, drawn].mean(axis=3)
        low, high = np.percentile(means, [_LOW, _HIGH], axis=2)
        return np.stack([self.values.mean(axis=2), low, high], axis=2)

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each method and metric: ``method``, ``metric``, ``mean``, ``low``, ``high``, ``seconds``."""
        import pandas as pd

        found = self.intervals()
        return pd.DataFrame(
            [
                {
                    "method": row,
                    "metric": metric,
                    "mean": found[i, j, 0],
                    "low": found[i, j, 1],
                    "high": found[i, j, 2],
                    "seconds": self.seconds[i],
                }
                for i, row in enumerate(self.rows)
                for j, metric in enumerate(self.metrics)
            ]
        )

    def sentences(self) -> list[str]:
        """What can be said of each metric: who is best, or between whom these pictures do not decide."""
        return [self._sentence(number) for number in range(len(self.metrics))]

    def _sentence(self, number: int) -> str:
        metric, means = ROW_METRICS[self.metrics[number]], self.values[:, number].mean(axis=1)
        sign = 1 if metric.higher_is_better else -1
        order = np.argsort(-sign * means, kind="stable")
        best = order[0]
        # Pictures differ more than methods do: what counts is the difference on the same picture.
        rivals = [
            self.rows[other] for other in order[1:] if not self._is_apart(best, other, number)
        ]
        pictures = self.values.shape[2]
        if pictures < _FEWEST:
            return f"{metric.label}: {pictures} pictures are too few to say who is best; take {_FEWEST} or more."
        if not rivals:
            return f"{metric.label}: {self.rows[best]} is best on these {pictures} pictures."
        return (
            f"{metric.label}: these {pictures} pictures do not decide between {self.rows[best]} and "
            f"{', '.join(rivals)}: the intervals of their differences contain 0."
        )

    def _is_apart(self, first: int, second: int, metric: int) -> bool:
        """Whether the bootstrap interval of the mean difference of two rows leaves 0 out."""
        difference = self.values[first, metric] - self.values[second, metric]
        chance = np.random.default_rng(0)
        drawn = chance.integers(0, len(difference), (_RESAMPLES, len(difference)))
        low, high = np.percentile(difference[drawn].mean(axis=1), [_LOW, _HIGH])
        return bool(low > 0 or high < 0)

    def figure(self) -> Figure:
        """Draw means and intervals, one panel a metric."""
        from matplotlib.figure import Figure

        found = self.intervals()
        figure = Figure(
            figsize=(3.2 * len(self.metrics) + 1.5, 0.35 * len(self.rows) + 1.4),
            layout="constrained",
        )
        for number, name in enumerate(self.metrics):
            axes = figure.add_subplot(1, len(self.metrics), number + 1)
            places = np.arange(len(self.rows))[::-1]
            mean, low, high = found[:, number].T
            axes.errorbar(mean, places, xerr=[mean - low, high - mean], fmt="o", capsize=3)
            axes.set_yticks(places, self.rows if number == 0 else [""] * len(self.rows))
            better = "higher" if ROW_METRICS[name].higher_is_better else "lower"
            axes.set_title(f"{ROW_METRICS[name].label}\n{better} is better", fontsize=9)
            axes.grid(axis="x", alpha=0.3)
        return figure

    def __str__(self) -> str:
        return "\n".join(self.sentences())
