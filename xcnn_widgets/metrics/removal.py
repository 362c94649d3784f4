"""Deletion and insertion: what becomes of the answer when the hottest pixels go, or come, first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..methods import Baseline, IsCancelled, Progress, baseline_of, require_positive
from ..network import Activation, Target
from .scored import Heatmaps, Scored, checked_heatmaps, hottest_first

if TYPE_CHECKING:
    import pandas as pd

# What stands where a pixel was: a baseline, or a callable from the inputs to inputs of the same shape.
Fill = Baseline | Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Curve:
    """What a network says while pixels are taken away, or given back.

    Attributes
    ----------
    shares
        ``(steps + 1,)``: the share of the pixels that are taken away, or given back, 0 to 1.
    scores
        ``(B, steps + 1)``: the probability of the class there, or the target's score.
    """

    shares: Tensor
    scores: Tensor

    @property
    def area(self) -> Tensor:
        """The area under each curve, ``(B,)``, by the trapezoid rule: its mean height, for the shares go from 0 to 1."""
        return torch.trapezoid(self.scores, self.shares, dim=1)

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each sample and step: ``sample``, ``share``, ``score``."""
        import pandas as pd

        samples, steps = self.scores.shape
        return pd.DataFrame(
            {
                "sample": torch.arange(samples).repeat_interleave(steps).numpy(),
                "share": self.shares.cpu().repeat(samples).numpy(),
                "score": self.scores.cpu().flatten().numpy(),
            }
        )


def deletion(
    model: nn.Module,
    inputs: Tensor,
    heatmaps: Heatmaps,
    target: Target = None,
    *,
    steps: int = 20,
    fill: Fill = "mean",
    activation: Activation | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    exact: bool = False,
    progress: Progress = None,
    cancelled: IsCancelled = None,
    **call: Any,
) -> Curve:
    """Take the hottest pixels away first: the faster the answer falls, the smaller the area, the better the map.

    Petsiuk et al., 2018, arXiv:1806.07421, section 4.2. Its curve also falls because a picture with holes is unlike
    any that the network has seen: compare areas of maps on the same pictures with the same fill, and with the area of
    a random map. Equal pixels are taken by chance.

    Parameters
    ----------
    model, inputs, target
        As of `explain`; inputs ``(B, C, H, W)``, preprocessed.
    heatmaps
        One for each input, ``(B, H, W)`` or smaller, in any unit: only their order counts.
    steps
        In how many equal steps all pixels go.
    fill
        What stands where a pixel was, in the units of the input: ``mean`` (of each channel of the sample), ``blur``,
        ``noise``, a number, one a channel (black is ``-mean / std`` of the usual normalisation), a tensor, or a callable
        from the inputs to inputs of the same shape.
    activation
        What makes probabilities of scores; None is what the model says. See `Scored`.
    seed
        Of the chance by which equal pixels are taken, and of noise.
    batch_size
        The most inputs that go through the model at once; None is what is fast.
    exact
        Whether the model is run as it stands. If not, batches go the faster way of `ForwardPass`.
    progress, cancelled
        Called after every batch with the share done, up to 1; and asked before every batch.
    **call
        `additional_forward_args`, `of` and `output`, as `explain` takes them.

    Returns
    -------
    Curve
        With ``shares`` ``(steps + 1,)``, ``scores`` ``(B, steps + 1)`` and ``area`` ``(B,)``.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.
    Cancelled
        If `cancelled` says so.
    """
    scored = Scored.of_model(model, inputs, target, activation, exact=exact, **call)
    return deletion_of(
        scored,
        heatmaps,
        steps=steps,
        fill=fill,
        seed=seed,
        batch_size=batch_size,
        progress=progress,
        cancelled=cancelled,
    )


