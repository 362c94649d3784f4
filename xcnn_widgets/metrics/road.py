"""ROAD: remove and debias, by an imputation that hardly tells which pixels were removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from ..methods import IsCancelled, Progress
from ..network import Activation, Target
from .imputation import imputed
from .scored import Heatmaps, Scored, checked_heatmaps, hottest_first

if TYPE_CHECKING:
    import pandas as pd

PERCENTILES = (10, 20, 30, 40, 50, 60, 70, 80, 90)


@dataclass(frozen=True, eq=False)
class Road:
    """What a network says without the hottest, and without the coldest pixels.

    Attributes
    ----------
    percentiles
        At which percentiles of the heat the picture was cut.
    morf_scores, lerf_scores
        ``(B, percentiles)``: how far the score changes when the pixels from the percentile up (most relevant first),
        and as many of the coldest (least relevant first), are removed.
    """

    percentiles: tuple[float, ...]
    morf_scores: Tensor
    lerf_scores: Tensor

    @property
    def morf(self) -> Tensor:
        """The mean change without the hottest pixels, ``(B,)``; the lower the better."""
        return self.morf_scores.mean(dim=1)

    @property
    def lerf(self) -> Tensor:
        """The mean change without the coldest pixels, ``(B,)``; the higher the better."""
        return self.lerf_scores.mean(dim=1)

    @property
    def combined(self) -> Tensor:
        """``(lerf - morf) / 2``, ``(B,)``; the higher the better, and about 0 for a map at random."""
        return (self.lerf - self.morf) / 2

    def to_dataframe(self) -> pd.DataFrame:
        """One row a sample: ``sample``, ``morf``, ``lerf``, ``combined``."""
        import pandas as pd

        columns = {"morf": self.morf, "lerf": self.lerf, "combined": self.combined}
        found = {name: values.cpu().numpy() for name, values in columns.items()}
        return pd.DataFrame({"sample": range(len(self.morf)), **found})


def road(
    model: nn.Module,
    inputs: Tensor,
    heatmaps: Heatmaps,
    target: Target = None,
    *,
    percentiles: Sequence[float] = PERCENTILES,
    noise: float = 0.01,
    activation: Activation | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    exact: bool = False,
    progress: Progress = None,
    cancelled: IsCancelled = None,
    **call: Any,
) -> Road:
    r"""Remove the hottest, and the coldest, pixels by noisy linear imputation, and see how the answer changes.

    .. math:: \frac{1}{2} \left( \mathrm{LeRF} - \mathrm{MoRF} \right)

    Rong et al., 2022, arXiv:2202.00449: the mean change of the score without the coldest pixels (least relevant first),
    less that without the hottest (most relevant first). At percentile p the hottest ``100 - p`` % of
    the pixels are removed, and the coldest ``100 - p`` %. Equal pixels are removed by chance: where the usual code cuts
    at a value, a map that is zero in most places loses them all at once.

    Parameters
    ----------
    model, inputs, heatmaps, target, activation, seed, batch_size, exact, progress, cancelled, **call
        As of `deletion`; inputs ``(B, C, H, W)``.
    percentiles
        Each between 0 and 100.
    noise
        The standard deviation of the noise that is added to imputed pixels, in the units of the input.

    Returns
    -------
    Road
        With ``morf``, ``lerf`` and ``combined``, each ``(B,)``.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.
    Cancelled
        If `cancelled` says so.
    """
    scored = Scored.of_model(model, inputs, target, activation, exact=exact, **call)
    return road_of(
        scored,
        heatmaps,
        percentiles=percentiles,
        noise=noise,
        seed=seed,
        batch_size=batch_size,
        progress=progress,
        cancelled=cancelled,
    )


def road_of(
    scored: Scored,
    heatmaps: Heatmaps,
    *,
    percentiles: Sequence[float] = PERCENTILES,
    noise: float = 0.01,
    seed: int = 0,
    **how: Any,
) -> Road:
    """As `road`, of inputs that other metrics ask about too; `how` as of `deletion_of`."""
    cuts = tuple(float(each) for each in percentiles)
    if not cuts or not all(0 < each < 100 for each in cuts):
        raise ValueError(f"percentiles is {percentiles!r}; expected numbers between 0 and 100")
    if scored.inputs.ndim != 4:
        raise ValueError(
            f"inputs has the shape {tuple(scored.inputs.shape)}: ROAD fills pixels of pictures "
            "(B, C, H, W); take deletion and insertion for signals and volumes"
        )
    ranks = hottest_first(checked_heatmaps(heatmaps, scored.inputs), seed)
    size, pixels = scored.inputs.shape[2:], ranks.shape[1]

    def version(number: int) -> Tensor:
        count = round((1 - cuts[number % len(cuts)] / 100) * pixels)
        gone = ranks < count if number < len(cuts) else ranks >= pixels - count
        return imputed(scored.inputs, gone.reshape(-1, *size), noise, seed + number)

    found = scored.of(2 * len(cuts), version, "ROAD", **how)
    change = found - scored.untouched[:, None]
    return Road(cuts, change[:, : len(cuts)], change[:, len(cuts) :])
