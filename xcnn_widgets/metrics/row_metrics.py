"""The metrics that need no annotation, one number a picture: for columns beside maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from torch import Tensor

from ..methods import IsCancelled, Method
from ..network import Activation, Resolved
from ..passes import ForwardPass
from .randomisation import randomisation
from .removal import deletion_of, insertion_of
from .road import road_of
from .scored import Scored


@dataclass(frozen=True)
class Metric:
    """One number a picture: its name for people, and which end is good."""

    label: str
    higher_is_better: bool


@dataclass(frozen=True)
class RemovalMetric(Metric):
    """A metric of what becomes of the answer without some pixels; `compute` takes a `Scored`, maps, and options."""

    compute: Callable[..., Tensor]


METRICS: Mapping[str, RemovalMetric] = MappingProxyType(
    {
        "deletion": RemovalMetric(
            "Deletion (area)", False, lambda *given, **more: deletion_of(*given, **more).area
        ),
        "insertion": RemovalMetric(
            "Insertion (area)", True, lambda *given, **more: insertion_of(*given, **more).area
        ),
        "road": RemovalMetric(
            "ROAD (combined)", True, lambda *given, **more: road_of(*given, **more).combined
        ),
    }
)


ROW_METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        **METRICS,
        "randomisation": Metric("Randomisation (size of the rank correlation)", False),
    }
)
"""What a gallery can show beside a map, by name: its label, and whether higher is better."""


class RowMetrics:
    """The metrics of the maps of one batch; inputs that the metrics have in common go through the model once.

    Parameters
    ----------
    forward
        The recorded forward pass of the inputs ``(B, C, H, W)``.
    target
        What the maps explain.
    activation
        As of `deletion`.
    cancelled
        Asked before every batch.
    **call
        `additional_forward_args`, `of`, `output` and `reshape`, as `explain` takes them.
    """

    def __init__(
        self,
        forward: ForwardPass,
        target: Resolved,
        *,
        activation: Activation | None = None,
        cancelled: IsCancelled = None,
        **call: Any,
    ) -> None:
        self._forward, self._target, self._activation = forward, target, activation
        self._cancelled, self._call = cancelled, call

    def of(self, name: str, heatmaps: Tensor, method: Method, layer: str | None) -> Tensor:
        """One number a picture, ``(B,)``: ``deletion``, ``insertion``, ``road`` or ``randomisation``.

        Of the last it is the size of the rank correlation with the map of the network of which all layers are random: 0
        where the map hangs on what was learned, 1 where it does not.

        Parameters
        ----------
        name
            Of `ROW_METRICS`.
        heatmaps
            The method's, ``(B, H, W)``.
        method, layer
            What made them.

        Raises
        ------
        TypeError, ValueError
            If an argument does not fit.
        Cancelled
            If `cancelled` says so.
        """
        if name in METRICS:
            return METRICS[name].compute(self._scored, heatmaps, cancelled=self._cancelled)
        found = randomisation(
            self._forward.subject.given,
            self._forward.inputs,
            method,
            self._target if callable(self._target) else list(self._target),
            layer,
            steps=2,
            cancelled=self._cancelled,
            **self._call,
        )
        return found.rank_correlation[-1].abs()

    @cached_property
    def _scored(self) -> Scored:
        return Scored(self._forward, self._target, self._activation)
