"""Whether a layer's output lies over the input, so that a change of one place shows at that place.

What is asked of the model is what a person would ask: change the input in one place, run again, and
look where the output changes. The places stand such that no two coordinates go together, so that
steps of a sequence, windows in another order or a turned grid do not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor

from .calls import Call
from .layouts import Layout
from .running import layer_outputs, run
from .subject import Subject

# In shares of each side. Rows and columns are uncorrelated, and none lies in the middle of a half.
_PLACES = (
    (0.15, 0.40, 0.60),
    (0.40, 0.85, 0.15),
    (0.60, 0.15, 0.85),
    (0.85, 0.60, 0.40),
    (0.50, 0.50, 0.50),
)
# Where a change is seen follows where it was made, along every side.
_LEAST_CORRELATION = 0.9
# At the edges a wide field of view is seen from one side only, which draws places together.
_SLOPES = (0.25, 1.75)


def verify(subject: Subject, inputs: Tensor, calls: Iterable[Call]) -> None:
    """Keep of each call the layout that was seen to be one; of a call that has none, none.

    Parameters
    ----------
    subject, inputs
        The model and a batch.
    calls
        Those whose layouts do not follow from the graph.
    """
    asked = {f"{number}": call for number, call in enumerate(calls) if call.layouts}
    if not asked:
        return
    changes: dict[str, list[Tensor]] = {key: [] for key in asked}
    for before, after in _runs(subject, inputs, asked):
        for key in asked:
            changes[key].append((after[key] - before[key]).abs())
    for key, call in asked.items():
        seen = (layout for layout in call.layouts if _follows(layout, changes[key]))
        call.layouts = [layout for layout in [next(seen, None)] if layout is not None]


def _runs(
    subject: Subject, inputs: Tensor, asked: dict[str, Call]
) -> Iterator[tuple[dict[str, Tensor], dict[str, Tensor]]]:
    """What the calls return for the inputs, and for the inputs changed in each place."""
    layers = {key: (call.module, call.number) for key, call in asked.items()}

    def outputs(batch: Tensor) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}

        def keep(key: str, _args: object, output: Tensor, _wrote: bool) -> Tensor:
            found[key] = output.detach().clone()
            return output

        with layer_outputs(layers, keep):
            run(subject, batch)
        return found

    with torch.inference_mode(False), torch.no_grad():
        before = outputs(inputs)
        for place in _PLACES:
            yield before, outputs(_changed(inputs, place))


def _changed(inputs: Tensor, place: Sequence[float]) -> Tensor:
    """The inputs with noise in one place, an eighth of each side wide."""
    size = inputs.shape[2:]
    window: list[slice] = []
    for share, side in zip(place, size, strict=False):
        width = max(1, side // 8)
        start = min(max(0, round(share * side - width / 2)), side - width)
        window.append(slice(start, start + width))
    changed = inputs.clone()
    part = changed[(slice(None), slice(None), *window)]
    noise = torch.randn(part.shape, generator=torch.Generator().manual_seed(0)).to(part)
    spread = inputs.float().std().to(part)
    part += noise * torch.where(spread > 0, 2 * spread, torch.ones_like(spread))
    return changed


def _follows(layout: Layout, changes: Sequence[Tensor]) -> bool:
    """Whether the places in which a layout shows changes are those in which they were made."""
    seen = [_centre(layout.maps(change).float().sum(dim=(0, 1))) for change in changes]
    found = [(place, centre) for place, centre in zip(_PLACES, seen, strict=True) if centre]
    if len(found) < len(_PLACES) - 1:
        return False
    for axis, cells in enumerate(layout.grid):
        if cells == 1:
            continue
        made = torch.tensor([place[axis] * cells - 0.5 for place, _ in found])
        where = torch.tensor([centre[axis] for _, centre in found])
        spread, across = made - made.mean(), where - where.mean()
        slope = float((spread * across).sum() / (spread**2).sum())
        scale = float(spread.norm() * across.norm())
        is_along = scale > 0 and float((spread * across).sum()) / scale >= _LEAST_CORRELATION
        is_there = abs(float((made - where).mean())) <= 0.5 + 0.15 * cells
        if not (is_along and is_there and _SLOPES[0] <= slope <= _SLOPES[1]):
            return False
    return True


def _centre(change: Tensor) -> tuple[float, ...] | None:
    """Where a map changed most, in cells; None if it changed nowhere, or everywhere alike."""
    weights = (change - change.median()).clamp(min=0) ** 2
    total = float(weights.sum())
    if not total > 0:
        return None
    return tuple(
        float((weights.sum(dim=[d for d in range(weights.ndim) if d != axis]) * _cells(side)).sum())
        / total
        for axis, side in enumerate(weights.shape)
    )


def _cells(side: int) -> Tensor:
    return torch.arange(side, dtype=torch.float32)
