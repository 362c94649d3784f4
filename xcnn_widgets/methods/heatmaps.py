"""From an attribution to a heatmap: upsampling and normalising, the one place for both."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def as_maps(values: Tensor, dimensions: int = 2) -> Tensor:
    """Reduce an attribution to one map a sample, at its own resolution.

    Parameters
    ----------
    values
        ``(B, h, w)``, returned as it is; or ``(B, C, H, W)``, of which the largest absolute value
        over the channels is taken (Simonyan et al., 2014, arXiv:1312.6034, section 3.1).
    dimensions
        Of a map: 2 for pictures, 1 for signals ``(B, l)`` and ``(B, C, L)``, 3 for volumes.

    Returns
    -------
    Tensor
        ``(B, h, w)``.
    """
    return values if values.ndim == dimensions + 1 else values.abs().amax(dim=1)


# Of one, two and three dimensions.
_MODES = ("linear", "bilinear", "trilinear")


def upsample(maps: Tensor, size: tuple[int, ...]) -> Tensor:
    """Bring maps ``(B, h, w)`` to ``(B, H, W)``: bilinear, ``align_corners=False``."""
    if maps.shape[1:] == size:
        return maps
    return F.interpolate(
        maps.unsqueeze(1), size=size, mode=_MODES[len(size) - 1], align_corners=False
    ).squeeze(1)


def normalise(maps: Tensor) -> Tensor:
    """Stretch each map ``(B, H, W)`` to [0, 1]; a constant map becomes all zeros."""
    low, high = ranges(maps)
    spread, constant = high - low, is_constant(maps)
    scaled = (maps - low) / torch.where(constant, torch.ones_like(spread), spread)
    return torch.where(constant, torch.zeros_like(scaled), scaled).clamp(0, 1)


def is_constant(maps: Tensor) -> Tensor:
    """Whether each map is the same everywhere, but for rounding; ``(B, 1, 1)``."""
    low, high = ranges(maps)
    # A spread that is lost in the rounding of the values, and of upsampling them, is no spread.
    rounding = 16 * torch.finfo(maps.dtype).eps * torch.maximum(low.abs(), high.abs())
    return high - low <= rounding


def ranges(maps: Tensor) -> tuple[Tensor, Tensor]:
    """The smallest and the largest value of each map, ``(B, 1, 1)`` each."""
    sides = tuple(range(1, maps.ndim))
    return maps.amin(dim=sides, keepdim=True), maps.amax(dim=sides, keepdim=True)


def heatmaps(values: Tensor, size: tuple[int, ...]) -> Tensor:
    """Make an attribution viewable.

    Parameters
    ----------
    values
        ``(B, h, w)`` or ``(B, C, H, W)``.
    size
        ``(H, W)`` of the picture.

    Returns
    -------
    Tensor
        ``float32`` ``(B, H, W)`` in [0, 1]: reduced to one map, upsampled, then min-max normalised
        for each sample.

    Examples
    --------
    >>> import torch
    >>> heatmaps(torch.tensor([[[0.0, 4.0]]]), (1, 4))
    tensor([[[0.0000, 0.2500, 0.7500, 1.0000]]])
    """
    return normalise(upsample(as_maps(values.float(), len(size)), size))
