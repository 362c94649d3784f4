"""The columns of what is written, and rows as a table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from ..study import metric_column
from .question import FORMAT, Question

# How many of the likeliest classes are kept.
TOP = 5


def schema_of(question: Question) -> pa.Schema:
    """The columns of a question's answers; every picture has a row, also one that could not be read."""
    small = pa.list_(pa.float32())
    columns = [
        pa.field("index", pa.int64()),
        pa.field("key", pa.string()),
        pa.field("source", pa.string()),
        pa.field("name", pa.string()),
        pa.field("label", pa.string()),
        pa.field("label_index", pa.int32()),
        pa.field("prediction", pa.string()),
        pa.field("prediction_index", pa.int32()),
        pa.field(question.said, pa.float32()),
        pa.field("right", pa.bool_()),
        pa.field("top_names", pa.list_(pa.string())),
        pa.field("top_indices", pa.list_(pa.int32())),
        pa.field("top_values", small),
        pa.field("explained", pa.string()),
        pa.field("explained_index", pa.int32()),
    ]
    if question.logits:
        columns.append(pa.field("logits", small))
    if len(question.methods) > 1:
        columns.append(pa.field("disagreement", pa.float32()))
    for method in question.methods:
        columns += [
            pa.field(metric_column(metric, method), pa.float32()) for metric in question.metrics
        ]
    for method in question.methods:
        columns += [
            pa.field(f"{method}_map", pa.binary()),
            pa.field(f"{method}_shape", pa.list_(pa.int32())),
            pa.field(f"{method}_low", pa.float32()),
            pa.field(f"{method}_high", pa.float32()),
        ]
    columns += [
        pa.field("size", pa.list_(pa.int32())),
        pa.field("thumbnail", pa.binary()),
        pa.field("note", pa.string()),
        pa.field("error", pa.string()),
    ]
    return pa.schema(columns, metadata={"xcnn_widgets.format": str(FORMAT)})


def table_of(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table; what a row does not tell is null."""
    columns = [[row.get(field.name) for row in rows] for field in schema]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
