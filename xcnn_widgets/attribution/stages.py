"""The stages of a network, found by watching it run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from .layouts import Layout, layout_of
from .model_state import layer_outputs, run

# A dropdown with fewer entries than this is worth a finer division.
_FEW = 4


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

    def inside(self, name: str) -> list[LayerCall]:
        """The calls of everything inside a module, with a grid or without."""
        return [call for call in self.calls if call.name.startswith(f"{name}.") or (not name and call.name)]


def survey(model: nn.Module, inputs: Tensor) -> Survey:
    """Run a model once and note what every module returned."""
    calls: dict[str, LayerCall] = {}
    versions: dict[int, int] = {}

    def note(name: str, module: nn.Module, args: tuple[Any, ...], output: Tensor) -> Tensor:
        own = list(module.parameters(recurse=False))
        calls.pop(name, None)
        calls[name] = LayerCall(
            name=name,
            layout=layout_of(output, inputs, module),
            weights=sum(p.numel() for p in module.parameters()),
            mixes_channels=any(p.ndim >= 2 for p in own),
            # The same tensor, and not written into since a module returned it.
            is_identity=bool(args) and output is args[0] and versions.get(id(output)) == output._version,
        )
        versions[id(output)] = output._version
        return output

    with torch.no_grad(), layer_outputs(dict(model.named_modules()), note):
        run(model, inputs)
    return Survey(tuple(calls.values()))


def choose_stages(found: Survey) -> tuple[str, ...]:
    """Name the ends of a network's stages.

    A container is a stage if inside it the grid changes at most once; otherwise its parts are looked at. Layers that
    follow one another at the same grid (convolution, normalisation, ReLU) end where the last of them ends.
    A layer without weights begins no stage, so a pooling ends none: what it pooled did. If that leaves few stages, the largest containers are divided
    further where that gives more, and at last every convolution counts.
    """
    parts = _divide(found, "")
    stages = _ends(found, parts)
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
        grids = {call.grid for call in inside if call.grid}
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
            deeper = _divide_one(found, finer, count) if len(_ends(found, finer)) <= count else finer
            if deeper is not None:
                return deeper
    return None


def _children(found: Survey, name: str) -> Iterable[LayerCall]:
    """The outermost modules inside a module that ran, in the order in which they finished."""
    inside = found.inside(name)
    ran = {call.name for call in inside}
    return [call for call in inside if not any(outer in ran for outer in _outer_names(call.name, name))]


def _outer_names(name: str, stop: str) -> Iterable[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        if name == stop:
            return
        yield name


def _ends(found: Survey, parts: Sequence[LayerCall], *, every_convolution: bool = False) -> tuple[str, ...]:
    ends: list[LayerCall] = []
    run_on = False  # whether the last stage is a run of single layers, which a further layer prolongs
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
