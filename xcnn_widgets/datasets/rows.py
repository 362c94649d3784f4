"""Rows of results, a few at a time, so that memory does not grow with their number."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

Row = dict[str, Any]

# Rows with maps and thumbnails, of which one may have a megabyte.
FEW = 64


def rows_of(
    dataset: ds.Dataset,
    columns: Sequence[str] | None,
    where: pc.Expression | None = None,
    at_once: int = FEW,
) -> Iterator[Row]:
    """The rows, one after the other, as they were written."""
    batches = dataset.to_batches(
        columns=columns,
        filter=where,
        batch_size=at_once,
        # Usually sixteen batches of four files are read ahead.
        batch_readahead=1,
        fragment_readahead=1,
    )
    for batch in batches:
        yield from batch.to_pylist()


def chosen(where: Sequence[int] | pc.Expression | None) -> pc.Expression | None:
    """Which rows are asked for: those of some pictures, by index, or those that an expression is true of.

    Raises
    ------
    TypeError
        If it is neither.
    """
    from pyarrow.compute import Expression
    from pyarrow.dataset import field

    if where is None or isinstance(where, Expression):
        return where
    try:
        indices = [operator.index(each) for each in where]
    except TypeError as error:
        raise TypeError(
            f"where is {where!r:.80}; expected indices of pictures, or an expression of pyarrow, such as "
            "pyarrow.compute.field('right') == False"
        ) from error
    return field("index").isin(indices)
