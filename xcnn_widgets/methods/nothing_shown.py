"""Why a map shows nothing, and what to try instead."""

from __future__ import annotations

import torch
from torch import Tensor

from .heatmaps import is_constant
from .question import Question


def says_nothing(maps: Tensor, asked: Question, *, is_weighted: bool) -> str:
    """What a reader has to know of maps that are the same everywhere; empty if there are none.

    Parameters
    ----------
    maps
        ``(B, h, w)``.
    asked
        The question that they answer; nothing that is not known yet is computed where its graph was let go of.
    is_weighted
        Whether they are Grad-CAM's, or made of it: a sum of channels weighted by their mean gradients.
    """
    constant = is_constant(maps).flatten()
    if not constant.any():
        return ""
    numbers = constant.nonzero().flatten().tolist()
    if maps.flatten(1).abs().amax(dim=1)[constant].any():
        return f"{_which(numbers, len(maps))} is the same everywhere: it shows no place."
    reasons: dict[str, list[int]] = {}
    for sample in numbers:
        reasons.setdefault(_why_zero(asked, sample, is_weighted=is_weighted), []).append(sample)
    return " ".join(
        f"{_which(samples, len(maps))} is zero everywhere: {why}."
        for why, samples in reasons.items()
    )


def _which(samples: list[int], count: int) -> str:
    return "The map" if count == 1 else f"The map of samples {samples}"


def _why_zero(asked: Question, sample: int, *, is_weighted: bool) -> str:
    forward, layer = asked.forward, asked.layer
    if not layer:
        return "nothing in the picture moves the score of what is explained; try another class or method"
    activation = forward.maps(layer)[sample]
    if not activation.any():
        return f"the activation of layer {layer!r} is zero on this picture; try another layer"
    if not is_weighted or (asked.release and callable(asked.target)):
        return (
            f"at layer {layer!r} nothing speaks for what is explained; try an earlier layer, another "
            "class or another method"
        )
    weights = forward.mean_gradient(asked.target, layer)[sample]
    if not weights.any():
        return (
            f"no channel of layer {layer!r} has a part in the score of what is explained (their mean "
            "gradients are zero), as after a transformer's last attention, where only its class "
            "token is read; try an earlier layer"
        )
    if (torch.tensordot(weights, activation.to(weights.dtype), 1) > 0).any():
        return (
            f"where layer {layer!r} speaks for what is explained, the gradient at the input is zero; "
            "try another layer or method"
        )
    return (
        f"at every place layer {layer!r} speaks against what is explained (the sum of its channels, "
        "weighted by their mean gradients, is nowhere above zero); try another class, an earlier "
        "layer or another method"
    )
