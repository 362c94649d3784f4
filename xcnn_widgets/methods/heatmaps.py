"""From an attribution to a heatmap: upsampling and normalising, the one place for both."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def as_maps(values: Tensor) -> Tensor:
    """Reduce an attribution to one map a sample, at its own resolution.

    Parameters
    ----------
    values
        ``(B, h, w)``, returned as it is; or ``(B, C, H, W)``, of which the largest absolute value
        over the channels is taken (Simonyan et al., 2014, arXiv:1312.6034, section 3.1).

    Returns
    -------
    Tensor
        ``(B, h, w)``.
    """
    return values if values.ndim == 3 else values.abs().amax(dim=1)


def at_least_float32(values: Tensor) -> Tensor:
    """Sums over half floats lose digits; what is finer than float32 stays as it is."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def upsample(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Bring maps ``(B, h, w)`` to ``(B, H, W)``: bilinear, ``align_corners=False``."""
    if maps.shape[-2:] == size:
        return maps
    return F.interpolate(
        maps.unsqueeze(1), size=size, mode="bilinear", align_corners=False
    ).squeeze(1)


def normalise(maps: Tensor) -> Tensor:
    """Stretch each map ``(B, H, W)`` to [0, 1]; a constant map becomes all zeros."""
    low, high = ranges(maps)
    spread = high - low
    # A spread that is lost in the rounding of the values, and of upsampling them, is no spread.
    rounding = 16 * torch.finfo(maps.dtype).eps * torch.maximum(low.abs(), high.abs())
    constant = spread <= rounding
    scaled = (maps - low) / torch.where(constant, torch.ones_like(spread), spread)
    return torch.where(constant, torch.zeros_like(scaled), scaled).clamp(0, 1)


def ranges(maps: Tensor) -> tuple[Tensor, Tensor]:
    """The smallest and the largest value of each map, ``(B, 1, 1)`` each."""
    return maps.amin(dim=(1, 2), keepdim=True), maps.amax(dim=(1, 2), keepdim=True)


def heatmaps(values: Tensor, size: tuple[int, int]) -> Tensor:
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
    return normalise(upsample(as_maps(values.float()), size))
