"""Heatmaps in colour, over their pictures; signed attributions as pictures."""

from __future__ import annotations

import difflib
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

DEFAULT_COLORMAP = "viridis"
# Of what has a sign, 0 in the middle: blue below, red above.
DIVERGING_COLORMAP = "RdBu_r"

Blend = Literal["by heat", "even"]
BLENDS: tuple[Blend, ...] = get_args(Blend)


def colour_table(name: str) -> NDArray[np.uint8]:
    """Return a matplotlib colormap as 256 colours.

    Parameters
    ----------
    name
        Any name in ``matplotlib.colormaps``.

    Returns
    -------
    ndarray
        ``uint8`` ``(256, 3)``, RGB; row 0 is the colour of the lowest value.

    Raises
    ------
    ValueError
        If there is no such colormap.

    Examples
    --------
    >>> colour_table("gray")[[0, 128, 255], 0]
    array([  0, 128, 255], dtype=uint8)
    """
    # matplotlib takes longer to import than all the rest.
    from matplotlib import colormaps

    if name not in colormaps:
        folded = {known.casefold(): known for known in colormaps}
        close = difflib.get_close_matches(str(name).casefold(), folded, n=3)
        hint = (
            "did you mean " + " or ".join(f"'{folded[match]}'" for match in close) + "?"
            if close
            else f"'{DEFAULT_COLORMAP}' is one; list(matplotlib.colormaps) has them all"
        )
        raise ValueError(f"there is no colormap {name!r}; {hint}")
    colours: NDArray[np.uint8] = colormaps[name](np.linspace(0, 1, 256), bytes=True)[:, :3]
    return np.ascontiguousarray(colours)


def overlay(
    picture: NDArray[np.uint8],
    heatmap: NDArray[Any] | Tensor,
    opacity: float = 0.5,
    colormap: str = DEFAULT_COLORMAP,
    threshold: float = 0.0,
    *,
    blend: Blend = "by heat",
    centred: bool = False,
) -> NDArray[np.uint8]:
    """Lay a heatmap, coloured, over its picture.

    Parameters
    ----------
    picture
        RGB ``uint8`` ``(H, W, 3)``.
    heatmap
        ``(H, W)``, values in [0, 1].
    opacity
        How strongly the colours cover the picture at most, 0 (not at all) to 1 (wholly).
    colormap
        Any name in ``matplotlib.colormaps``.
    threshold
        Heatmap values below it are not painted, 0 to 1.
    blend
        ``by heat``: a value ``v`` covers the picture by ``opacity * v``, so that a cold place shows
        the picture itself; ``even``: every value covers it by `opacity`.

    centred
        Whether 0.5 stands for zero: then it is cold, and the ends are hot.

    Returns
    -------
    ndarray
        ``uint8`` ``(H, W, 3)``.

    Raises
    ------
    ValueError
        If the shapes do not fit, a number is out of its range, or there is no such colormap or blend.

    Examples
    --------
    >>> white = np.full((1, 3, 3), 255, np.uint8)
    >>> overlay(white, np.array([[0.0, 0.5, 1.0]]), 0.5, "gray")[0, :, 0]
    array([255, 223, 255], dtype=uint8)
    >>> overlay(white, np.array([[0.0, 0.5, 1.0]]), 0.5, "gray", blend="even")[0, :, 0]
    array([128, 192, 255], dtype=uint8)
    """
    values = _heat(heatmap)
    checked_picture(picture, values.shape)
    strengths = np.abs(2 * values - 1) if centred else values
    alpha = strengths_to_alpha(strengths, opacity, threshold, blend)
    return mixed(picture, _coloured(values, colormap), alpha)


def overlay_rgba(
    heatmap: NDArray[Any] | Tensor,
    opacity: float = 0.5,
    colormap: str = DEFAULT_COLORMAP,
    threshold: float = 0.0,
    *,
    blend: Blend = "by heat",
) -> NDArray[np.uint8]:
    """A coloured heatmap with its opacity, for a canvas that lays it over a picture by itself.

    Parameters, errors: as of `overlay`.

    Returns
    -------
    ndarray
        RGBA ``uint8`` ``(H, W, 4)``, not premultiplied.

    Examples
    --------
    >>> overlay_rgba(np.array([[0.0, 1.0]]), 0.5, "gray")[0].tolist()
    [[0, 0, 0, 0], [255, 255, 255, 128]]
    """
    values = _heat(heatmap)
    alpha = _rounded(255 * strengths_to_alpha(values, opacity, threshold, blend))
    return np.dstack([_coloured(values, colormap), alpha])