def insertion(
    model: nn.Module,
    inputs: Tensor,
    heatmaps: Heatmaps,
    target: Target = None,
    *,
    steps: int = 20,
    fill: Fill = "blur",
    activation: Activation | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    exact: bool = False,
    progress: Progress = None,
    cancelled: IsCancelled = None,
    **call: Any,
) -> Curve:
    """Give the hottest pixels back first: the faster the answer rises, the larger the area, the better the map.

    Petsiuk et al., 2018, arXiv:1806.07421, section 4.2. It starts from the fill alone, by default the blurred picture.
    Parameters, result and errors as of `deletion`.
    """
    scored = Scored.of_model(model, inputs, target, activation, exact=exact, **call)
    return insertion_of(
        scored,
        heatmaps,
        steps=steps,
        fill=fill,
        seed=seed,
        batch_size=batch_size,
        progress=progress,
        cancelled=cancelled,
    )


def deletion_of(
    scored: Scored,
    heatmaps: Heatmaps,
    *,
    steps: int = 20,
    fill: Fill = "mean",
    seed: int = 0,
    **how: Any,
) -> Curve:
    """As `deletion`, of inputs that other metrics ask about too.

    Parameters
    ----------
    scored
        The inputs with their model and target.
    heatmaps, steps, fill, seed
        As of `deletion`.
    **how
        `batch_size`, `progress` and `cancelled`.
    """
    asked = _Removal.of(scored, heatmaps, steps, fill, seed)
    found = scored.of(steps, lambda n: asked.without_hottest(n + 1), "deletion", **how)
    return Curve(asked.shares, torch.cat([scored.untouched[:, None], found], dim=1))


def insertion_of(
    scored: Scored,
    heatmaps: Heatmaps,
    *,
    steps: int = 20,
    fill: Fill = "blur",
    seed: int = 0,
    **how: Any,
) -> Curve:
    """As `insertion`, of inputs that other metrics ask about too; `how` as of `deletion_of`."""
    asked = _Removal.of(scored, heatmaps, steps, fill, seed)
    found = scored.of(steps, asked.with_hottest, "insertion", **how)
    return Curve(asked.shares, torch.cat([found, scored.untouched[:, None]], dim=1))


@dataclass(frozen=True, eq=False)
class _Removal:
    """Inputs of which pixels can be taken away in the order of their heat."""

    inputs: Tensor
    fill: Tensor
    ranks: Tensor
    steps: int

    @classmethod
    def of(cls, scored: Scored, heatmaps: Heatmaps, steps: int, fill: Fill, seed: int) -> _Removal:
        require_positive("steps", steps)
        inputs = scored.inputs
        ranks = hottest_first(checked_heatmaps(heatmaps, inputs), seed)
        made = filled(fill, inputs, seed).expand_as(inputs)
        # All maps of the same inputs end, or begin, there.
        scored.keep(made)
        return cls(inputs, made, ranks, steps)

    @property
    def shares(self) -> Tensor:
        return torch.linspace(0, 1, self.steps + 1, device=self.inputs.device)

    def without_hottest(self, number: int) -> Tensor:
        """The inputs after some steps of deletion."""
        return torch.where(self._hottest(number), self.fill, self.inputs)

    def with_hottest(self, number: int) -> Tensor:
        """The inputs after some steps of insertion."""
        return torch.where(self._hottest(number), self.inputs, self.fill)

    def _hottest(self, number: int) -> Tensor:
        samples, _, *size = self.inputs.shape
        count = number * self.ranks.shape[1] / self.steps
        return (self.ranks < count).reshape(samples, 1, *size)


def filled(fill: Fill, inputs: Tensor, seed: int) -> Tensor:
    """What stands where pixels were: inputs, or what broadcasts against them.

    Raises
    ------
    TypeError, ValueError
        If it is none of what `deletion` takes.
    """
    if not callable(fill):
        return baseline_of(fill, inputs, seed)
    made: Any = fill(inputs.clone())
    if not isinstance(made, Tensor) or made.shape != inputs.shape:
        shape = tuple(made.shape) if isinstance(made, Tensor) else type(made).__name__
        raise ValueError(f"fill returned {shape}; expected inputs {tuple(inputs.shape)}")
    return made.detach().to(inputs)
