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

# In eighths of each side, but for a tenth at the edges. Along no two sides do they go together.
_EIGHTHS = ((0, 2, 5), (1, 6, 3), (2, 0, 6), (3, 4, 0), (4, 7, 2), (5, 1, 7), (6, 5, 4), (7, 3, 1))
_PLACES = tuple(tuple(0.1 + 0.1 * (eighth + 0.5) for eighth in place) for place in _EIGHTHS)
# Where a change is seen follows where it was made, along every side.
_LEAST_CORRELATION = 0.7
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
    layers = {
        key: (subject.model.get_submodule(call.name), call.number) for key, call in asked.items()
    }

    def outputs(batch: Tensor) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}

        def keep(key: str, _args: object, output: Tensor, _wrote: bool) -> Tensor:
            found[key] = output.detach().clone()
            return output

        with layer_outputs(subject.model, layers, keep):
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
    maps = torch.stack([layout.maps(change).float().sum(dim=(0, 1)) for change in changes])
    # A change that goes nowhere (under a ReLU that lets nothing through) tells nothing.
    seen = maps.flatten(1).sum(dim=1) > 0
    if int(seen.sum()) < len(changes) - 1:
        return False
    places, maps = torch.tensor(_PLACES)[seen], maps[seen]
    # Of each cell, which of the changes it shows more than its share of: what all change alike
    # (attention to everything, a pooled factor), and how much one changes, tells no place.
    maps = maps / maps.flatten(1).sum(dim=1).reshape(-1, *(1 for _ in layout.grid))
    shares = maps / maps.sum(dim=0).clamp(min=torch.finfo(maps.dtype).tiny)
    weights = (shares - 1 / len(places)).clamp(min=0) ** 2
    if not (weights.flatten(1).sum(dim=1) > 0).all():
        return False
    return all(
        cells == 1 or _goes_along(axis, cells, weights, places[:, axis])
        for axis, cells in enumerate(layout.grid)
    )


def _goes_along(axis: int, cells: int, weights: Tensor, places: Tensor) -> bool:
    """Whether, along one side, the centres of what is shown lie where the changes were made."""
    others = [d + 1 for d in range(weights.ndim - 1) if d != axis]
    profile = weights.sum(dim=others) if others else weights
    cell = torch.arange(cells, dtype=torch.float32)
    where = (profile * cell).sum(dim=1) / profile.sum(dim=1)
    made = places * cells - 0.5
    across, along = where - where.mean(), made - made.mean()
    scale = float(across.norm() * along.norm())
    product = float((across * along).sum())
    slope = product / float((along**2).sum())
    is_there = abs(float((made - where).mean())) <= 0.5 + 0.15 * cells
    is_along = scale > 0 and product / scale >= _LEAST_CORRELATION
    return is_along and is_there and _SLOPES[0] <= slope <= _SLOPES[1]
