"""Signed attributions as pictures: in colour, and positive against negative."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .overlays import (
    DIVERGING_COLORMAP,
    Blend,
    checked_picture,
    finite_values,
    mixed,
    overlay,
    signed_picture,
    strengths_to_alpha,
)

CLIP_PERCENTILE = 99.5


def clip_of(attribution: NDArray[Any] | Tensor) -> float:
    """The 99.5th percentile of the absolute values: what is shown as the greatest; of few values that are not 0 their greatest.

    Examples
    --------
    >>> clip_of(np.arange(-1000, 1001))
    995.0
    >>> clip_of(np.array([[0.0] * 999 + [-3.0]]))
    3.0
    """
    sizes = np.abs(finite_values(attribution, "attribution"))
    clip = float(np.percentile(sizes, CLIP_PERCENTILE)) if sizes.size else 0.0
    return clip if clip > 0 or not sizes.size else float(sizes.max())


def colours_of(attribution: NDArray[Any] | Tensor) -> tuple[NDArray[np.uint8], float]:
    """A signed attribution in colour, as papers show it: centred on mid-grey, symmetric, clipped at `clip_of`.

    Parameters
    ----------
    attribution
        ``(C, H, W)`` with the channels that are shown as red, green and blue, or with one, shown in grey.

    Returns
    -------
    tuple
        RGB ``uint8`` ``(H, W, 3)``, and the value that is shown as the greatest.

    Raises
    ------
    ValueError
        As `signed_picture`.

    Examples
    --------
    >>> colours, clip = colours_of(np.array([[[-2.0, 0.0, 1.0, 2.0]]]))
    >>> colours[0, :, 0].tolist(), round(clip, 6)
    ([0, 128, 191, 255], 2.0)
    """
    values = finite_values(attribution, "attribution")
    clip = clip_of(values)
    return signed_picture(values.clip(-clip, clip)), clip


def colour_overlay(
    picture: NDArray[np.uint8],
    colours: NDArray[np.uint8],
    opacity: float = 0.5,
    threshold: float = 0.0,
    *,
    blend: Blend = "by heat",
) -> NDArray[np.uint8]:
    """Lay an attribution in colour over its picture; how far a colour is from mid-grey is its heat.

    Parameters, errors: as of `overlay`; `colours` is RGB ``uint8`` ``(H, W, 3)``, as `colours_of` gives it.

    Examples
    --------
    >>> white = np.full((1, 2, 3), 255, np.uint8)
    >>> colours = np.array([[[160, 128, 128], [255, 128, 0]]], np.uint8)
    >>> colour_overlay(white, colours, 1.0)[0].tolist()
    [[231, 223, 223], [255, 128, 0]]
    """
    checked_picture(picture, colours.shape[:2])
    strengths = np.abs(colours.astype(np.float64) - 127.5).max(axis=2) / 127.5
    return mixed(picture, colours, strengths_to_alpha(strengths, opacity, threshold, blend))


def centred(attribution: NDArray[Any] | Tensor) -> tuple[NDArray[np.float64], float]:
    """A signed map ``(H, W)`` as shares of its range around 0, which becomes 0.5; and the greatest absolute value.

    Examples
    --------
    >>> centred(np.array([[-1.0, 0.0, 2.0]]))
    (array([[0.25, 0.5 , 1.  ]]), 2.0)
    """
    values = finite_values(attribution, "attribution")
    most = float(np.abs(values).max()) if values.size else 0.0
    return (0.5 + values / (2 * most) if most > 0 else np.full(values.shape, 0.5)), most


def signed_overlay(
    picture: NDArray[np.uint8],
    attribution: NDArray[Any] | Tensor,
    opacity: float = 0.5,
    threshold: float = 0.0,
    *,
    blend: Blend = "by heat",
) -> NDArray[np.uint8]:
    """Lay what speaks for (red) and against (blue) over a picture; how far a value is from 0 is its heat.

    Parameters, errors: as of `overlay`; `attribution` is ``(H, W)``, in any unit.

    Examples
    --------
    >>> white = np.full((1, 3, 3), 255, np.uint8)
    >>> signed_overlay(white, np.array([[-1.0, 0.0, 1.0]]), 1.0)[0].tolist()
    [[5, 48, 97], [255, 255, 255], [103, 0, 31]]
    """
    shares, _ = centred(attribution)
    return overlay(
        picture, shares, opacity, DIVERGING_COLORMAP, threshold, blend=blend, centred=True
    )
