"""How large saved maps can become, before one of them is computed."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..methods import method_named


def most_map_bytes(
    methods: Sequence[str],
    layers: Sequence[tuple[int, ...]],
    size: tuple[int, ...],
    channels: int,
    style: str | None = None,
) -> int:
    """The most bytes of all maps of one class.

    Parameters
    ----------
    layers
        The grids ``(h, w)`` of the layers that are saved.
    size, channels
        Of the input: its ``(H, W)``, and how many channels it has.
    style
        How maps are painted; None is each method's usual way.
    """
    grids, pixels = sum(map(prod, layers)), prod(size)
    total, attributions = 0, set()
    for name in methods:
        method = method_named(name)
        if method.family == "cam":
            total += grids
            continue
        product = name == "guided_grad_cam"
        in_colour = style == "in colour" or (style is None and method.uses_relus)
        more = 3 if in_colour else int(style == "positive and negative")
        if method.family not in ("gradient", "path") or not more:
            total += pixels * (len(layers) if method.uses_layer else 1)
        elif len(size) == 2 and channels in (1, 3) and (product or not method.uses_layer):
            # A page makes it from an attribution of nine bits a value, and Grad-CAM.
            attributions.add("guided_backprop" if product else name)
            total += grids if product and "grad_cam" not in methods else 0
        else:
            total += (1 + more) * pixels * (len(layers) if method.uses_layer else 1)
    return total + len(attributions) * channels * (pixels + -(-pixels // 8))
