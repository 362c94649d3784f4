"""How alike two maps are: the correlation of their ranks, and their structural similarity."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

# Wang et al., 2004: a Gaussian window of 11 x 11 pixels, and what steadies the quotients.
_DEVIATION, _RADIUS = 1.5, 5
_C1, _C2 = 0.01**2, 0.03**2


def rank_correlation(first: Tensor, second: Tensor) -> Tensor:
    """Spearman's rank correlation of two maps ``(B, ...)``, ``(B,)`` in [-1, 1].

    Equal values share the mean of their ranks. A map that is the same everywhere is correlated with nothing: 0.

    Examples
    --------
    >>> import torch
    >>> rising = torch.arange(6.0).reshape(1, 2, 3)
    >>> [round(rank_correlation(rising, other).item(), 3) for other in (rising**3, -rising, rising * 0)]
    [1.0, -1.0, 0.0]
    """
    centred = []
    for values in (first, second):
        ranks = ranked(values.flatten(1))
        centred.append(ranks - ranks.mean(dim=1, keepdim=True))
    covariance = (centred[0] * centred[1]).sum(dim=1)
    scale = centred[0].norm(dim=1) * centred[1].norm(dim=1)
    found = torch.where(scale > 0, covariance / scale.clamp(min=1e-12), torch.zeros_like(scale))
    return found.clamp(-1, 1).float()


def ranked(values: Tensor) -> Tensor:
    """The rank of each value in its row, equal values sharing their mean rank; ``float64`` ``(B, values)``."""
    ordered = values.sort(dim=1).values.contiguous()
    first = torch.searchsorted(ordered, values.contiguous(), right=False)
    last = torch.searchsorted(ordered, values.contiguous(), right=True)
    return (first + last - 1).double() / 2


def ssim(first: Tensor, second: Tensor) -> Tensor:
    """The mean structural similarity of two maps ``(B, H, W)`` in [0, 1]: ``(B,)``, 1 where they are the same.

    Wang et al., 2004, doi:10.1109/TIP.2003.819861, equation 13, with a Gaussian window of standard deviation 1.5; the
    mean over windows that lie inside.

    Raises
    ------
    ValueError
        If the maps are smaller than a window, 11 x 11.
    """
    if min(first.shape[1:]) <= 2 * _RADIUS:
        raise ValueError(f"maps of {tuple(first.shape[1:])}: expected at least 11 x 11")
    mean_1, mean_2 = _windowed(first), _windowed(second)
    variance_1 = _windowed(first * first) - mean_1**2
    variance_2 = _windowed(second * second) - mean_2**2
    covariance = _windowed(first * second) - mean_1 * mean_2
    above = (2 * mean_1 * mean_2 + _C1) * (2 * covariance + _C2)
    below = (mean_1**2 + mean_2**2 + _C1) * (variance_1 + variance_2 + _C2)
    return (above / below).flatten(1).mean(dim=1).float()


def _windowed(maps: Tensor) -> Tensor:
    """The Gaussian mean of each window that lies inside."""
    offsets = torch.arange(-_RADIUS, _RADIUS + 1, dtype=torch.float64)
    kernel = torch.exp(-(offsets**2) / (2 * _DEVIATION**2))
    kernel = (kernel / kernel.sum()).to(maps)
    columns = F.conv2d(maps.unsqueeze(1), kernel.reshape(1, 1, -1, 1))
    return F.conv2d(columns, kernel.reshape(1, 1, 1, -1)).squeeze(1)
