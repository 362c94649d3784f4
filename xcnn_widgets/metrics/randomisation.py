"""Sanity checks: whether a map changes when what the network has learned is taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..methods import (
    Explanation,
    IsCancelled,
    Method,
    Progress,
    explain,
    heatmaps,
    method_named,
    refuse_cancelled,
    require_positive,
)
from ..network import Subject, Target, layers_of
from ..passes import ForwardPass
from .likeness import rank_correlation, ssim
from .randomised import randomised, steps_of

if TYPE_CHECKING:
    import pandas as pd

# Of the smaller side of what SSIM compares.
_WINDOW = 11


@dataclass(frozen=True, eq=False)
class Randomisation:
    """How alike a map stays while the network's weights become random, from the classifier down.

    Attributes
    ----------
    layers
        The last module that is random after each step; the first is the classifier.
    rank_correlation
        ``(steps, B)``, with the trained network's map, over its pixels; the mean over the seeds.
    ssim
        ``(steps, B)``, the structural similarity of both heatmaps; the mean over the seeds.
    maps
        ``(steps, B, h, w)``, of the first seed; the maps that were compared.
    trained
        ``(B, h, w)``, the trained network's.
    """

    layers: tuple[str, ...]
    rank_correlation: Tensor
    ssim: Tensor
    maps: Tensor
    trained: Tensor

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each step and sample: ``step``, ``layer``, ``sample``, ``rank_correlation``, ``ssim``."""
        import pandas as pd

        steps, samples = self.rank_correlation.shape
        return pd.DataFrame(
            {
                "step": torch.arange(1, steps + 1).repeat_interleave(samples).numpy(),
                "layer": [layer for layer in self.layers for _ in range(samples)],
                "sample": torch.arange(samples).repeat(steps).numpy(),
                "rank_correlation": self.rank_correlation.flatten().numpy(),
                "ssim": self.ssim.flatten().numpy(),
            }
        )


def randomisation(
    model: nn.Module,
    inputs: Tensor,
    method: str | Method = "grad_cam",
    target: Target = None,
    layer: str | None = None,
    *,
    steps: int | None = None,
    independent: bool = False,
    seeds: Sequence[int] = (0,),
    smooth: int = 1,
    noise: float = 0.15,
    signed: bool = False,
    progress: Progress = None,
    cancelled: IsCancelled = None,
    **options: Any,
) -> Randomisation:
    """Draw weights anew from the classifier down, and compare each map with the trained network's.

    Adebayo et al., 2018, arXiv:1810.03292, section 3. A map that stays alike hardly depends on what was learned. The
    model is never changed: copies stand in for it.

    Parameters
    ----------
    model, inputs, method, target, layer
        As of `explain`. None for the target is the class that the trained network predicts.
    steps
        How many steps at most; None is one for each module that holds weights.
    independent
        Whether in each step only its own modules are random, and not those above it (the paper's section 4.2).
    seeds
        One run of random weights for each; numbers are their means.
    smooth
        From how many noisy copies of the input each map is averaged (sMPRT: Hedström et al., 2024, arXiv:2401.06465,
        section 4.1); 1 is the input as it is.
    noise
        Of those copies, the standard deviation as a share of each input's range.
    signed
        Whether signed attributions are compared as they are; by default their largest absolute value over the channels.
    progress, cancelled
        Called after every step with the share done, up to 1; and asked before every step.
    **options
        Those of the method, and `additional_forward_args`, `of`, `output` and `reshape`.

    Returns
    -------
    Randomisation

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit, or no module can draw its weights anew.
    Cancelled
        If `cancelled` says so.
    """
    if not seeds:
        raise ValueError("seeds is empty; give at least one number")
    require_positive("smooth", smooth)
    chosen = method_named(method)
    call = _call_of(options)
    subject = Subject.of(model, inputs, **call)
    asked = ForwardPass.of(subject, [], input_gradient=callable(target)).resolved(target)
    if chosen.uses_layer and layer is None:
        layer = layers_of(subject, target).first()
    copies = _noisy(subject.inputs, smooth, noise)

    def maps_of(network: nn.Module) -> Tensor:
        found = [explain(network, one, chosen, asked, layer, **options) for one in copies]
        return torch.stack([_compared(one, signed=signed) for one in found]).mean(dim=0)

    trained = maps_of(model)
    plan = steps_of(model, inputs, steps, **call)
    size = tuple(max(side, _WINDOW) for side in subject.inputs.shape[2:])
    correlations: list[Tensor] = []
    similarities: list[Tensor] = []
    maps: list[Tensor] = []
    count = len(plan) * len(seeds)
    for run, seed in enumerate(seeds):
        networks = randomised(model, plan, seed, independent=independent)
        for number in range(len(plan)):
            done = run * len(plan) + number
            refuse_cancelled(cancelled, "randomisation", done, count, "steps")
            found = maps_of(next(networks))
            correlations.append(rank_correlation(trained, found))
            similarities.append(_similarity(trained, found, size))
            if run == 0:
                maps.append(found)
            if progress is not None:
                progress((done + 1) / count)
    shape = (len(seeds), len(plan), len(trained))
    return Randomisation(
        tuple(step.name for step in plan),
        torch.stack(correlations).reshape(shape).mean(dim=0).cpu(),
        torch.stack(similarities).reshape(shape).mean(dim=0).cpu(),
        torch.stack(maps).cpu(),
        trained.cpu(),
    )


