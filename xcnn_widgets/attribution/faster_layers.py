"""Layers that are computed in a faster way while a run is recorded, and nobody sees more of it than that.

What a module is called with, its hooks, its class and its weights stay; only the function that
`torch.nn.Module.__call__` ends in is exchanged for the time of the run. Each way is taken where it was
measured, on the CPU in float32, and says for itself what it gives to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from .max_pools import pooled
from .pointwise import by_product, is_pointwise
from .wide_linear import back_by_rows

# A layer's result for an input; None where a layer, or what it is given, is not one for this way.
Way = Callable[[Any, Tensor], Tensor | None]

# By the class itself: one of a user's own may do something else.
_EXACT: Mapping[type[nn.Module], Way] = {
    nn.Linear: back_by_rows,
    nn.MaxPool2d: pooled,
}
_ROUNDED: Mapping[type[nn.Module], Way] = {**_EXACT, nn.Conv2d: by_product}
# Of these a network has many that are none for it.
_FITS: Mapping[type[nn.Module], Callable[[Any], bool]] = {nn.Conv2d: is_pointwise}


@contextmanager
def faster_layers(modules: Sequence[nn.Module], *, rounded: bool) -> Iterator[None]:
    """While open, some of the given modules compute what they compute in a faster way.

    Parameters
    ----------
    rounded
        Whether results that no gradient goes back through may differ in their last digits.
    """
    ways = _ROUNDED if rounded else _EXACT
    exchanged: list[nn.Module] = []
    try:
        for module in modules:
            kind = type(module)
            way = ways.get(kind)
            if way is None or (kind in _FITS and not _FITS[kind](module)):
                continue
            # Where somebody has put a function of their own, it stays.
            if "forward" not in module.__dict__:
                module.__dict__["forward"] = partial(_forward, module, way)
                exchanged.append(module)
        yield
    finally:
        for module in exchanged:
            del module.__dict__["forward"]


def _forward(module: nn.Module, way: Way, *args: Any, **named: Any) -> Any:
    if len(args) == 1 and not named and _is_usual(args[0]):
        result = way(module, args[0])
        if result is not None:
            return result
    return type(module).forward(module, *args, **named)


def _is_usual(given: Any) -> bool:
    return (
        isinstance(given, Tensor)
        and given.dtype is torch.float32
        and given.is_cpu
        and given.is_contiguous()
        and not torch.is_autocast_enabled("cpu")
    )
