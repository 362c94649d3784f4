"""What a study found out, as code takes it: a table of what is known, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from .asking import Ask
from .work import Work

if TYPE_CHECKING:
    import pandas as pd


def metric_column(metric: str, method: str) -> str:
    """What the column of a metric of a method's maps is called in a table."""
    return f"{metric} {method}"


def failures_by_name(work: Work, ask: Ask) -> dict[str, str]:
    """The pictures that could not be read, or not be explained as it is asked, and why."""
    listed: dict[str, str] = {}
    for index in sorted(work.findings.failures):
        cause = work.findings.failure(index, ask)
        if cause is not None:
            name = work.exploration.pictures.name(index)
            listed[f"{name} (picture {index})" if name in listed else name] = cause
    return listed


def table(work: Work, ask: Ask, metrics: Sequence[str] = ()) -> pd.DataFrame:
    """What is known of each picture that the model has seen, in the order given.

    Columns: name, label, prediction, probability (or value, where the model's numbers are no probabilities),
    disagreement (of the first two methods asked for). Where several labels may hold, prediction is the likeliest, and
    a column labels has the names of all that are likelier than not. Of each metric and method asked for a column such
    as ``deletion grad_cam``.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("a table needs pandas: pip install pandas") from error
    answers, disagreements = work.exploration.answers, work.findings.disagreements(ask)
    plain = answers.is_settled and not answers.reading.gives_probabilities
    class_name, kind = answers.name, "value" if plain else "probability"
    rows: list[dict[str, Any]] = []
    columns = ["name", "label", "prediction", kind, "disagreement"]
    for index, verdict in sorted(work.findings.verdicts.items()):
        label = work.labels.of(index)
        rows.append(
            {
                "name": work.exploration.pictures.name(index),
                "label": class_name(label) if isinstance(label, int) else label,
                "prediction": class_name(verdict.index),
                kind: verdict.value,
                "disagreement": disagreements.get(index),
            }
        )
    for metric, method in product(metrics, ask.methods):
        columns.append(metric_column(metric, method))
        for row, index in zip(rows, sorted(work.findings.verdicts), strict=True):
            found = work.findings.number(index, ask, metric, method)
            row[columns[-1]] = None if found is None else found[0]
    if answers.is_settled and not plain and not answers.reading.has_winner:
        held = [[(v.index, v.value), *v.others] for _, v in sorted(work.findings.verdicts.items())]
        for row, labels in zip(rows, held, strict=True):
            row["labels"] = [class_name(index) for index, value in labels if value >= 0.5]
        columns.append("labels")
    return pd.DataFrame(rows, columns=columns)
