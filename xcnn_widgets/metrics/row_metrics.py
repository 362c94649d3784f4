"""The metrics that need no annotation, one number a picture: for columns beside maps."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from ..methods import IsCancelled, Method
from ..network import Activation, Target
from .faithfulness import ROW_METRICS


def row_metric(
    name: str,
    model: nn.Module,
    inputs: Tensor,
    heatmaps: Tensor,
    target: Target,
    *,
    method: Method,
    layer: str | None,
    activation: Activation | None = None,
    cancelled: IsCancelled = None,
    **call: Any,
) -> Tensor:
    """One number a picture, ``(B,)``: ``deletion``, ``insertion``, ``road`` or ``randomisation``.

    Of the last it is the size of the rank correlation with the map of the network of which all layers are random: 0 where
    the map hangs on what was learned, 1 where it does not.

    Parameters
    ----------
    name
        Of `ROW_METRICS`.
    model, inputs, target, activation, cancelled, **call
        As of `deletion`.
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
    if name == "randomisation":
        return ROW_METRICS[name].compute(
            model, inputs, method, target, layer, cancelled=cancelled, **call
        )
    return ROW_METRICS[name].compute(
        model, inputs, heatmaps, target, activation=activation, cancelled=cancelled, **call
    )
