"""The stages of a network, found by watching it run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor, nn

from .layouts import Layout, layout_of
from .running import layer_outputs, run

# A dropdown with fewer entries than this is worth a finer division.
_FEW = 4
# With more than this, blocks that look alike are merged.
_MANY = 12


@dataclass(frozen=True)
class LayerCall:
    """What one module did in the forward pass (the last time, if it ran more than once)."""

    name: str
    layout: Layout | None
    weights: int
    mixes_channels: bool
    is_identity: bool

    @property
    def grid(self) -> tuple[int, int] | None:
        """``(h, w)`` of a grid of more than one cell, else None."""
        return None if self.layout is None or self.layout.grid == (1, 1) else self.layout.grid

    @property
    def has_class_token(self) -> bool:
        """Whether tokens that belong to no place stand before those of the picture."""
        return self.layout is not None and self.layout.prefix > 0


@dataclass(frozen=True)
class Survey:
    """All modules that ran, in the order in which they finished."""

    calls: tuple[LayerCall, ...]

    @cached_property
    def spatial(self) -> tuple[LayerCall, ...]:
        """Those whose output has a grid, the model itself left out."""
        return tuple(call for call in self.calls if call.grid and call.name)

    def grid(self, name: str) -> tuple[int, int] | None:
        """The grid of one of the calls."""
        return next(call.grid for call in self.calls if call.name == name)

    def inside(self, name: str) -> list[LayerCall]:
        """The calls of everything inside a module, with a grid or without."""
        return [
            call
            for call in self.calls
            if call.name.startswith(f"{name}.") or (not name and call.name)
        ]


def survey(model: nn.Module, inputs: Tensor) -> Survey:
    """Run a model once and note what every module returned."""
    calls: dict[str, LayerCall] = {}
    modules = dict(model.named_modules())

    def note(name: str, args: tuple[Any, ...], output: Tensor, wrote: bool) -> Tensor:
        module = modules[name]
        own = list(module.parameters(recurse=False))
        calls.pop(name, None)
        calls[name] = LayerCall(
            name=name,
            layout=layout_of(output, inputs, module),
            weights=sum(p.numel() for p in module.parameters()),
            mixes_channels=any(p.ndim > 1 for p in own),
            is_identity=bool(args) and _same_values(output, args[0]) and not wrote,
        )
        return output

    with torch.inference_mode(False), torch.no_grad(), layer_outputs(modules, note):
        run(model, inputs)
    return Survey(tuple(calls.values()))


def _same_values(output: Tensor, given: object) -> bool:
    """Whether an output is what the module was given, perhaps with its axes in another order."""
    return (
        isinstance(given, Tensor)
        and output.numel() == given.numel()
        and output.data_ptr() == given.data_ptr()
    )


def choose_stages(found: Survey) -> tuple[str, ...]:
    """Name the ends of a network's stages.

    A container is a stage if inside it the grid changes at most once; otherwise its parts are
    looked at. Layers that follow one another at the same grid (convolution, normalisation, ReLU)
    end where the last of them ends. A layer without weights begins no stage, so a pooling ends
    none: what it pooled did. If that leaves few stages, the largest containers are divided further
    where that gives more, and at last every convolution counts. If it leaves many, only the last
    before each change of the grid stay, as long as those are not too few.
    """
    parts = _divide(found, "")
    stages = _ends(found, parts)
    if len(stages) > _MANY:
        last_of_each_grid = [
            stage
            for stage, after in zip_longest(stages, stages[1:])
            if after is None or found.grid(stage) != found.grid(after)
        ]
        if len(last_of_each_grid) >= _FEW:
            return tuple(last_of_each_grid)
    while len(stages) < _FEW:
        finer = _divide_one(found, parts, len(stages))
        if finer is None:
            each = _ends(found, parts, every_convolution=True)
            return max(stages, each, key=len)
        parts = finer
        stages = _ends(found, parts)
    return stages


def _divide(found: Survey, name: str) -> list[LayerCall]:
    """The children of a module; in place of a child that spans several stages, its own children."""
    parts: list[LayerCall] = []
    for child in _children(found, name):
        inside = found.inside(child.name)
        # Without weights, what looks like a grid may be windows of attention.
        grids = {call.grid for call in inside if call.grid and call.weights}
        too_long = len(grids) > 2
        if any(call.grid for call in inside) and (child.grid is None or too_long):
            parts += _divide(found, child.name)
        else:
            parts.append(child)
    return parts


def _divide_one(found: Survey, parts: Sequence[LayerCall], count: int) -> list[LayerCall] | None:
    """Divide the largest container that gives more stages when divided; None if there is none."""
    for part in sorted(parts, key=lambda call: -call.weights):
        if found.inside(part.name):
            position = parts.index(part)
            finer = [*parts[:position], *_divide(found, part.name), *parts[position + 1 :]]
            deeper = (
                _divide_one(found, finer, count) if len(_ends(found, finer)) <= count else finer
            )
            if deeper is not None:
                return deeper
    return None


def _children(found: Survey, name: str) -> Iterable[LayerCall]:
    """The outermost modules inside a module that ran, in the order in which they finished."""
    inside = found.inside(name)
    ran = {call.name for call in inside}
    return [
        call for call in inside if not any(outer in ran for outer in _outer_names(call.name, name))
    ]


def _outer_names(name: str, stop: str) -> Iterable[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        if name == stop:
            return
        yield name


def _ends(
    found: Survey, parts: Sequence[LayerCall], *, every_convolution: bool = False
) -> tuple[str, ...]:
    ends: list[LayerCall] = []
    # Whether the last stage is a run of single layers, which a further layer prolongs.
    run_on = False
    for part in parts:
        if part.grid is None or part.is_identity:
            continue
        is_layer = not any(call.weights for call in found.inside(part.name))
        same_grid = bool(ends) and ends[-1].grid == part.grid
        if is_layer and not part.weights and not (same_grid and run_on):
            continue
        if is_layer and run_on and same_grid and not (every_convolution and part.mixes_channels):
            ends[-1] = part
        else:
            ends.append(part)
        run_on = is_layer
    return tuple(end.name for end in ends)
