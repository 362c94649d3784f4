"""Noisy linear imputation: missing pixels become the weighted mean of their neighbours, and a little noise.

Rong et al., 2022, arXiv:2202.00449, section 4.2. Each missing pixel is the mean of its eight neighbours, those at the
sides with weight 1/6 and those at the corners with 1/12; neighbours outside of the picture are left out. That is one
linear equation a missing pixel.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .holes import Holes


def imputed(inputs: Tensor, missing: Tensor, noise: float = 0.01, seed: int = 0) -> Tensor:
    """Fill missing pixels from their neighbours.

    Parameters
    ----------
    inputs
        ``(B, C, H, W)``.
    missing
        ``(B, H, W)``, where a pixel is to be filled. Where all of a picture is missing, its mean is taken.
    noise
        The standard deviation of what is added to filled pixels, in the units of the input.
    seed
        The same seed makes the same noise.

    Returns
    -------
    Tensor
        ``(B, C, H, W)``.

    Examples
    --------
    >>> import torch
    >>> row = torch.tensor([[[[1.0, 0.0, 0.0, 4.0]]]])
    >>> filled = imputed(row, torch.tensor([[[False, True, True, False]]]), noise=0)
    >>> [round(value, 3) for value in filled.flatten().tolist()]
    [1.0, 2.0, 3.0, 4.0]
    """
    hole = missing.unsqueeze(1)
    nothing_left = hole.flatten(1).all(dim=1)
    whole = hole & ~nothing_left[:, None, None, None]
    found = Holes.of(whole).filled(inputs.float())
    mean = inputs.float().mean(dim=(2, 3), keepdim=True)
    found = torch.where(nothing_left[:, None, None, None], mean, found)
    if noise:
        generator = torch.Generator().manual_seed(seed)
        # The same for all samples: none depends on its company.
        drawn = torch.randn(inputs.shape[1:], generator=generator).to(found)
        found = found + noise * drawn * hole
    return found.to(inputs.dtype)
