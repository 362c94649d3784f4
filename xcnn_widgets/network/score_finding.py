"""How one row of class scores a sample is read from whatever a model returned."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from torch import Tensor

from .outputs import OutputChoice, logits_of
from .regions import Regions


@dataclass(frozen=True, eq=False)
class ScoreFinding:
    """Where the class scores are, and how they follow from a dense output.

    Attributes
    ----------
    output
        Which tensor of the model's output holds them; see `logits_of`.
    ndim
        The number of dimensions of a dense output, which is that of the input, and more than three;
        None takes any number above.
    regions
        Over which pixels the scores of a class are summed; None for those that are predicted as it
        in the output that is read.
    """

    output: OutputChoice = None
    ndim: int | None = None
    regions: Regions | None = None

    def found(self, output: Any, samples: int | None = None) -> Tensor:
        """The tensor that holds the class scores; arguments and errors as of `logits_of`."""
        return logits_of(output, self.output, samples)

    def class_scores(
        self, output: Any, samples: int | None = None, region: int | None = None
    ) -> Tensor:
        """The class scores of each sample, ``(B, classes)``.

        Of a dense output ``(B, C, H, W)`` the score of a class is the sum of its logits over the
        pixels that are predicted as it, or as the class `region`. Of an output ``(B, C, 1, 1)`` it
        is the logit.
        """
        scores = self.found(output, samples)
        if not self._is_dense(scores):
            return scores
        if prod(scores.shape[2:]) == 1:
            return scores.flatten(1)
        regions = self.regions or Regions.of(scores)
        if region is None:
            return regions.class_scores(scores)
        return regions.class_scores_over(region, scores)

    def regions_of(self, output: Any) -> Regions | None:
        """Which pixels of a dense output are predicted as which class; None of another output."""
        scores = self.found(output)
        is_dense = self._is_dense(scores) and prod(scores.shape[2:]) > 1
        return Regions.of(scores) if is_dense else None

    def _is_dense(self, scores: Tensor) -> bool:
        # Three dimensions may as well be those of a sequence of tokens, (B, tokens, classes).
        return scores.ndim > 3 and self.ndim in (None, scores.ndim)
