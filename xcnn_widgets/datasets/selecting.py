"""Orders and filters of a gallery, answered by columns: all rows at once, without a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..metrics import ROW_METRICS
from ..study import Range, Selection, metric_column
from .columns import Columns, Positions
from .grouped import GROUP
from .question import Question

Mask = NDArray[np.bool_]
Filter = Callable[[Columns, Question, Any], Mask]
# Smaller keys come first, the first key above all others; NaN comes last.
Keys = Callable[[Columns, Question], list[NDArray[Any]]]


class AsGiven:
    """All rows as they were given, of which no more is read than is asked for."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns)

    def part(self, first: int, last: int) -> Positions:
        """Some positions."""
        return self._columns.ordered(first, last)

    def whole(self) -> Positions:
        """All positions."""
        return self._columns.in_order


@dataclass(frozen=True, eq=False)
class Found:
    """Rows that were found, in order."""

    positions: Positions

    def __len__(self) -> int:
        return len(self.positions)

    def part(self, first: int, last: int) -> Positions:
        """Some positions."""
        return self.positions[first:last]

    def whole(self) -> Positions:
        """All positions."""
        return self.positions


def selected(
    columns: Columns, question: Question, selection: Selection, method: str
) -> Found | AsGiven:
    """The rows that pass the filters, in order; `method` is the one whose metrics order them.

    What is said of orders and filters in `study` holds here: equals stay as they were given, and those of which nothing
    is known come last.
    """
    if selection.order == "given" and not selection.filters and not selection.show_text.strip():
        return AsGiven(columns)
    passes = columns.having(selection.show_text)
    for name, value in selection.filters.items():
        # Without an answer of the model a picture passes none.
        passes &= _FILTERS[name](columns, question, value) & _seen(columns)
    positions = columns.in_order[passes[columns.in_order]]
    if selection.order in ROW_METRICS:
        keys = _worst_first(columns, selection.order, method)
    else:
        keys = _ORDERS[selection.order](columns, question)
    if not keys:
        return Found(positions)
    # The last key of `lexsort` is the first one, and equals keep their order.
    return Found(positions[np.lexsort([key[positions] for key in reversed(keys)])])


def _seen(columns: Columns) -> Mask:
    seen: Mask = columns.numbers("prediction_index") >= 0
    return seen


def _value(columns: Columns, question: Question) -> NDArray[np.float32]:
    return columns.numbers(question.said)


def _worst_first(columns: Columns, metric: str, method: str) -> list[NDArray[Any]]:
    sign = 1 if ROW_METRICS[metric].higher_is_better else -1
    return [sign * columns.numbers(metric_column(metric, method))]


_ORDERS: Mapping[str, Keys] = {
    "given": lambda _, __: [],
    "confidence": lambda columns, question: [-_value(columns, question)],
    "least_confident": lambda columns, question: [_value(columns, question)],
    "wrong": lambda columns, question: [
        ~_seen(columns),
        columns.numbers("right") != 0,
        -_value(columns, question),
    ],
    "disagreement": lambda columns, _: [-columns.numbers("disagreement")],
}


def _show(columns: Columns, _: Question, show: str) -> Mask:
    shown: Mask = columns.numbers("right") == {"wrong": 0, "right": 1}[show]
    return shown


def _show_label(columns: Columns, _: Question, index: int) -> Mask:
    shown: Mask = columns.numbers("label_index") == index
    return shown


def _show_group(columns: Columns, _: Question, group: int) -> Mask:
    shown: Mask = columns.numbers(GROUP) == group
    return shown


def _show_class(columns: Columns, question: Question, index: int) -> Mask:
    named: Mask = columns.numbers("prediction_index") == index
    return named if question.has_winner else named | _holds(columns, question, index)


def _is_in(ends: Range, numbers: NDArray[np.float32]) -> Mask:
    low, high = ends
    # As numbers of Python are compared: what is kept in single precision has its own value in double.
    values = numbers.astype(np.float64)
    found: Mask = values >= low if high is None else (values >= low) & (values < high)
    return found


def _holds(columns: Columns, question: Question, index: int) -> Mask:
    """Where each label holds by itself: the rows where one is among the likeliest, and likelier than not."""
    import pyarrow.compute as pc

    found = np.zeros(len(columns), np.bool_)
    if question.said != "probability":
        return found
    table = columns.table(["top_indices", "top_values"]).combine_chunks()
    classes, values = (table[name].combine_chunks() for name in table.column_names)
    hit = pc.and_(pc.equal(classes.flatten(), index), pc.greater_equal(values.flatten(), 0.5))
    found[pc.list_parent_indices(classes).filter(hit).to_numpy()] = True
    return found


_FILTERS: Mapping[str, Filter] = {
    "show": _show,
    "show_class": _show_class,
    "show_label": _show_label,
    "show_value": lambda columns, question, ends: _is_in(ends, _value(columns, question)),
    "show_group": _show_group,
    "show_disagreement": lambda columns, _, ends: _is_in(ends, columns.numbers("disagreement")),
}