def colour_strip(
    colormap: str,
    opacity: float,
    threshold: float,
    blend: Blend,
    *,
    ground: int = 128,
    centred: bool = False,
) -> NDArray[np.uint8]:
    """The colours of a colour bar as `overlay` paints them over a grey ground, ``(256, 3)``, the lowest first."""
    middles = (np.arange(256) + 0.5) / 256
    grey = np.full((1, 256, 3), ground, np.uint8)
    shown = overlay(grey, middles[None], opacity, colormap, threshold, blend=blend, centred=centred)
    strip: NDArray[np.uint8] = shown[0]
    return strip


def checked_picture(picture: NDArray[np.uint8], size: tuple[int, ...]) -> None:
    """Refuse what is no picture, or one of another size than its map."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(
            f"picture is {picture.dtype} {picture.shape}; expected uint8 (H, W, 3): "
            "np.asarray(read_picture(...))"
        )
    if size != picture.shape[:2]:
        raise ValueError(
            f"heatmap has the shape {size}, its picture {picture.shape[:2]}; "
            "expected the same (H, W)"
        )


def mixed(
    picture: NDArray[np.uint8], colours: NDArray[np.uint8], alpha: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Colours ``(H, W, 3)`` over a picture, each as strong as `alpha` ``(H, W)`` says."""
    return _rounded(picture * (1 - alpha[..., None]) + colours * alpha[..., None])


def strengths_to_alpha(
    values: NDArray[np.float64], opacity: float, threshold: float, blend: str
) -> NDArray[np.float64]:
    """How strongly each value is painted, 0 to 1."""
    for label, number in (("opacity", opacity), ("threshold", threshold)):
        if not 0 <= number <= 1:
            raise ValueError(f"{label} is {number}; expected 0 to 1")
    if blend not in BLENDS:
        raise ValueError(f"blend is {blend!r}; expected {' or '.join(map(repr, BLENDS))}")
    # Compared in single precision, as in the browser.
    painted = values.astype(np.float32) >= np.float32(threshold)
    return np.where(painted, opacity * values if blend == "by heat" else opacity, 0.0)


def _heat(heatmap: NDArray[Any] | Tensor) -> NDArray[np.float64]:
    values = finite_values(heatmap, "heatmap")
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ValueError(
            f"heatmap has values from {values.min():.4g} to {values.max():.4g}; "
            "expected [0, 1], as heatmaps() gives"
        )
    return values


def _coloured(values: NDArray[np.float64], colormap: str) -> NDArray[np.uint8]:
    colours: NDArray[np.uint8] = colour_table(colormap)[
        np.minimum(255, np.floor(values * 256)).astype(np.uint8)
    ]
    return colours


def signed_picture(attribution: NDArray[Any] | Tensor) -> NDArray[np.uint8]:
    """Show a signed attribution in colour: zero is mid-grey, the largest magnitude black or full.

    Parameters
    ----------
    attribution
        ``(C, H, W)`` with 3 channels, or 1 that is shown in grey. The level of a value ``a`` is
        ``0.5 + a / (2 max|a|)``.

    Returns
    -------
    ndarray
        RGB ``uint8`` ``(H, W, 3)``; all 128 where the attribution is zero everywhere.

    Raises
    ------
    ValueError
        If the shape is another one, or a value is NaN or infinite.

    Examples
    --------
    >>> signed_picture(np.array([[[-2.0, 0.0, 1.0, 2.0]]]))[0, :, 0]
    array([  0, 128, 191, 255], dtype=uint8)
    """
    values = finite_values(attribution, "attribution")
    if values.ndim != 3 or values.shape[0] not in (1, 3) or values.size == 0:
        raise ValueError(
            f"attribution has the shape {values.shape}; expected (C, H, W) with 1 or 3 channels"
        )
    largest = np.abs(values).max()
    levels = 0.5 + values / (2 * largest) if largest > 0 else np.full_like(values, 0.5)
    picture = _rounded(255 * levels.transpose(1, 2, 0))
    return np.repeat(picture, 3, axis=2) if values.shape[0] == 1 else picture


def finite_values(array: NDArray[Any] | Tensor, name: str) -> NDArray[np.float64]:
    """An array or tensor as ``float64``; a ValueError names the one that has NaN or infinite values."""
    array = (
        array.detach().cpu().double().numpy() if isinstance(array, Tensor) else np.asarray(array)
    )
    values = array.astype(np.float64)
    unusable = int(values.size - np.isfinite(values).sum())
    if unusable:
        raise ValueError(
            f"{name} has {unusable} values that are NaN or infinite; nothing is painted from them"
        )
    return values


def _rounded(levels: NDArray[np.float64]) -> NDArray[np.uint8]:
    # Half to even, as the browser's Uint8ClampedArray does.
    return np.ascontiguousarray(np.rint(levels).clip(0, 255).astype(np.uint8))
