"""The tables of `docs/which-method-when.md`, from what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import xcnn_widgets as xw

from .measuring import REFERENCES, REMOVAL, Stored

PAGE = Path(__file__).parents[3] / "docs/which-method-when.md"
BEGIN = "<!-- {}: from here on to the end mark, written by `python -m tests.docs.which_method --write`. -->"
END = "<!-- end -->"

_TITLES = {"random": "chance", "sobel": "edges (Sobel)", "centre": "the centre"}
# Whether more is better.
_SIGNS = {"deletion": -1, "insertion": 1, "road": 1}
_RESAMPLES = 2000
_LOW, _HIGH = 2.5, 97.5
# A map that is this alike after everything was forgotten hardly depends on what was learned, as decision 37 has it.
STAYS = 0.5
ALIKE = 0.7


def written(page: str, stored: Stored) -> str:
    """The page with tables made anew, and what they say of all methods."""
    methods, found = stored["methods"], Removal(stored)
    parts = {
        "costs": [_costs(methods), _dependence(methods)],
        "removal": [found.table(), found.sentences()],
    }
    for name, inside in parts.items():
        begin = BEGIN.format(name)
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(END)
        page = "\n\n".join([f"{before}{begin}", *inside, f"{END}{after}"])
    return page


def _costs(methods: Stored) -> str:
    rows = [
        "| method | forward, back | time | a side | classifier forgotten | all forgotten | another class |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, method in xw.METHODS.items():
        it = methods[name]
        (side, _) = it["grid"]
        cells = [
            method.label,
            f"{it['forward']}, {it['backward']}",
            f"{it['time']:.2g}" if it["time"] < 10 else f"{it['time']:.0f}",
            str(side),
            _sizes(it["classifier"]),
            _sizes(it["everything"]),
            f"{np.mean(it['other_class']):.2f}",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _dependence(methods: Stored) -> str:
    """What the first table says of all methods."""
    staying = [name for name in xw.METHODS if stays(methods[name])]
    alike = [name for name in xw.METHODS if is_for_any_class(methods[name])]
    return (
        f"- Hardly noticed that the classifier had forgotten everything ({STAYS} or more): {_listed(staying)}.\n"
        f"- Drew nearly the same for another class ({ALIKE} or more): {_listed(alike)}."
    )


def stays(it: Stored) -> bool:
    """Whether a map stays alike when the classifier has forgotten what it learned."""
    return float(np.abs(it["classifier"]).mean()) >= STAYS


def is_for_any_class(it: Stored) -> bool:
    """Whether the map of another class is nearly the same."""
    return float(np.mean(it["other_class"])) >= ALIKE


def _sizes(correlations: list[float]) -> str:
    """The mean size of rank correlations, with the smallest and the largest."""
    sizes = np.abs(correlations)
    bold = "**" if sizes.mean() >= STAYS else ""
    return f"{bold}{sizes.mean():.2f}{bold} ({sizes.min():.2f} to {sizes.max():.2f})"


class Removal:
    """What removing pixels says of each method: the mean over networks for each photo, intervals over photos."""

    def __init__(self, stored: Stored) -> None:
        self.methods = [name for name in xw.METHODS if name in stored["methods"]]
        both = {**stored["methods"], **stored["references"]}
        self._values = {
            name: {metric: np.mean(both[name][metric], axis=0) for metric in REMOVAL}
            for name in both
        }
        count = len(stored["pictures"])
        self._drawn = np.random.default_rng(0).integers(0, count, (_RESAMPLES, count))

    def table(self) -> str:
        """Means with their intervals; bold is better than chance and edges."""
        rows = ["| map by | deletion | insertion | ROAD |", "| --- | --- | --- | --- |"]
        for name in (*self.methods, *REFERENCES):
            label = xw.METHODS[name].label if name in xw.METHODS else f"*{_TITLES[name]}*"
            cells = [self._cell(name, metric) for metric in REMOVAL]
            rows.append(f"| {label} | {' | '.join(cells)} |")
        return "\n".join(rows)

    def beats(self, name: str, other: str, metric: str) -> bool:
        """Whether a map is better than another on these photos: the interval of the difference leaves 0 out."""
        difference = self._values[name][metric] - self._values[other][metric]
        low, _ = self._interval(_SIGNS[metric] * difference)
        return low > 0

    def is_better(self, name: str, metric: str) -> bool:
        """Whether it is better than chance and than the picture's edges."""
        return all(self.beats(name, other, metric) for other in ("random", "sobel"))

    def sentences(self) -> str:
        """Who is better than chance and edges, and who is best."""
        lines = []
        for metric in REMOVAL:
            good = [name for name in self.methods if self.is_better(name, metric)]
            lines.append(f"- {_METRICS[metric]}: {self._best(metric, good)}")
        return "\n".join(lines)

    def best(self, metric: str) -> list[str]:
        """The best method by its mean, and those that these photos do not tell from it."""
        means = {name: _SIGNS[metric] * self._values[name][metric].mean() for name in self.methods}
        first = max(means, key=lambda name: means[name])
        order = sorted(means, key=lambda name: -means[name])
        return [name for name in order if name == first or not self.beats(first, name, metric)]

    def _best(self, metric: str, good: list[str]) -> str:
        first, *rivals = self.best(metric)
        told = f"better than chance and edges: {_listed(good) if good else 'none for certain'}. "
        if not rivals:
            return f"{told}Best: {xw.METHODS[first].label}."
        return f"{told}By the mean {xw.METHODS[first].label} is best; not told from it: {_listed(rivals)}."

    def _cell(self, name: str, metric: str) -> str:
        values = self._values[name][metric]
        low, high = self._interval(values)
        bold = "**" if name in self.methods and self.is_better(name, metric) else ""
        return f"{bold}{values.mean():.2f}{bold} ({low:.2f} to {high:.2f})"

    def _interval(self, values: NDArray[Any]) -> tuple[float, float]:
        means = values[self._drawn].mean(axis=1)
        low, high = np.percentile(means, [_LOW, _HIGH])
        return float(low), float(high)


_METRICS = {"deletion": "Deletion", "insertion": "Insertion", "road": "ROAD"}


def _listed(names: list[str]) -> str:
    return ", ".join(xw.METHODS[name].label for name in names)
