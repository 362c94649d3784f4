"""The stages of a network: the layers worth choosing between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from .calls import Call

# A dropdown with fewer entries than this is worth a finer division.
_FEW = 4
# With more than this, blocks that look alike are merged.
_MANY = 12


def choose_stages(root: Call) -> list[Call]:
    """The ends of a network's stages, in the order in which it ran them.

    A container is a stage if inside it the grid changes at most once; otherwise its parts are
    looked at. Layers that follow one another at the same grid (convolution, normalisation, ReLU)
    end where the last of them ends. A layer without weights begins no stage, so a pooling ends
    none: what it pooled did. If that leaves few stages, the largest containers are divided further
    where that gives more, and at last every convolution counts. If it leaves many, only the last
    before each change of the grid stay, as long as those are not too few.
    """
    parts = _divided(root)
    stages = _ends(parts)
    if len(stages) > _MANY:
        last_of_each_grid = [
            stage
            for stage, after in zip_longest(stages, stages[1:])
            if after is None or stage.grid != after.grid
        ]
        if len(last_of_each_grid) >= _FEW:
            return last_of_each_grid
    while len(stages) < _FEW:
        finer = _divided_once(parts, len(stages))
        if finer is None:
            return max(stages, _ends(parts, every_convolution=True), key=len)
        parts = finer
        stages = _ends(parts)
    return stages


def _divided(container: Call) -> list[Call]:
    """The children of a call; in place of a child that spans several stages, its own children."""
    parts: list[Call] = []
    for child in container.children:
        inside = [call for call in child.inside() if call.grid]
        # Without weights, what looks like a grid may be windows of attention.
        grids = {call.grid for call in inside if call.weights}
        if inside and child.grid is None:
            parts += _main_path(child)
        elif inside and len(grids) > 2:
            parts += _divided(child)
        else:
            parts.append(child)
    return parts


def _main_path(container: Call) -> list[Call]:
    """The parts of a call; of one on the main path not its branches, as queries and keys are."""
    parts = _divided(container)
    if container.is_narrow and container.is_single:
        return [part for part in parts if part.is_narrow]
    return parts


def _divided_once(parts: Sequence[Call], count: int) -> list[Call] | None:
    """Divide the largest container that gives more stages than `count`; None if none does.

    One that gives no more is divided deeper, as long as that leaves it one container.
    """
    for part in sorted(parts, key=lambda call: -call.weights):
        position = parts.index(part)
        before, inner, after = [*parts[:position]], part, [*parts[position + 1 :]]
        while inner.children:
            middle = _main_path(inner)
            finer = [*before, *middle, *after]
            if len(_ends(finer)) > count:
                return finer
            if not middle:
                break
            inner = max(middle, key=lambda call: call.weights)
            position = middle.index(inner)
            before, after = [*before, *middle[:position]], [*middle[position + 1 :], *after]
    return None


def _ends(parts: Sequence[Call], *, every_convolution: bool = False) -> list[Call]:
    ends: list[Call] = []
    # Whether the last stage is a run of single layers, which a further layer prolongs.
    run_on = False
    for part in parts:
        if part.grid is None or part.is_identity or not part.on_path:
            continue
        is_layer = not any(call.weights for call in part.inside())
        same_grid = bool(ends) and ends[-1].grid == part.grid
        if is_layer and not part.weights and not (same_grid and run_on):
            continue
        if is_layer and run_on and same_grid and not (every_convolution and part.mixes_channels):
            ends[-1] = part
        else:
            ends.append(part)
        run_on = is_layer
    return ends
