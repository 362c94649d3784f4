"""Rows of a gallery from what was written down, and from the model what was not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..study import (
    Ask,
    Numbers,
    Request,
    Row,
    Screen,
    Work,
    measure,
    metric_column,
    numbers_in_columns,
    picture_rows,
    unmeasured,
)
from .columns import Columns, Positions
from .counting import trust_of
from .gallery_rows import columns_of, facts_of, gallery_row, numbers_in
from .grouped import GROUP
from .question import Question

WITHOUT_MODEL = (
    "these results were opened without their model, which this needs: "
    "GalleryWidget.open(results, model=...)"
)
# What a saved map can be painted as without more than its numbers.
STYLES_KEPT = ("heat", "contours")
# So many rows are read, or explained, before they are shown.
_CHUNK = 8


class KeptRows:
    """Rows as they were written, with what a model says beyond that.

    Parameters
    ----------
    columns, question
        What was written, and what was asked.
    """

    def __init__(self, columns: Columns, question: Question) -> None:
        self._columns, self._question = columns, question
        self.work: Work | None = None
        """The model with the pictures, if there is one."""

    def holds(self, ask: Ask, *methods: str) -> bool:
        """Whether there are maps of some methods, as they are asked."""
        question = self._question
        return (
            ask.target == question.target
            and ask.style in (None, *STYLES_KEPT)
            and all(
                method in question.methods and ask.layers[method] in (None, question.layer)
                for method in methods
            )
        )

    def holds_pair(self, ask: Ask) -> bool:
        """Whether it is written how far the first two methods disagree, as they are asked."""
        pair, kept = ask.methods[:2], self._question.methods[:2]
        return len(kept) == 2 and {*pair} == {*kept} and self.holds(ask, *pair)

    def at(
        self, positions: Positions, ask: Ask, cancelled: Callable[[], bool]
    ) -> Iterator[tuple[int, list[Row]]]:
        """Rows of pictures, a few at a time, with how many have been given by then; the rest of them is asked."""
        kept = [method for method in ask.methods if self.holds(ask, method)]
        others = tuple(method for method in ask.methods if method not in kept)
        asked = replace(ask, methods=others)
        names = columns_of(self._question, kept, ())
        for first in range(0, len(positions), _CHUNK):
            if cancelled():
                return
            some = positions[first : first + _CHUNK]
            rows = [row for row, _ in self._written(some, names, kept)]
            if not self.holds_pair(ask):
                rows = [{**row, "disagreement": None} for row in rows]
            if others:
                able = [row["index"] for row in rows if not row["error"]]
                found = self._explained(able, asked, cancelled)
                rows = [_with_maps(row, found.get(row["index"]), ask.methods) for row in rows]
            if cancelled():
                return
            yield first + len(some), rows

    def saved(
        self, indices: Sequence[int], methods: Sequence[str], cancelled: Callable[[], bool]
    ) -> Iterator[list[tuple[Row, dict[str, Any], Numbers]]]:
        """Rows of pictures as they were written, a few at a time, with what a page tells of each, and its metrics."""
        question = self._question
        names = [*columns_of(question, methods, question.metrics), "label_index"]
        for first in range(0, len(indices), _CHUNK):
            if cancelled():
                return
            some = self._columns.positions(indices[first : first + _CHUNK])
            yield [
                (
                    row,
                    facts_of(told, question),
                    {} if told["error"] else numbers_in(told, methods, question.metrics),
                )
                for row, told in self._written(some, names, methods)
            ]

    def _written(
        self, positions: Positions, names: Sequence[str], methods: Sequence[str]
    ) -> Iterator[tuple[Row, dict[str, Any]]]:
        """Rows of a gallery, each with what it is made of."""
        group = self._columns.numbers(GROUP)[positions] if self._columns.has(GROUP) else None
        for place, told in enumerate(self._columns.rows(positions, names)):
            row = gallery_row(told, self._question, methods)
            yield row if group is None else {**row, "group": int(group[place])}, told

    def _explained(
        self, indices: Sequence[int], ask: Ask, cancelled: Callable[[], bool]
    ) -> dict[int, Row]:
        """The rows of pictures with what was not written of them."""
        if self.work is None:
            raise RuntimeError(WITHOUT_MODEL)
        rows: dict[int, Row] = {}
        for answers in self.work.explain(indices, ask, cancelled):
            rows |= picture_rows(self.work, ask, answers)
        return rows

    def measure(self, shown: Positions, found: Positions, request: Request, screen: Screen) -> None:
        """Tell the metrics of a page, and of all that pass the filters what was written."""
        ask, question = request.ask, self._question
        methods = [method for method in ask.methods if self.holds(ask, method)]
        metrics = [metric for metric in request.metrics if metric in question.metrics]
        names = columns_of(question, (), ())[:1]
        names += [metric_column(metric, method) for metric in metrics for method in methods]
        told = self._columns.rows(shown, names)
        numbers = {each["index"]: numbers_in(each, methods, metrics) for each in told}
        screen.measured(numbers)
        lacking = len(metrics) < len(request.metrics) or len(methods) < len(ask.methods)
        if lacking and self.work is None:
            unknown = [metric for metric in request.metrics if metric not in metrics]
            raise RuntimeError(f"{', '.join(unknown)} was not measured; {WITHOUT_MODEL}")
        if lacking and self.work is not None:
            work = self.work
            todo = unmeasured(work, [*numbers], ask, request.metrics)
            for done in measure(work, todo, ask, request.metrics, screen.cancelled):
                more = numbers_in_columns(work, None, done, ask, request.metrics)
                screen.measured({index: _merged(numbers, more, index) for index in done})
        if request.measure_all and methods and metrics and not screen.cancelled():
            screen.trusted(*trust_of(self._columns, found, methods, metrics))


def _with_maps(row: Row, found: Row | None, methods: Sequence[str]) -> Row:
    """A row with the maps that were found beside those that it has, in the order of the methods."""
    if found is None or row["error"]:
        return row
    if found["error"]:
        return {**row, "maps": {}, "error": found["error"]}
    maps = {**row["maps"], **found["maps"]}
    apart = found["disagreement"] if len(found["maps"]) == len(maps) else row["disagreement"]
    return {**row, "disagreement": apart, "maps": {name: maps[name] for name in methods}}


def _merged(
    numbers: Mapping[int, Any], more: Mapping[int, Any], index: int
) -> dict[str, dict[str, float | None]]:
    """What was written of a picture's maps, and what was measured now."""
    kept = numbers.get(index, {})
    return {
        metric: {**by_method, **kept.get(metric, {})} for metric, by_method in more[index].items()
    }
