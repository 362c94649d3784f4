"""Gradients averaged over many inputs: along a path to a baseline, or around the input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from ..network import BackwardRule, at_least_float32
from .baselines import Baseline, baseline_of
from .many_gradients import gradients_at
from .many_scores import (
    IsCancelled,
    ManyScores,
    Progress,
    chunks,
    require_positive,
    versions_at_once,
)
from .question import Question

Smoothed = Literal["saliency", "guided_backprop", "deconvnet"]
_RULES: dict[str, BackwardRule] = {
    "saliency": "plain",
    "guided_backprop": "guided",
    "deconvnet": "deconvnet",
}
# Of the difference of scores; more than this part of it missing is told.
_COMPLETE = 0.01


def integrated_gradients(
    asked: Question,
    *,
    steps: int = 50,
    baseline: Baseline = 0.0,
    seed: int = 0,
    batch_size: int | None = None,
    exact: bool = True,
    progress: Progress = None,
    cancelled: IsCancelled = None,
) -> Tensor:
    r"""Integrated gradients: what each value of the input adds on the straight way from a baseline.

    .. math:: (x - x_0) \odot \int_0^1 \frac{\partial s}{\partial x} \left( x_0 + a (x - x_0) \right) da

    Sundararajan et al., 2017, arXiv:1703.01365, equation 1; the integral by the Gauss-Legendre rule, as Captum's
    default. The attributions of a sample sum to the score of the input less that of the baseline; where more than
    1 % of that difference is missing, the note says how much.

    Parameters
    ----------
    asked
        What is explained, and the forward pass of the untouched inputs.
    steps
        At how many points of the path the gradient is asked; at least 1.
    baseline
        Where the path starts; see `baseline_of`. 0 is the mean colour under the usual normalisation.
    seed
        Of the noise, where the baseline is ``noise``.
    batch_size
        The most inputs that go through the model at once; None is what is fast.
    exact
        Whether the model is run as it stands; see `ForwardPass`.
    progress, cancelled
        Called after every batch with the share done, up to 1; and asked before every batch.

    Returns
    -------
    Tensor
        ``(B, C, H, W)``, signed.

    Raises
    ------
    TypeError, ValueError
        If an option does not fit.
    Cancelled
        If `cancelled` says so.
    """
    require_positive("steps", steps)
    forward, target, inputs = asked.forward, asked.target, asked.forward.inputs
    start = baseline_of(baseline, inputs, seed)
    points, shares = np.polynomial.legendre.leggauss(steps)
    # From [-1, 1] to [0, 1].
    points, shares = (1 + points) / 2, shares / 2
    at_once = versions_at_once(inputs, steps, batch_size)
    total = torch.zeros_like(at_least_float32(inputs))
    for chunk in chunks(
        steps, at_once, "integrated gradients", "steps", progress=progress, cancelled=cancelled
    ):
        along = _column(points[chunk], inputs)
        found = gradients_at(forward, target, start + along * (inputs - start), exact=exact)
        total += (_column(shares[chunk], total) * found).sum(dim=0)
    values = (inputs - start) * total
    at_start = ManyScores(forward, target, exact=exact)(start.expand_as(inputs).unsqueeze(0))[0]
    _tell_what_is_missing(asked, values, at_least_float32(forward.scores(target)) - at_start)
    return values


def smooth_grad(
    asked: Question,
    *,
    of: Smoothed = "saliency",
    samples: int = 25,
    noise: float = 0.15,
    seed: int = 0,
    batch_size: int | None = None,
    exact: bool = True,
    progress: Progress = None,
    cancelled: IsCancelled = None,
) -> Tensor:
    r"""SmoothGrad: the mean of a gradient method over noisy copies of the input.

    .. math:: \frac{1}{n} \sum_{i=1}^{n} \frac{\partial s}{\partial x} (x + \varepsilon_i)

    with Gaussian noise :math:`\varepsilon_i`. Smilkov et al., 2017, arXiv:1706.03825, section 3.

    Parameters
    ----------
    asked
        What is explained, and the forward pass of the untouched inputs.
    of
        ``saliency``, ``guided_backprop`` or ``deconvnet``.
    samples
        How many noisy copies; at least 1.
    noise
        The standard deviation of the Gaussian noise, as a share of the range (largest less smallest value) of each
        input; the paper finds 0.1 to 0.2 good.
    seed
        The same seed makes the same noise, on every device.
    batch_size, exact, progress, cancelled
        As of `integrated_gradients`.

    Returns
    -------
    Tensor
        ``(B, C, H, W)``, signed.

    Raises
    ------
    TypeError, ValueError
        If an option does not fit.
    Cancelled
        If `cancelled` says so.
    """
    if of not in _RULES:
        known = ", ".join(map(repr, get_args(Smoothed)))
        raise ValueError(f"of={of!r}: SmoothGrad is made of a gradient method: {known}")
    require_positive("samples", samples)
    if not noise >= 0:
        raise ValueError(f"noise is {noise}; expected a share of the input's range, 0 or more")
    forward, inputs = asked.forward, asked.forward.inputs
    if _RULES[of] != "plain" and not forward.relu_count:
        asked.notes.append("This model has no ReLU: the plain gradient is smoothed.")
    flat = inputs.flatten(1)
    spread = noise * (flat.amax(dim=1) - flat.amin(dim=1)).reshape(-1, *(1,) * (inputs.ndim - 1))
    generator = torch.Generator().manual_seed(seed)
    at_once = versions_at_once(inputs, samples, batch_size)
    total = torch.zeros_like(at_least_float32(inputs))
    shape = (1, *inputs.shape[1:])
    for chunk in chunks(
        samples, at_once, "SmoothGrad", "samples", progress=progress, cancelled=cancelled
    ):
        # Each copy's by itself, and the same for all samples: none depends on its company.
        drawn = torch.stack([torch.randn(shape, generator=generator) for _ in chunk]).to(inputs)
        noisy = inputs + spread * drawn
        total += gradients_at(forward, asked.target, noisy, _RULES[of], exact=exact).sum(dim=0)
    return total / samples


def _column(numbers: Sequence[float] | np.ndarray, like: Tensor) -> Tensor:
    """Numbers ``(n,)`` that broadcast against ``(n, *like.shape)``."""
    return torch.as_tensor(np.asarray(numbers)).to(like).reshape(-1, *(1,) * like.ndim)


def _tell_what_is_missing(asked: Question, values: Tensor, difference: Tensor) -> None:
    """Note which samples' attributions do not sum to their difference of scores."""
    missing = values.flatten(1).sum(dim=1) - difference
    incomplete = missing.abs() > _COMPLETE * difference.abs()
    for sample in incomplete.nonzero().flatten().tolist():
        which = "The attributions" if len(values) == 1 else f"The attributions of sample {sample}"
        asked.notes.append(
            f"{which} sum to {float(difference[sample] + missing[sample]):.4g}, and the score differs from the "
            f"baseline's by {float(difference[sample]):.4g}: take more steps to come closer."
        )
