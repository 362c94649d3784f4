"""Does a heatmap lie where the thing is? Against masks, boxes, and mosaics of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..methods import Method, explain
from .scored import Heatmaps


def pointing_game(heatmaps: Heatmaps, where: Any, tolerance: int = 0) -> Tensor:
    """Whether the hottest pixel lies in the region; ``bool`` ``(B,)``.

    Zhang et al., 2018, arXiv:1608.00507, section 4.2: the accuracy over pictures is the share of hits. Of several
    hottest pixels, each must lie there: else a map that is hot everywhere would always hit.

    Parameters
    ----------
    heatmaps
        ``(B, H, W)``.
    where
        Masks ``(B, H, W)``; or boxes ``(B, 4)``: left, top, right, bottom in pixels, right and bottom excluded.
    tolerance
        How many pixels beside the region still count; the paper takes 15.

    Raises
    ------
    TypeError, ValueError
        If they do not fit each other, or a region is empty.

    Examples
    --------
    >>> import torch
    >>> heat = torch.tensor([[[0.1, 0.9, 0.2]]])
    >>> pointing_game(heat, torch.tensor([[1, 0, 3, 1]])).tolist(), pointing_game(heat, [[2, 0, 3, 1]]).tolist()
    ([True], [False])
    """
    maps = _maps(heatmaps)
    inside = _grown(_masks(where, maps), tolerance)
    hottest = maps == maps.amax(dim=(1, 2), keepdim=True)
    return ~(hottest & ~inside).flatten(1).any(dim=1)


def energy_in(heatmaps: Heatmaps, where: Any) -> Tensor:
    """The share of the heat that lies in the region, ``(B,)``: the energy-based pointing game.

    Wang et al., 2020, arXiv:1910.01279, section 5.2. Negative heat counts as none; of a map without heat the share is 0.

    Parameters and errors as of `pointing_game`.

    Examples
    --------
    >>> import torch
    >>> energy_in(torch.tensor([[[0.0, 3.0, 1.0]]]), [[1, 0, 2, 1]]).tolist()
    [0.75]
    """
    maps = _maps(heatmaps).clamp(min=0)
    inside = (maps * _masks(where, maps)).flatten(1).sum(dim=1)
    whole = maps.flatten(1).sum(dim=1)
    return torch.where(whole > 0, inside / whole.clamp(min=1e-30), 0.0)


def focus(
    model: nn.Module,
    inputs: Tensor,
    labels: Tensor | Sequence[int],
    method: str | Method = "grad_cam",
    layer: str | None = None,
    *,
    mosaics: int = 20,
    seed: int = 0,
    **options: Any,
) -> Tensor:
    """The share of positive heat on the right pictures of mosaics, ``(mosaics,)``; no annotation is needed.

    Each mosaic has two pictures of one class and two of other classes, in random corners; the class of the two is
    explained. 0.5 is chance, and 1 perfect. Arias-Duart et al., 2022, arXiv:2109.15035, section 3.

    Parameters
    ----------
    model, method, layer, **options
        As of `explain`; the model has to take inputs of twice the size.
    inputs
        ``(B, C, H, W)``, preprocessed.
    labels
        The class of each, ``(B,)``; one class at least has two inputs, and another one or more inputs of two.
    mosaics
        How many.
    seed
        The same seed makes the same mosaics.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.
    """
    classes = torch.as_tensor(labels).flatten().tolist()
    if len(classes) != len(inputs):
        raise ValueError(f"{len(classes)} labels for {len(inputs)} inputs; expected one for each")
    twice = [known for known in sorted(set(classes)) if classes.count(known) > 1]
    twice = [known for known in twice if len(classes) - classes.count(known) > 1]
    if not twice:
        raise ValueError(
            "no class has two inputs beside two of other classes, which a mosaic is made of"
        )
    height, width = inputs.shape[2:]
    chance = np.random.default_rng(seed)
    shares: list[float] = []
    for _ in range(mosaics):
        asked = int(chance.choice(twice))
        own = [number for number, known in enumerate(classes) if known == asked]
        others = [number for number, known in enumerate(classes) if known != asked]
        four = [*chance.choice(own, 2, replace=False), *chance.choice(others, 2, replace=False)]
        order = chance.permutation(4)
        corners = [inputs[int(four[place])] for place in order]
        rows = [torch.cat(corners[:2], dim=2), torch.cat(corners[2:], dim=2)]
        mosaic = torch.cat(rows, dim=1).unsqueeze(0)
        found = explain(model, mosaic, method, asked, layer, **options)
        heat = torch.nn.functional.interpolate(
            found.maps().clamp(min=0).unsqueeze(1),
            size=(2 * height, 2 * width),
            mode="bilinear",
            align_corners=False,
        )[0, 0]
        right = torch.zeros_like(heat, dtype=torch.bool)
        for corner, place in enumerate(order):
            top, left = height * (corner // 2), width * (corner % 2)
            right[top : top + height, left : left + width] = bool(place < 2)
        total = float(heat.sum())
        shares.append(float(heat[right].sum()) / total if total > 0 else 0.0)
    return torch.tensor(shares)


def _maps(heatmaps: Heatmaps) -> Tensor:
    maps = torch.as_tensor(heatmaps).detach().float()
    if maps.ndim != 3:
        raise ValueError(f"heatmaps has the shape {tuple(maps.shape)}; expected (B, H, W)")
    return maps


def _masks(where: Any, maps: Tensor) -> Tensor:
    """Where each region is, ``bool`` ``(B, H, W)``."""
    given = torch.as_tensor(where).to(maps.device)
    samples, height, width = maps.shape
    if given.shape == maps.shape:
        masks = given.bool()
    elif given.shape == (samples, 4):
        rows = torch.arange(height, device=maps.device)[None, :, None]
        columns = torch.arange(width, device=maps.device)[None, None, :]
        left, top, right, bottom = (each[:, None, None] for each in given.unbind(dim=1))
        masks = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
    else:
        raise ValueError(
            f"where has the shape {tuple(given.shape)}; expected masks {tuple(maps.shape)}, or boxes "
            f"{(samples, 4)}: left, top, right, bottom"
        )
    empty = (~masks.flatten(1).any(dim=1)).nonzero().flatten().tolist()
    if empty:
        raise ValueError(f"the region of samples {empty} has no pixel of the picture")
    return masks


def _grown(masks: Tensor, pixels: int) -> Tensor:
    if not pixels:
        return masks
    side = 2 * pixels + 1
    grown = torch.nn.functional.max_pool2d(
        masks.float().unsqueeze(1), side, stride=1, padding=pixels
    )
    return grown.squeeze(1) > 0
