"""The floating type that a model expects of its input."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from .graph import parameters_of
from .parts import ModelParts


def dtype_met(parts: ModelParts, arguments: tuple[Any, ...]) -> torch.dtype | None:
    """The type of the first floating weight that an input meets; None if a model has none.

    Where all weights are of one type, it is that. Where they differ (a float32 head on a bfloat16
    body), the model is begun, and left at the first module with weights of its own.
    """
    kinds = {weight.dtype for weight in parts.weights if weight.is_floating_point()}
    if len(kinds) < 2:
        return next(iter(kinds), None)
    met: list[torch.dtype] = []

    def look(module: nn.Module, args: tuple[Any, ...]) -> None:
        kind = next(_floating(parameters_of(module).values()), None)
        if kind is not None and any(isinstance(each, Tensor) for each in args):
            met.append(kind)
            raise _MetError

    hooks = [
        module.register_forward_pre_hook(look)
        for module in parts.modules
        if not isinstance(module, torch.jit.ScriptModule)
    ]
    try:
        with torch.no_grad():
            parts.model(*arguments)
    except _MetError:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    first = next(_floating(parts.weights))
    return met[0] if met else first


class _MetError(Exception):
    """The input has met a weight."""


def _floating(weights: Iterable[Tensor | None]) -> Any:
    return (w.dtype for w in weights if w is not None and w.is_floating_point())
