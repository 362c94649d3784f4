"""Metrics of the maps of many pictures: computed picture by picture, and remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import isfinite

import numpy as np
import torch

from ..methods import explain_pass, method_named
from ..metrics import Faithfulness, RowMetrics
from ..network import Cancelled
from .asking import Ask
from .samples import Sample, indices_of
from .words import in_words
from .work import Work

# By metric, then by method; None where it could not be measured.
Numbers = dict[str, dict[str, float | None]]


def numbers_of(work: Work, index: int, ask: Ask, metrics: Sequence[str]) -> Numbers:
    """What is known of a picture's maps."""
    found: Numbers = {}
    for metric in metrics:
        known = {name: work.findings.number(index, ask, metric, name) for name in ask.methods}
        told = {name: number[0] for name, number in known.items() if number is not None}
        if told:
            found[metric] = told
    return found


def unmeasured(work: Work, indices: Sequence[int], ask: Ask, metrics: Sequence[str]) -> list[int]:
    """Those of the pictures of whose maps a metric is not known, and that did not fail."""
    findings = work.findings
    return [
        index
        for index in indices
        if findings.failure(index, ask) is None
        and any(
            findings.number(index, ask, metric, name) is None
            for metric in metrics
            for name in ask.methods
        )
    ]


def measure(
    work: Work,
    indices: Sequence[int],
    ask: Ask,
    metrics: Sequence[str],
    cancelled: Callable[[], bool],
) -> Iterator[list[int]]:
    """Measure the maps of pictures, one picture after the other; yields the indices that are done."""
    each = partial(_measure, work, ask, metrics, cancelled)
    return work.work_through(indices, each, ask, cancelled, most=1)


def _measure(
    work: Work,
    ask: Ask,
    metrics: Sequence[str],
    cancelled: Callable[[], bool],
    batch: list[Sample],
) -> None:
    able = work.findings.explainable(indices_of(batch), ask)
    batch = [sample for sample in batch if sample.index in able]
    if not batch:
        return
    methods = [method_named(name) for name in ask.methods]
    layers = {layer for layer in ask.layers.values() if layer is not None}
    to_input = any(method.uses_input_gradient for method in methods)
    forward = work.forward(batch, [*layers], input_gradient=to_input)
    work.judge(batch, forward)
    indices, answers = indices_of(batch), work.exploration.answers
    asked = answers.asked_of(work.findings.targets(indices, ask))
    measured = RowMetrics(
        forward,
        asked if callable(asked) else tuple(asked),
        activation=answers.reading.activation,
        cancelled=cancelled,
        **work.exploration.call(indices),
    )
    for method in methods:
        layer = ask.layers[method.name]
        options = work.asked_with(method, batch, cancelled)
        found = explain_pass(forward, method, asked, layer, **options)
        maps = torch.from_numpy(found.heatmaps())
        for metric in metrics:
            if all(work.findings.number(i, ask, metric, method.name) for i in indices):
                continue
            try:
                values = measured.of(metric, maps, method, layer).tolist()
            except Cancelled:
                raise
            except Exception as error:
                work.findings.unmeasured[metric, method.name] = in_words(error)
                values = [None] * len(indices)
            for index, value in zip(indices, values, strict=True):
                told = value if value is not None and isfinite(value) else None
                work.findings.keep_number(index, ask, metric, method.name, told)


def trust_of(
    work: Work, indices: Sequence[int], ask: Ask, metrics: Sequence[str]
) -> tuple[Faithfulness, int]:
    """All that was measured of pictures as one table, and how many are left out, for not all of theirs is known."""
    rows = [numbers_of(work, index, ask, metrics) for index in indices]
    names = ask.methods
    whole = [
        [[row.get(metric, {}).get(name) for metric in metrics] for name in names] for row in rows
    ]
    values = [one for one in whole if all(number is not None for line in one for number in line)]
    labels = tuple(method_named(name).label for name in names)
    table = np.array(values, dtype=np.float64).reshape(len(values), len(names), len(metrics))
    found = Faithfulness(labels, tuple(metrics), table.transpose(1, 2, 0), (0.0,) * len(names))
    return found, len(rows) - len(values)
