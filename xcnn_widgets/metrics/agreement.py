"""How far two explanations of one picture agree."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from ..methods import as_maps
from .likeness import rank_correlation

# Large enough to tell places apart, small enough that single pixels and edges do not count as places.
_SIDE = 14


def disagreement(first: Tensor, second: Tensor) -> Tensor:
    """One minus the rank correlation of two attributions' absolute values.

    Both are reduced to one map of absolute values a sample and brought to 14 x 14 cells: along each side averaged over
    the cells where they are larger, bilinear where they are smaller. Their values, as ``float32``, are ranked, equal
    values share the mean of their ranks, and the correlation of the ranks is Spearman's (1904). A map that is the same
    everywhere agrees with nothing: its correlation counts as 0.

    Parameters
    ----------
    first, second
        Attributions ``(B, h, w)`` or ``(B, C, H, W)`` of the same samples, at any resolution.

    Returns
    -------
    Tensor
        ``float32`` ``(B,)``: 0 where both rank all places alike, 1 where they are unrelated, 2 where one is the
        other's reverse.

    Examples
    --------
    >>> import torch
    >>> rising = torch.arange(196.0).reshape(1, 14, 14)
    >>> [round(disagreement(rising, other).item(), 3) for other in (rising**2, 200 - rising)]
    [0.0, 2.0]
    """
    return 1 - rank_correlation(small_maps(first).flatten(1), small_maps(second).flatten(1))


def small_maps(values: Tensor) -> Tensor:
    """Attributions as `disagreement` compares them: absolute values at 14 x 14 cells, ``float32`` ``(B, 14, 14)``.

    Parameters
    ----------
    values
        ``(B, h, w)`` or ``(B, C, H, W)``, at any resolution.
    """
    # Averages of equal values differ in their last digits, which must not decide a rank: float64, then rounded.
    maps = as_maps(values).abs().unsqueeze(1).double()
    height, width = maps.shape[-2:]
    small = F.adaptive_avg_pool2d(maps, (min(height, _SIDE), min(width, _SIDE)))
    small = F.interpolate(small, size=(_SIDE, _SIDE), mode="bilinear", align_corners=False)
    return small.squeeze(1).float()
