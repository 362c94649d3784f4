"""Infidelity and sensitivity: whether a map says what changes do, and holds still when the input hardly moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ..methods import IsCancelled, Method, Progress, chunks, explain, require_positive
from ..network import Target
from .scored import Scored

# From inputs and a generator to what is taken off them, of the same shape.
Perturbation = Callable[[Tensor, torch.Generator], Tensor]


def infidelity(
    model: nn.Module,
    inputs: Tensor,
    attributions: Tensor,
    target: Target = None,
    *,
    perturbation: Perturbation | None = None,
    noise: float = 0.2,
    samples: int = 10,
    seed: int = 0,
    batch_size: int | None = None,
    exact: bool = False,
    progress: Progress = None,
    cancelled: IsCancelled = None,
    **call: Any,
) -> Tensor:
    r"""How far attributions are from telling what a change of the input does to the score; ``(B,)``, the lower the better.

    .. math:: \mathbb{E}_I \left( I^T a - \left( f(x) - f(x - I) \right) \right)^2

    The mean over perturbations :math:`I`, in squared units of the score. Yeh et al., 2019, arXiv:1901.09392,
    definition 2.1; as Captum's `infidelity` without normalising.

    Parameters
    ----------
    model, inputs, target, batch_size, exact, progress, cancelled, **call
        As of `deletion`; the score is the target's, before a softmax.
    attributions
        ``(B, C, H, W)``, signed, in units of score by units of input: gradients, not heatmaps.
    perturbation
        From inputs and a generator to ``I``; by default Gaussian noise.
    noise
        The standard deviation of that, in the units of the input.
    samples
        How many perturbations.
    seed
        The same seed makes the same perturbations.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.
    Cancelled
        If `cancelled` says so.
    """
    require_positive("samples", samples)
    scored = Scored.of_model(model, inputs, target, "none", exact=exact, **call)
    inputs = scored.inputs
    values = attributions.detach().to(inputs)
    if values.shape != inputs.shape:
        raise ValueError(
            f"attributions has the shape {tuple(values.shape)}; expected that of the inputs, "
            f"{tuple(inputs.shape)}: infidelity asks for signed attributions, not for heatmaps"
        )
    make = perturbation or (lambda x, generator: noise * _normal(x, generator))
    generator = torch.Generator().manual_seed(seed)
    told: list[Tensor] = []

    def version(_number: int) -> Tensor:
        change = make(inputs, generator).to(inputs)
        told.append((change * values).flatten(1).sum(dim=1))
        return inputs - change

    found = scored.of(
        samples,
        version,
        "infidelity",
        batch_size=batch_size,
        progress=progress,
        cancelled=cancelled,
    )
    fell = scored.untouched[:, None] - found
    return (torch.stack(told, dim=1) - fell).square().mean(dim=1)


def max_sensitivity(
    model: nn.Module,
    inputs: Tensor,
    method: str | Method = "grad_cam",
    target: Target = None,
    layer: str | None = None,
    *,
    radius: float = 0.02,
    samples: int = 10,
    seed: int = 0,
    progress: Progress = None,
    cancelled: IsCancelled = None,
    **options: Any,
) -> Tensor:
    r"""The most that an attribution moves when the input moves a little; ``(B,)``, the lower the better.

    .. math:: \max_d \frac{\lVert a(x + d) - a(x) \rVert}{\lVert a(x) \rVert}

    over uniform :math:`d` in [-radius, radius] a value; 0 is a map that does not move. Yeh et al., 2019,
    arXiv:1901.09392, definition 3.1; as Captum's `sensitivity_max`.

    Parameters
    ----------
    model, inputs, method, target, layer, **options
        As of `explain`. None for the target is the class predicted on the inputs as they are.
    radius
        In the units of the input.
    samples
        How many neighbours are looked at.
    seed
        The same seed makes the same neighbours.
    progress, cancelled
        Called after every neighbour with the share done, up to 1; and asked before every one.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.
    Cancelled
        If `cancelled` says so.
    """
    require_positive("samples", samples)
    if not radius > 0:
        raise ValueError(f"radius is {radius}; expected more than 0, in the units of the input")
    first = explain(model, inputs, method, target, layer, **options)
    asked, layer = first.target, first.layer
    norms = first.values.flatten(1).norm(dim=1)
    generator = torch.Generator().manual_seed(seed)
    most = torch.zeros_like(norms)
    for _ in chunks(
        samples, 1, "max_sensitivity", "neighbours", progress=progress, cancelled=cancelled
    ):
        drawn = torch.rand(inputs.shape, generator=generator).to(inputs)
        near = inputs + radius * (2 * drawn - 1)
        moved = explain(model, near, method, asked, layer, **options).values - first.values
        share = moved.flatten(1).norm(dim=1) / torch.where(norms > 0, norms, 1.0)
        most = torch.maximum(most, share)
    return most


def completeness(
    model: nn.Module,
    inputs: Tensor,
    attributions: Tensor,
    target: Target = None,
    *,
    baseline: Tensor | float = 0.0,
    **call: Any,
) -> Tensor:
    r"""How far the sum of attributions is from the difference of scores that they share out; ``(B,)``, 0 is complete.

    .. math:: \sum_i a_i - \left( f(x) - f(x_0) \right)

    Sundararajan et al., 2017, arXiv:1703.01365, proposition 1.

    Parameters
    ----------
    model, inputs, target, **call
        As of `deletion`; the score is the target's, before a softmax.
    attributions
        ``(B, ...)``, signed.
    baseline
        :math:`x_0`: a number, or what broadcasts against the inputs.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.
    """
    scored = Scored.of_model(model, inputs, target, "none", exact=True, **call)
    if len(attributions) != len(scored.inputs):
        raise ValueError(
            f"attributions has {len(attributions)} samples; expected {len(scored.inputs)}"
        )
    start = torch.as_tensor(baseline).to(scored.inputs).expand_as(scored.inputs)
    at_start = scored.of(1, lambda _: start, "completeness")[:, 0]
    total = attributions.detach().to(scored.untouched).flatten(1).sum(dim=1)
    return total - (scored.untouched - at_start)


def sensitivity_n(
    model: nn.Module,
    inputs: Tensor,
    attributions: Tensor,
    target: Target = None,
    *,
    n: int,
    samples: int = 100,
    baseline: float = 0.0,
    seed: int = 0,
    batch_size: int | None = None,
    exact: bool = False,
    progress: Progress = None,
    cancelled: IsCancelled = None,
    **call: Any,
) -> Tensor:
    r"""Whether the attributions of n pixels tell what removing them does: a correlation ``(B,)``, 1 is best.

    .. math:: \mathrm{corr}_S \left( \sum_{i \in S} a_i , \; f(x) - f(x_{S = 0}) \right)

    Pearson's correlation, over random sets of n pixels, of the sum of their attributions and the fall of the score when
    they are set to the baseline. Ancona et al., 2018, arXiv:1711.06104, section 4. Where one of both never changes, it
    is 0.

    Parameters
    ----------
    model, inputs, target, batch_size, exact, progress, cancelled, **call
        As of `deletion`; the score is the target's, before a softmax.
    attributions
        ``(B, C, H, W)`` or ``(B, H, W)``, signed; channels of a pixel are summed.
    n
        How many pixels a set has.
    samples
        How many sets.
    baseline
        What stands where a pixel was, in the units of the input.
    seed
        The same seed makes the same sets.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.
    Cancelled
        If `cancelled` says so.
    """
    require_positive("n", n)
    require_positive("samples", samples)
    scored = Scored.of_model(model, inputs, target, "none", exact=exact, **call)
    inputs = scored.inputs
    count, _, *size = inputs.shape
    values = attributions.detach().to(scored.untouched)
    values = values.sum(dim=1) if values.ndim == inputs.ndim else values
    if values.shape != (count, *size):
        raise ValueError(
            f"attributions has the shape {tuple(attributions.shape)}; expected {tuple(inputs.shape)} "
            f"or {(count, *size)}"
        )
    flat = values.flatten(1)
    if n > flat.shape[1]:
        raise ValueError(f"n is {n}; the input has {flat.shape[1]} pixels")
    generator = torch.Generator().manual_seed(seed)
    sums: list[Tensor] = []

    def version(_number: int) -> Tensor:
        chosen = torch.randperm(flat.shape[1], generator=generator)[:n].to(inputs.device)
        sums.append(flat[:, chosen].sum(dim=1))
        changed = inputs.clone().flatten(2)
        changed[:, :, chosen] = baseline
        return changed.reshape(inputs.shape)

    found = scored.of(
        samples,
        version,
        "sensitivity_n",
        batch_size=batch_size,
        progress=progress,
        cancelled=cancelled,
    )
    return _correlation(torch.stack(sums, dim=1), scored.untouched[:, None] - found)


def _correlation(first: Tensor, second: Tensor) -> Tensor:
    """Pearson's, of each row."""
    first = first - first.mean(dim=1, keepdim=True)
    second = second - second.mean(dim=1, keepdim=True)
    scale = first.norm(dim=1) * second.norm(dim=1)
    return torch.where(scale > 0, (first * second).sum(dim=1) / scale.clamp(min=1e-30), 0.0)


def _normal(inputs: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(inputs.shape, generator=generator).to(inputs)
