"""Tensors and modules: what torch knows of them and has no public name for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
import torch.nn.modules.module as _everywhere
from torch import Tensor, nn


def version_of(tensor: Tensor) -> int:
    """A number that rises when a tensor is written into; who follows torch's functions sees no use of it."""
    with undisturbed():
        return tensor._version


def versions_of(tensors: Iterable[Tensor]) -> list[int]:
    """As `version_of`, of many."""
    with undisturbed():
        return [tensor._version for tensor in tensors]


def is_view(tensor: Tensor) -> bool:
    """Whether a tensor shares its memory with another, of which it is a part."""
    return tensor._is_view()


def has_hooks(tensor: Tensor) -> bool:
    """Whether somebody is to see, and may change, a tensor's gradient."""
    return bool(tensor._backward_hooks)


# While open, no `TorchFunctionMode` sees what is done.
undisturbed = torch._C.DisableTorchFunction

# A module's table of weights, buffers or parts, by name.
Table = dict[str, Any]


def parameters_of(module: nn.Module) -> Table:
    """A module's own table of weights, which may be written into."""
    return module._parameters


def buffers_of(module: nn.Module) -> Table:
    """A module's own table of buffers, which may be written into."""
    return module._buffers


def tables_of(model: nn.Module) -> list[tuple[nn.Module, Table, Table]]:
    """Every module of a model, with its own tables of weights and of buffers."""
    return [(module, module._parameters, module._buffers) for module in modules_of(model)]


def modules_of(model: nn.Module) -> list[nn.Module]:
    """As ``model.modules()``, which also makes every module's name."""
    found: dict[nn.Module, None] = {}
    waiting: list[nn.Module | None] = [model]
    while waiting:
        module = waiting.pop()
        if module not in found and module is not None:
            found[module] = None
            if children := module._modules:
                waiting.extend(reversed(children.values()))
    return list(found)


def inside_compiled(module: nn.Module) -> nn.Module | None:
    """The module inside what `torch.compile` returned; None of any other module."""
    inner = getattr(module, "_orig_mod", None)
    return inner if isinstance(inner, nn.Module) else None


def is_compiled(module: nn.Module) -> bool:
    """Whether `torch.compile` returned a module, or compiled it in place."""
    return inside_compiled(module) is not None or (
        getattr(module, "_compiled_call_impl", None) is not None
    )


def some_compiled(modules: Iterable[nn.Module]) -> bool:
    """Whether one of some modules is compiled."""
    return any(map(is_compiled, modules))


def has_forward_hooks(module: nn.Module) -> bool:
    """Whether some hook is handed what a module returns."""
    everywhere = _everywhere._global_forward_hooks or _everywhere._global_forward_pre_hooks
    return bool(module._forward_hooks or everywhere)


def has_backward_hooks(module: nn.Module) -> bool:
    """Whether some hook is handed the gradient of what a module takes or returns."""
    everywhere = _everywhere._global_backward_hooks or _everywhere._global_backward_pre_hooks
    return bool(module._backward_hooks or module._backward_pre_hooks or everywhere)
