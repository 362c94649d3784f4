"""Maps of which a page holds no pixels: it makes them from an attribution, and Grad-CAM where they have a layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..methods import Explanation, method_named, upsample
from ..study import PARTS, quantised
from .packing import encoded

# How far a product may be from the map that was computed, as a share of its greatest value.
_ROUNDING = 1e-4


@dataclass(frozen=True, eq=False)
class Factors:
    """What a map is the product of.

    Attributes
    ----------
    method
        Whose attribution it is.
    values
        That attribution, ``(C, H, W)``, with the channels in the order in which they are shown.
    grid
        Grad-CAM, ``(h, w)``; None of a map that is the attribution itself.
    """

    method: str
    values: NDArray[np.float32]
    grid: NDArray[np.float32] | None = None


def factors_of(
    explanation: Explanation,
    sample: int,
    state: Mapping[str, Any],
    channels: Sequence[int] | None,
    ask: Callable[[str], Explanation],
) -> Factors | None:
    """What a page can make a map from; None of a map that is small, or that is no such product.

    Parameters
    ----------
    explanation, sample
        The answer, and which of its samples.
    state
        The map as it goes to a page.
    channels
        Those of the input that the picture shows.
    ask
        From the name of a method to its explanation of the same question.
    """
    values = explanation.values[sample]
    low, high = state["range"]
    painted = any(part in state for part in PARTS)
    # The heat takes all channels, colours those that are shown.
    if not painted or not high > low or sorted(channels or ()) != list(range(len(values))):
        return None
    shown = list(channels or ())
    if explanation.method != "guided_grad_cam":
        if method_named(explanation.method).uses_layer:
            return None
        return Factors(explanation.method, _array(values[shown]))
    guided = ask("guided_backprop").values[sample]
    grid = ask("grad_cam").values[sample]
    product = guided * upsample(grid[None], explanation.size)
    if float((product - values).abs().max()) > _ROUNDING * float(values.abs().max()):
        return None
    return Factors("guided_backprop", _array(guided[shown]), _array(grid))


def made_entry(
    state: Mapping[str, Any], place: int, grid: NDArray[np.float32] | None
) -> dict[str, Any]:
    """A map without its pixels.

    Parameters
    ----------
    state
        The map as it goes to a page.
    place
        Where its attribution stands.
    grid
        Grad-CAM; None where there is none, or where the page has it as a map of its own.
    """
    parts = {name: {**state[name], "data": b""} for name in PARTS if name in state}
    entry = {**state, **parts, "data": b"", "encoding": "made", "attribution": place}
    if grid is None:
        return entry
    low, high = float(grid.min()), float(grid.max())
    levels = quantised(grid, low, high).tobytes()
    cam = {**encoded(levels), "shape": list(grid.shape), "range": [low, high]}
    return {**entry, "cam": cam}


def _array(values: Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = values.float().cpu().numpy()
    return found
