"""Which method to believe: several metrics of several methods over many pictures, with intervals."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..methods import (
    IsCancelled,
    Method,
    Progress,
    explain_pass,
    method_named,
    refuse_cancelled,
    require_positive,
    versions_at_once,
)
from ..network import Resolved, Subject, Target, layers_of
from ..passes import ForwardPass
from .faithfulness_table import Faithfulness
from .reference_maps import REFERENCE_MAPS
from .row_metrics import METRICS
from .scored import Scored

# Options of a metric that are its `Scored`'s; metrics that agree in them share one.
_OF_SCORED = ("activation", "exact")


def faithfulness(
    model: nn.Module,
    images: Tensor,
    methods: Sequence[str | Method],
    metrics: Sequence[str] = ("deletion", "insertion", "road"),
    baselines: Sequence[str] = ("random", "sobel", "centre"),
    *,
    target: Target = None,
    layer: str | None = None,
    batch: int | None = None,
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
        How many pictures are asked at once; None is what is fast: on a processor 5 of 224 x 224.
    options
        From a metric's or a method's name to its own keyword arguments: ``{"road": {"noise": 0.05}}``.
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
    if batch is None:
        batch = versions_at_once(images[:1], len(images))
    require_positive("batch", batch)
    given = {name: dict(more) for name, more in (options or {}).items()}
    asked_maps = _Maps(chosen, tuple(baselines), given, layer, seed)
    rows = asked_maps.labels
    values = np.zeros((len(rows), len(metrics), len(images)))
    seconds = np.zeros(len(rows))
    cells = len(rows) * -(-len(images) // batch)
    done = 0
    for start, inputs, told in _batches(images, target, batch):
        forward = asked_maps.recorded(Subject.of(model, inputs, **call), told)
        asked = forward.resolved(told)
        computed = _Computed(forward, asked, metrics, given, seed)
        maps: list[Tensor] = []
        for row in range(len(rows)):
            refuse_cancelled(cancelled, "faithfulness", done, cells, "cells")
            with _added(seconds, row):
                maps.append(asked_maps.of(row, forward, asked, start))
        # The metrics need no graph, but the room.
        forward.close()
        for row, one in enumerate(maps):
            refuse_cancelled(cancelled, "faithfulness", done, cells, "cells")
            with _added(seconds, row):
                for column, name in enumerate(metrics):
                    number = computed.of(name, one)
                    values[row, column, start : start + len(inputs)] = number.cpu().numpy()
            done += 1
            if progress is not None:
                progress(done / cells)
    return Faithfulness(rows, tuple(metrics), values, tuple(seconds / len(images)))


@dataclass(frozen=True)
class _Maps:
    """The maps of all rows: of methods, from one recorded forward pass, then of baselines."""

    methods: Sequence[Method]
    baselines: Sequence[str]
    options: Mapping[str, Mapping[str, Any]]
    layer: str | None
    seed: int

    @property
    def labels(self) -> tuple[str, ...]:
        """What the rows are called."""
        baselines = (f"{name} (baseline)" for name in self.baselines)
        return (*(method.label for method in self.methods), *baselines)

    def recorded(self, subject: Subject, target: Target) -> ForwardPass:
        """The forward pass of a batch, with all that the methods ask of it."""
        layers: list[str] = []
        if any(method.uses_layer for method in self.methods):
            layers.append(self.layer or layers_of(subject, target).first())
        to_input = callable(target) or any(method.uses_input_gradient for method in self.methods)
        return ForwardPass.of(subject, layers, input_gradient=to_input, copy_inputs=False)

    def of(self, row: int, forward: ForwardPass, target: Resolved, start: int) -> Tensor:
        """The maps ``(B, H, W)`` of the batch that begins with picture `start`."""
        if row < len(self.methods):
            method = self.methods[row]
            more = self.options.get(method.name, {})
            found = explain_pass(forward, method, target, self.layer, **more)
            return torch.from_numpy(found.heatmaps())
        reference = REFERENCE_MAPS[self.baselines[row - len(self.methods)]]
        # By its number, so that the size of a batch does not count.
        places = range(len(forward.inputs))
        return torch.cat(
            [reference(forward.inputs[i : i + 1], self.seed + start + i) for i in places]
        )


class _Computed:
    """The metrics of one batch's maps, each with its options; those that read the same scores share them."""

    def __init__(
        self,
        forward: ForwardPass,
        asked: Resolved,
        metrics: Sequence[str],
        given: Mapping[str, Mapping[str, Any]],
        seed: int,
    ) -> None:
        shared: dict[tuple[Any, ...], Scored] = {}
        self._asked: dict[str, tuple[Scored, dict[str, Any]]] = {}
        for name in metrics:
            more = {"seed": seed, **given.get(name, {})}
            reads = {option: more.pop(option) for option in _OF_SCORED if option in more}
            key = tuple(reads.items())
            if key not in shared:
                shared[key] = Scored(forward, asked, **reads)
            self._asked[name] = shared[key], more

    def of(self, name: str, maps: Tensor) -> Tensor:
        """One number a picture, ``(B,)``."""
        scored, more = self._asked[name]
        return METRICS[name].compute(scored, maps, **more)


@contextmanager
def _added(seconds: NDArray[np.float64], row: int) -> Iterator[None]:
    """Add the time that passes to a row's."""
    began = time.perf_counter()
    yield
    seconds[row] += time.perf_counter() - began


def _batches(images: Tensor, target: Target, size: int) -> Iterator[tuple[int, Tensor, Target]]:
    """Where each batch starts, its inputs, and what is asked of them."""
    is_one = target is None or callable(target) or np.ndim(target) == 0
    for start in range(0, len(images), size):
        part = slice(start, start + size)
        yield start, images[part], target if is_one else cast("Any", target)[part]
