"""Which method to believe: several metrics of several methods over many pictures, with intervals."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..methods import (
    IsCancelled,
    Method,
    Progress,
    explain,
    method_named,
    refuse_cancelled,
    require_positive,
)
from ..network import Subject, Target
from ..passes import ForwardPass
from .randomisation import randomisation
from .reference_maps import REFERENCE_MAPS
from .removal import deletion, insertion
from .road import road

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_RESAMPLES = 1000
# Below this an interval by resampling says next to nothing.
_FEWEST = 10
# Of a bootstrap interval, in percent.
_LOW, _HIGH = 2.5, 97.5


@dataclass(frozen=True)
class Metric:
    """One number a picture: which end is good, and how it is computed, with the arguments of the function of its name."""

    label: str
    higher_is_better: bool
    compute: Callable[..., Tensor]


METRICS: Mapping[str, Metric] = {
    "deletion": Metric(
        "Deletion (area)", False, lambda *given, **more: deletion(*given, **more).area
    ),
    "insertion": Metric(
        "Insertion (area)", True, lambda *given, **more: insertion(*given, **more).area
    ),
    "road": Metric("ROAD (combined)", True, lambda *given, **more: road(*given, **more).combined),
}


ROW_METRICS: Mapping[str, Metric] = {
    **METRICS,
    "randomisation": Metric(
        "Randomisation (size of the rank correlation)",
        False,
        lambda *given, **more: randomisation(*given, steps=2, **more).rank_correlation[-1].abs(),
    ),
}


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
        What the maps and the metrics of each row took, a picture.
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


def faithfulness(
    model: nn.Module,
    images: Tensor,
    methods: Sequence[str | Method],
    metrics: Sequence[str] = ("deletion", "insertion", "road"),
    baselines: Sequence[str] = ("random", "sobel", "centre"),
    *,
    target: Target = None,
    layer: str | None = None,
    batch: int = 8,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
    progress: Progress = None,
    cancelled: IsCancelled = None,
    **call: Any,
) -> Faithfulness:
    """Compare methods by what removing their hottest pixels does, beside maps that know nothing of the network.

    Parameters
    ----------
    model
        Any `torch.nn.Module`.
    images
        Inputs ``(B, C, H, W)``, preprocessed.
    methods
        Names, or methods made of other libraries'.
    metrics
        Of ``deletion``, ``insertion`` and ``road``.
    baselines
        Of ``random``, ``sobel`` (edges) and ``centre``.
    target, layer
        As of `explain`; None for the target is each picture's predicted class.
    batch
        How many pictures are asked at once.
    options
        From a metric's or a method's name to its keyword arguments: ``{"road": {"noise": 0.05}}``.
    seed
        Of the random map, and of chance in the metrics.
    progress, cancelled
        Called after every cell of every batch with the share done, up to 1; and asked before every one.
    **call
        `additional_forward_args` and `output`, as `explain` takes them.

    Returns
    -------
    Faithfulness

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.
    Cancelled
        If `cancelled` says so.
    """
    chosen = [method_named(each) for each in methods]
    for name, known, there in (
        ("metrics", metrics, METRICS),
        ("baselines", baselines, REFERENCE_MAPS),
    ):
        wrong = [each for each in known if each not in there]
        if wrong:
            raise ValueError(f"{name} has {wrong[0]!r}; there are {', '.join(map(repr, there))}")
    if not (chosen or baselines) or not metrics:
        raise ValueError("there is nothing to compare; give methods and metrics")
    require_positive("batch", batch)
    given = dict(options or {})
    rows = [*(method.label for method in chosen), *(f"{name} (baseline)" for name in baselines)]
    values = np.zeros((len(rows), len(metrics), len(images)))
    seconds = np.zeros(len(rows))
    cells = len(rows) * -(-len(images) // batch)
    done = 0
    for start, inputs, targets in _batches(model, images, target, batch, call):
        for row in range(len(rows)):
            refuse_cancelled(cancelled, "faithfulness", done, cells, "cells")
            began = time.perf_counter()
            if row < len(chosen):
                method = chosen[row]
                found = explain(
                    model, inputs, method, targets, layer, **given.get(method.name, {}), **call
                )
                maps = torch.from_numpy(found.heatmaps())
            else:
                maps = REFERENCE_MAPS[baselines[row - len(chosen)]](inputs, seed + start)
            for column, name in enumerate(metrics):
                more = {"seed": seed, **given.get(name, {}), **call}
                number = METRICS[name].compute(model, inputs, maps, targets, **more)
                values[row, column, start : start + len(inputs)] = number.cpu().numpy()
            seconds[row] += time.perf_counter() - began
            done += 1
            if progress is not None:
                progress(done / cells)
    return Faithfulness(tuple(rows), tuple(metrics), values, tuple(seconds / len(images)))


def _batches(
    model: nn.Module, images: Tensor, target: Target, size: int, call: dict[str, Any]
) -> Iterator[tuple[int, Tensor, Target]]:
    """Where each batch starts, its inputs, and the classes or the callable explained."""
    classes = list(target) if isinstance(target, Sequence) else target
    for start in range(0, len(images), size):
        inputs = images[start : start + size]
        asked: Target = classes[start : start + size] if isinstance(classes, list) else classes
        if not callable(asked):
            subject = Subject.of(model, inputs, **call)
            asked = ForwardPass.of(subject, [], input_gradient=False).resolved(asked)
        yield start, inputs, list(asked) if isinstance(asked, tuple) else asked
