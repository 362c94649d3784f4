"""What results say of all pictures together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..methods import method_named
from ..metrics import Faithfulness
from ..study import (
    DISAGREEMENTS,
    PROBABILITIES,
    Histogram,
    Summary,
    metric_column,
)
from .columns import Columns, Positions
from .question import Question


def summary_of(columns: Columns, question: Question, *, apart: bool) -> Summary:
    """How well the model does, which classes it takes for which, and how its numbers are spread.

    `apart` says whether it is told how far two methods disagree.
    """
    needed = ["label_index", "prediction_index", "right", question.said]
    columns.read(*needed, *(["disagreement"] if apart else []))
    label, predicted = (columns.numbers(f"{name}_index") for name in ("label", "prediction"))
    right = columns.numbers("right")
    seen = predicted >= 0
    judged = seen & (right >= 0)
    confusion: dict[tuple[int, int], int] = {}
    if question.has_winner:
        classes = len(question.class_names)
        pairs = label[judged].astype(np.int64) * classes + predicted[judged]
        found, counts = np.unique(pairs, return_counts=True)
        confusion = {
            divmod(pair, classes): count
            for pair, count in zip(found.tolist(), counts.tolist(), strict=True)
        }
    return Summary(
        len(columns),
        int((right[judged] == 1).sum()),
        int((right[judged] == 0).sum()),
        int((seen & (right < 0)).sum()),
        int((~seen).sum()),
        confusion,
        values=Histogram.counted(
            columns.numbers(question.said)[seen],
            right[seen],
            PROBABILITIES if question.said == "probability" else None,
        ),
        disagreements=Histogram.counted(columns.numbers("disagreement"), right, DISAGREEMENTS)
        if apart
        else None,
    )


def trust_of(
    columns: Columns, positions: Positions, methods: Sequence[str], metrics: Sequence[str]
) -> tuple[Faithfulness, int]:
    """The metrics of rows as one table, and how many rows are left out, for not all of theirs is known."""
    table = np.stack(
        [
            [columns.numbers(metric_column(metric, method))[positions] for metric in metrics]
            for method in methods
        ]
    ).astype(np.float64)
    whole = np.isfinite(table).all(axis=(0, 1))
    labels = tuple(method_named(method).label for method in methods)
    found = Faithfulness(labels, tuple(metrics), table[:, :, whole], (0.0,) * len(methods))
    return found, int((~whole).sum())
