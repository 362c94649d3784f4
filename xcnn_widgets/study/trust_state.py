"""What a map is worth, as a page takes it: small grids of bytes, numbers, and sentences."""

from __future__ import annotations

from math import ceil, sqrt
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from .doubts import Doubted
from .predictions import Prediction
from .trust import OtherClass, RandomNetworks, Removal
from .wire import prediction_state, quantised

# From here on two maps are called nearly the same, and from here on much alike.
_NEARLY_THE_SAME, _MUCH_ALIKE = 0.9, 0.5
# A map with sides of this many values or more is one of single pixels, of which a few are far hotter than all others.
_SINGLE_PIXELS = 64
_HOTTEST_ALIKE = 0.99
# Of larger maps the means of squares go to the browser.
_MOST_BYTES = 2**19


def doubted_state(about: Doubted) -> dict[str, Any]:
    """Which map it is."""
    return {
        "model": about.choice.model,
        "image_index": about.choice.image_index,
        "method": about.explanation.method,
        "layer": about.explanation.layer,
        "target": prediction_state(about.explained),
    }


def randomised_state(found: RandomNetworks) -> dict[str, Any]:
    """The maps, the trained network's first, each between its own ends; and which layers are random in each.

    A map of single pixels ends at its 99th percentile: to its hottest pixel all others would look dark.
    """
    maps = _small(np.stack([found.trained, *found.maps]))
    most = _HOTTEST_ALIKE if min(found.trained.shape) >= _SINGLE_PIXELS else 1.0
    return {
        "labels": ["none: the trained network", *_labels(found.layers)],
        "correlation": [1.0, *found.rank_correlation.tolist()],
        "shape": list(maps.shape),
        "data": b"".join(_levels(each, most).tobytes() for each in maps),
        "clipped_at": None if most == 1 else most,
        "stays_up": found.stays_up,
        "sentence": randomised_sentence(found),
    }


def removed_state(found: Removal, explained: Prediction) -> dict[str, Any]:
    """The curves, and the step in which each pixel goes."""
    return {
        "shares": found.shares.tolist(),
        "deletion": {name: row.tolist() for name, row in found.deletion.items()},
        "insertion": {name: row.tolist() for name, row in found.insertion.items()},
        "areas": {kind: found.areas(kind) for kind in ("deletion", "insertion")},
        "order": found.order.tobytes(),
        "size": list(found.order.shape),
        "is_probability": found.is_probability,
        "sentence": removed_sentence(found, explained),
    }


def other_state(found: OtherClass, explained: Prediction) -> dict[str, Any]:
    """The number and its sentence."""
    return {
        "name": found.name,
        "correlation": found.rank_correlation,
        "sentence": other_sentence(found, explained),
    }


def randomised_sentence(found: RandomNetworks) -> str:
    """What the line says of the method."""
    mean = f"mean size of the rank correlation {found.mean_correlation:.2f} of 1, over all steps"
    if found.stays_up:
        return (
            "This map hardly depends on what the network learned: it stays alike while the weights become random "
            f"({mean})."
        )
    return f"This map changes when the weights become random ({mean}), as it should."


def removed_sentence(found: Removal, explained: Prediction) -> str:
    """Whether the map finds pixels that matter better than chance and edges do, on this one picture."""
    taken, given = found.areas("deletion"), found.areas("insertion")
    rivals = {"random": "random order", "sobel": "edges"}
    wins = [name for name in rivals if taken["map"] < taken[name] and given["map"] > given[name]]
    losses = [
        name for name in rivals if taken["map"] >= taken[name] and given["map"] <= given[name]
    ]
    parts = []
    if wins:
        beaten = " and than ".join(rivals[name] for name in wins)
        parts.append(
            f"its hottest pixels matter more for {explained.name} than {beaten}, by both curves"
        )
    if losses:
        better = " and ".join(rivals[name] for name in losses)
        verb = "find" if "sobel" in losses else "finds"
        parts.append(f"{better} {verb} pixels as well or better, by both curves")
    if len(wins) + len(losses) < len(rivals):
        rest = " and ".join(rivals[name] for name in rivals if name not in (*wins, *losses))
        parts.append(f"against {rest} the two curves disagree")
    return f"On this picture: {'; '.join(parts)}."


def other_sentence(found: OtherClass, explained: Prediction) -> str:
    """How alike the maps of both classes are."""
    alike = found.rank_correlation
    if alike >= _NEARLY_THE_SAME:
        says = "is nearly the same: it does not tell the two classes apart"
    elif alike >= _MUCH_ALIKE:
        says = "is much like it: it tells the two classes apart only in part"
    else:
        says = "is another one: it tells the two classes apart"
    return f"The map of the next likeliest class, {found.name}, {says} (rank correlation {alike:.2f} with that of {explained.name})."


def _labels(layers: tuple[str, ...]) -> list[str]:
    """Which layers are random at each step."""
    between = [f"{layer} and what comes after it" for layer in layers[1:-1]]
    name = "" if layers[0] == "classifier" else f" ({layers[0]})"
    first = [f"the classifier{name}"] if len(layers) > 1 else []
    return [*first, *between, "all"]


def _small(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    side = ceil(sqrt(maps.size / _MOST_BYTES))
    if side <= 1:
        return maps
    small = F.avg_pool2d(torch.from_numpy(maps), side, ceil_mode=True, count_include_pad=False)
    found: NDArray[np.float32] = small.numpy()
    return found


def _levels(values: NDArray[np.float32], most: float) -> NDArray[np.uint8]:
    low, high = float(values.min()), float(np.quantile(values, most))
    if not high > low:
        high = float(values.max())
    return quantised(values.clip(low, high), low, high)
