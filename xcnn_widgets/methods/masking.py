"""Score-CAM, Ablation-CAM and RISE: take parts away and read the target's score."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import torch
from torch import Tensor

from ..network import at_least_float32
from ..passes import silencing
from .cam import weighted_sum
from .heatmaps import normalise, upsample
from .many_scores import (
    IsCancelled,
    ManyScores,
    Progress,
    chunks,
    refuse_cancelled,
    require_positive,
    versions_at_once,
)
from .question import Question


def score_cam(
    asked: Question,
    *,
    channels: int | None = 128,
    batch_size: int | None = None,
    exact: bool = True,
    progress: Progress = None,
    cancelled: IsCancelled = None,
) -> Tensor:
    r"""Score-CAM: each channel's activation, weighted by the score of the input seen through it.

    .. math:: \left[ \sum_k w_k A_k \right]_+ , \quad w = \mathrm{softmax}_k \, s(x \odot m_k)

    Wang et al., 2020, arXiv:1910.01279, equations 5 to 8. The mask :math:`m_k` is channel k of the activation, upsampled
    and stretched to [0, 1]; no gradient is asked. The score is the target's, before a softmax.

    Parameters
    ----------
    asked
        What is explained, and the forward pass of the untouched inputs.
    channels
        How many channels are asked: of each sample those whose activation varies most over the grid (as in Faster
        Score-CAM). None is all of them, as in the paper.
    batch_size
        The most inputs that go through the model at once; None is what is fast.
    exact
        Whether the model is run as it stands; see `ForwardPass`.
    progress, cancelled
        Called after every batch with the share done, up to 1; and asked before every batch.

    Returns
    -------
    Tensor
        ``(B, h, w)`` at the layer's own resolution, not negative.

    Raises
    ------
    TypeError, ValueError
        If an option does not fit.
    Cancelled
        If `cancelled` says so.
    """
    forward, inputs = asked.forward, asked.forward.inputs
    maps = at_least_float32(forward.maps(asked.layer))
    chosen = _strongest(asked, maps, channels)
    picked, count = _picked(maps, chosen), chosen.shape[1]
    size = tuple(inputs.shape[2:])
    score = ManyScores(forward, asked.target, exact=exact)
    at_once = versions_at_once(inputs, count, batch_size)
    found: list[Tensor] = []
    for chunk in chunks(
        count, at_once, "Score-CAM", "channels", progress=progress, cancelled=cancelled
    ):
        some = picked[:, chunk.start : chunk.stop].transpose(0, 1)
        masks = normalise(upsample(some.flatten(0, 1), size)).reshape(*some.shape[:2], 1, *size)
        found.append(score(inputs * masks.to(inputs.dtype)))
    weights = torch.cat(found).softmax(dim=0).T
    return weighted_sum(weights.to(maps), picked)


def ablation_cam(
    asked: Question,
    *,
    channels: int | None = 128,
    batch_size: int | None = None,
    progress: Progress = None,
    cancelled: IsCancelled = None,
) -> Tensor:
    r"""Ablation-CAM: each channel's activation, weighted by how far the score falls when it is set to 0.

    .. math:: \left[ \sum_k w_k A_k \right]_+ , \quad w_k = s - s_{A_k = 0}

    Desai and Ramaswamy, 2020, doi:10.1109/WACV45572.2020.9093360, equations 3 and 4. The paper divides the fall by the
    score, which is one factor for all weights of a sample; it is left out, for it would turn the map round where the
    score is negative.

    Parameters, result and errors as of `score_cam`; the model always runs as it stands.
    """
    forward, inputs = asked.forward, asked.forward.inputs
    maps = at_least_float32(forward.maps(asked.layer))
    chosen = _strongest(asked, maps, channels)
    count = chosen.shape[1]
    score, untouched = ManyScores(forward, asked.target, exact=True), forward.scores(asked.target)
    at_once = versions_at_once(inputs, count, batch_size)
    drops: list[Tensor] = []
    for chunk in chunks(
        count, at_once, "Ablation-CAM", "channels", progress=progress, cancelled=cancelled
    ):
        some = chosen[:, chunk.start : chunk.stop].T
        with silencing(forward.subject, asked.layer, some.reshape(-1, 1).tolist()):
            found = score(inputs.expand(len(some), *inputs.shape))
        drops.append(at_least_float32(untouched) - found)
    return weighted_sum(torch.cat(drops).T.to(maps), _picked(maps, chosen))


def _strongest(asked: Question, maps: Tensor, count: int | None) -> Tensor:
    """The numbers ``(B, channels)`` of the channels of ``(B, C, h, w)`` that vary most, the most varied first."""
    if count is not None:
        require_positive("channels", count)
    order = maps.flatten(2).var(dim=2, correction=0).argsort(dim=1, descending=True)
    if count is not None and count < maps.shape[1]:
        asked.notes.append(f"Made of the {count} channels of {maps.shape[1]} that vary most.")
    return order[:, :count]


def _picked(maps: Tensor, chosen: Tensor) -> Tensor:
    return maps[torch.arange(len(maps), device=maps.device)[:, None], chosen]


def rise(
    asked: Question,
    *,
    masks: int = 1000,
    grid: int = 7,
    shown: float = 0.5,
    seed: int = 0,
    batch_size: int | None = None,
    exact: bool = True,
    progress: Progress = None,
    cancelled: IsCancelled = None,
    so_far: Callable[[Tensor], None] | None = None,
) -> Tensor:
    r"""RISE: the mean score of randomly masked inputs in which a pixel is shown.

    .. math:: \frac{\sum_i s(x \odot m_i) \, m_i}{\sum_i m_i}

    Petsiuk et al., 2018, arXiv:1806.07421, equation 6. The paper divides by
    the expected sum of the masks; dividing by their sum makes the map of a score that is raised by a constant the
    same map raised by it, also for few masks. The score is the target's, before a softmax.

    Parameters
    ----------
    asked
        What is explained, and the forward pass of the untouched inputs.
    masks
        How many; the paper takes 4000 to 8000.
    grid
        How many cells a side a mask has before it is upsampled and shifted by less than a cell.
    shown
        The chance that a cell is shown.
    seed
        The same seed makes the same masks, on every device.
    batch_size, exact, progress
        As of `score_cam`.
    cancelled
        Asked before every batch; the estimate so far is then the answer, and a note says so.
    so_far
        Called after every batch with the estimate ``(B, H, W)`` made of it and all before.

    Returns
    -------
    Tensor
        ``(B, H, W)``.

    Raises
    ------
    TypeError, ValueError
        If an option does not fit.
    Cancelled
        If `cancelled` says so before the first batch.
    """
    require_positive("masks", masks)
    require_positive("grid", grid)
    if not 0 < shown < 1:
        raise ValueError(f"shown is {shown}; expected a chance between 0 and 1")
    forward, inputs = asked.forward, asked.forward.inputs
    size, generator = tuple(inputs.shape[2:]), torch.Generator().manual_seed(seed)
    score = ManyScores(forward, asked.target, exact=exact)
    at_once = versions_at_once(inputs, masks, batch_size)
    # All drawn first: the masks are the same however many go through the model at once.
    drawn, cell = _cells(masks, size, grid, shown, generator)
    shifts = [torch.randint(side, (masks,), generator=generator).tolist() for side in cell]
    total = torch.zeros(len(inputs), *size, device=inputs.device)
    weight = torch.zeros(size, device=inputs.device)
    for start in range(0, masks, at_once):
        if start == 0:
            refuse_cancelled(cancelled, "RISE", start, masks, "masks")
        elif cancelled is not None and cancelled():
            asked.notes.append(f"Stopped after {start} of {masks} masks.")
            break
        stop = min(start + at_once, masks)
        some = _masks(drawn[start:stop], cell, [along[start:stop] for along in shifts], size)
        some = some.to(inputs.device)
        masked = inputs * some.to(inputs.dtype)[:, None, None]
        total += torch.tensordot(score(masked).T.to(total), some, dims=1)
        weight += some.sum(dim=0)
        if progress is not None:
            progress(stop / masks)
        if so_far is not None:
            so_far(_quotient(total, weight))
    return _quotient(total, weight)


def _quotient(total: Tensor, weight: Tensor) -> Tensor:
    """0 where no mask has shown the pixel yet."""
    return torch.where(weight > 0, total / weight, 0)


def _cells(
    count: int, size: tuple[int, ...], grid: int, shown: float, generator: torch.Generator
) -> tuple[Tensor, list[int]]:
    """Coarse masks ``(count, ...)`` of zeros and ones, with a cell more a side than shown; and a cell's pixels a side."""
    cells = [min(grid, side) for side in size]
    drawn = torch.rand((count, *(cell + 1 for cell in cells)), generator=generator) < shown
    return drawn.float(), [ceil(side / cell) for side, cell in zip(size, cells, strict=True)]


def _masks(
    coarse: Tensor, cell: list[int], shifts: list[list[int]], size: tuple[int, ...]
) -> Tensor:
    """Masks ``(count, H, W)`` in [0, 1]: coarse cells, upsampled, shifted by less than a cell."""
    large = upsample(
        coarse, tuple(n * side for n, side in zip(coarse.shape[1:], cell, strict=True))
    )
    shifted: list[Tensor] = []
    for mask, *starts in zip(large, *shifts, strict=True):
        window = tuple(slice(first, first + side) for first, side in zip(starts, size, strict=True))
        shifted.append(mask[window])
    return torch.stack(shifted)
