"""Hiding a part of a picture from a model: what to hide, and what to put there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from .normalisation import IMAGENET, Normalisation, known_normalisations
from .preprocessing import Prepared

Mask = NDArray[np.bool_]
"""What is hidden: ``bool`` ``(H, W)``."""

FILLS = ("mean", "blur", "noise", "black")
"""The picture's mean colour, the picture blurred, colours by chance (the same each time), black."""

IN_INPUT_UNITS = (
    "the transform's normalisation cannot be undone: what is hidden is filled in the units of the "
    "input (black is each channel's least value), not of the picture"
)

# Wide enough that no shape of the size of an object's part is left.
_BLUR = 1 / 12
# Half a level of rounding, and what float arithmetic adds.
_ONE_LEVEL = 0.75 / 255


def mask_from_heatmap(heatmap: NDArray[Any] | Tensor, fraction: float) -> Mask:
    """Choose the pixels that a heatmap finds most important.

    Parameters
    ----------
    heatmap
        ``(H, W)``, any finite values.
    fraction
        The share of the pixels to choose, 0 to 1.

    Returns
    -------
    ndarray
        ``bool`` ``(H, W)``, True at exactly ``round(fraction * H * W)`` pixels: those of the
        greatest values; of equal ones the first, row by row.

    Raises
    ------
    ValueError
        If the shape or the fraction does not fit, or a value is NaN or infinite.

    Examples
    --------
    >>> mask_from_heatmap(np.array([[0.1, 0.9, 0.3], [0.8, 0.2, 0.9]]), 0.5)
    array([[False,  True, False],
           [ True, False,  True]])
    """
    if isinstance(heatmap, Tensor):
        heatmap = heatmap.detach().cpu().double().numpy()
    values = np.asarray(heatmap, np.float64)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"heatmap has the shape {values.shape}; expected (H, W): heatmaps()[0]")
    unusable = int((~np.isfinite(values)).sum())
    if unusable:
        raise ValueError(
            f"heatmap has {unusable} values that are NaN or infinite; they have no order"
        )
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction is {fraction}; expected 0 to 1")
    chosen = np.argsort(-values, axis=None, kind="stable")[: round(fraction * values.size)]
    mask = np.zeros(values.size, np.bool_)
    mask[chosen] = True
    return mask.reshape(values.shape)


def region_by_chance(size: tuple[int, int], pixels: int, seed: int = 0) -> Mask:
    """Choose a region of a given area by chance: the pixels nearest to a point of the picture.

    Parameters
    ----------
    size
        ``(H, W)``.
    pixels
        How many to choose, 0 to ``H * W``.
    seed
        Another one gives another point; the same one, the same region everywhere.

    Returns
    -------
    ndarray
        ``bool`` ``(H, W)``, True at exactly `pixels` pixels: a disc, cut off where the picture ends.

    Examples
    --------
    >>> region_by_chance((3, 5), 4).sum()
    np.int64(4)
    """
    across, down = np.random.default_rng(seed).random(2)
    y, x = np.ogrid[: size[0], : size[1]]
    distance = (x + 0.5 - across * size[1]) ** 2 + (y + 0.5 - down * size[0]) ** 2
    return mask_from_heatmap(-distance, pixels / (size[0] * size[1]))


def normalisation_of(
    prepared: Prepared, candidates: Iterable[Normalisation]
) -> Normalisation | None:
    """Find the normalisation that gives a prepared picture back from its input.

    Parameters
    ----------
    prepared
        A picture and its input.
    candidates
        Those to try after the one that is known to have made the picture, if one is; values in
        [0, 1] as they are and ImageNet's are tried after them.

    Returns
    -------
    Normalisation or None
        None if the picture is not the input's, as where its colours were stretched.
    """
    picture = _levels(prepared.picture)
    known = [] if prepared.normalisation is None else [prepared.normalisation]
    for candidate in [*known, *candidates, *_usual(len(prepared.input))]:
        levels = candidate.undo(prepared.input)
        if levels is not None and ((levels.clamp(0, 1) - picture).abs() <= _ONE_LEVEL).all():
            return candidate
    return None