def random_logit(
    model: nn.Module,
    inputs: Tensor,
    method: str | Method = "grad_cam",
    target: Target = None,
    layer: str | None = None,
    *,
    seed: int = 0,
    signed: bool = False,
    **options: Any,
) -> Tensor:
    """How alike the map of a class and that of another class, drawn at random, are: rank correlations ``(B,)``.

    Sixt et al., 2020, arXiv:1912.09818, section 5 (there by structural similarity). The lower the better: a map that
    is the same for every class explains none.

    Parameters and errors as of `randomisation`.

    Raises
    ------
    TypeError, ValueError
        Also if the target is a callable, or the model has one class.
    """
    call = _call_of(options)
    asked = ForwardPass.of(Subject.of(model, inputs, **call), [], input_gradient=callable(target))
    classes = asked.resolved(target)
    if callable(classes):
        raise TypeError("random_logit compares classes; the target is a callable")
    count = asked.logits.shape[1]
    if count < 2:
        raise ValueError("random_logit compares classes; the model has one")
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(count - 1, (len(classes),), generator=generator).tolist()
    others = [other + (other >= own) for other, own in zip(drawn, classes, strict=True)]
    first, second = (
        _compared(explain(model, inputs, method, each, layer, **options), signed=signed)
        for each in (list(classes), others)
    )
    return rank_correlation(first, second).cpu()


def complexity_rise(found: Randomisation, bins: int = 100) -> Tensor:
    r"""eMPRT: how much more complex the map of the network with all weights random is, ``(B,)``.

    .. math:: \frac{H(\mathrm{random}) - H(\mathrm{trained})}{H(\mathrm{trained})}

    with :math:`H` the entropy of the histogram of a map's values. Hedström et al., 2024, arXiv:2401.06465, equation 6.
    The higher the better: a faithful map of a random network is a random map.

    Parameters
    ----------
    found
        What `randomisation` found, with all weights random in its last step.
    bins
        Of the histogram.
    """
    before, after = (_entropies(maps, bins) for maps in (found.trained, found.maps[-1]))
    return ((after - before) / before.clamp(min=torch.finfo(before.dtype).tiny)).float()


def _entropies(maps: Tensor, bins: int) -> Tensor:
    """The entropy of the histogram of each map's values, in nats, ``float64`` ``(B,)``."""
    found = []
    for values in maps.double().flatten(1):
        low, high = values.min(), values.max()
        counts = torch.histc(values, bins, min=float(low), max=float(high))
        shares = counts[counts > 0] / counts.sum()
        found.append(-(shares * shares.log()).sum())
    return torch.stack(found)


def _compared(explanation: Explanation, *, signed: bool) -> Tensor:
    attribution = explanation.values  # noqa: PD011 (a tensor, no data frame)
    if signed and attribution.ndim == len(explanation.size) + 2:
        return attribution.sum(dim=1)
    return explanation.maps()


def _similarity(first: Tensor, second: Tensor, size: tuple[int, ...]) -> Tensor:
    """The structural similarity of both heatmaps; of signals and volumes there is none, and NaN is told."""
    if len(size) != 2:
        return first.new_full((len(first),), float("nan"))
    return ssim(heatmaps(first, size), heatmaps(second, size))


def _noisy(inputs: Tensor, count: int, noise: float) -> list[Tensor]:
    if count == 1:
        return [inputs]
    flat = inputs.flatten(1)
    spread = noise * (flat.amax(dim=1) - flat.amin(dim=1)).reshape(-1, *(1,) * (inputs.ndim - 1))
    generator = torch.Generator().manual_seed(0)
    return [
        inputs + spread * torch.randn(inputs.shape, generator=generator).to(inputs)
        for _ in range(count)
    ]


def _call_of(options: dict[str, Any]) -> dict[str, Any]:
    """What says how the model is called, among the options of a method."""
    names = ("additional_forward_args", "of", "output", "reshape")
    return {name: options[name] for name in names if not isinstance(options.get(name, ""), str)}