def fill_for(prepared: Prepared, fill: str, normalisation: Normalisation | None) -> Tensor:
    """Make what is put in place of hidden pixels, for the whole input.

    Parameters
    ----------
    prepared
        A picture and its input.
    fill
        One of `FILLS`.
    normalisation
        From the picture's colours to the input; None fills in the units of the input.

    Returns
    -------
    Tensor
        ``float32`` ``(C, H, W)``, in the units of the input.

    Raises
    ------
    ValueError
        If there is no such fill.

    Examples
    --------
    >>> picture = np.full((1, 2, 3), [255, 0, 51], np.uint8)
    >>> prepared = Prepared(_levels(picture), picture)
    >>> fill_for(prepared, "mean", normalisation_of(prepared, []))[:, 0, 0]
    tensor([1.0000, 0.0000, 0.2000])
    """
    if fill not in FILLS:
        raise ValueError(f"there is no fill {fill!r}; choose one of {', '.join(map(repr, FILLS))}")
    if normalisation is None:
        low = prepared.input.amin(dim=(1, 2), keepdim=True)
        high = prepared.input.amax(dim=(1, 2), keepdim=True)
        return _filled(prepared.input, fill, low, high)
    mixed = torch.einsum("cr,rhw->chw", normalisation.mixing, _filled_levels(prepared, fill))
    return normalisation.offset[:, None, None] + mixed


def fill_picture(prepared: Prepared, fill: str) -> NDArray[np.uint8]:
    """Show a fill to people: RGB ``uint8`` ``(H, W, 3)``."""
    levels = (_filled_levels(prepared, fill).clamp(0, 1) * 255).round().to(torch.uint8)
    shown: NDArray[np.uint8] = levels.permute(1, 2, 0).contiguous().numpy()
    return shown


def hide(inputs: Tensor, fill: Tensor, mask: Mask) -> Tensor:
    """Put the fill where the mask is True; what is outside keeps every bit.

    Parameters
    ----------
    inputs, fill
        ``(C, H, W)``.
    mask
        ``bool`` ``(H, W)``.
    """
    return torch.where(torch.from_numpy(np.array(mask)), fill.to(inputs.dtype), inputs)


def _usual(channels: int) -> list[Normalisation]:
    """Levels as they are, and ImageNet's normalisation."""
    if channels not in (1, 3):
        return []
    imagenet = known_normalisations(channels).get(IMAGENET)
    return [Normalisation.scaled(channels), *([imagenet] if imagenet is not None else [])]


def _levels(picture: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255


def _filled_levels(prepared: Prepared, fill: str) -> Tensor:
    levels = _levels(prepared.picture)
    return _filled(levels, fill, torch.zeros(3, 1, 1), torch.ones(3, 1, 1))


def _filled(values: Tensor, fill: str, low: Tensor, high: Tensor) -> Tensor:
    """Fill ``(C, H, W)`` values that lie between low and high, ``(C, 1, 1)`` each."""
    if fill == "mean":
        return values.double().mean(dim=(1, 2), keepdim=True).float().expand(values.shape).clone()
    if fill == "blur":
        return _blurred(values)
    if fill == "noise":
        chance = torch.rand(values.shape, generator=torch.Generator().manual_seed(0))
        return low + (high - low) * chance
    return low.expand(values.shape).clone()


def _blurred(values: Tensor) -> Tensor:
    """Blur with a Gaussian whose width is a share of the longer side; the border is repeated."""
    sigma = max(1.0, _BLUR * max(values.shape[1:]))
    reach = int(3 * sigma)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    weights = weights / weights.sum()
    rows = F.pad(values[:, None], (0, 0, reach, reach), mode="replicate")
    rows = F.conv2d(rows, weights[None, None, :, None])
    columns = F.pad(rows, (reach, reach, 0, 0), mode="replicate")
    return F.conv2d(columns, weights[None, None, None, :])[:, 0]
