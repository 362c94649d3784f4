"""Why this class rather than that one, as a target."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from torch import Tensor

from .score_finding import ScoreFinding
from .subject import Subject
from .targets import class_scores, require_class


def contrast(a: int, b: int, weight: float = 1.0) -> Contrast:
    r"""Explain why the answer is one class rather than another.

    .. math:: s_a - \mathrm{weight} \cdot s_b

    What both classes have in common cancels out, and what tells them apart remains. Of a
    segmentation network both logits are summed over the pixels that are predicted as `a`.

    Parameters
    ----------
    a, b
        The two class indices.
    weight
        How much of `b` is taken away; 0 leaves the score of `a`.

    Returns
    -------
    Contrast
        A target, as `explain` takes it.

    Raises
    ------
    ValueError
        If both are the same class, or `weight` is no number; and, when it is asked of a model, if
        there is no such class.

    References
    ----------
    Zhang et al., Finer-CAM: Spotting the Difference Reveals Finer Details for Visual Explanation,
    CVPR 2025, arXiv:2501.11309, section 3.

    Examples
    --------
    >>> import torch
    >>> target = contrast(2, 0, weight=0.5)
    >>> print(target)
    class 2 rather than 0.5 of class 0
    >>> target(torch.tensor([[4.0, 1.0, 3.0]]))
    tensor([1.])
    """
    if a == b:
        raise ValueError(f"a and b are both {a}; expected two classes, to tell them apart")
    if not isfinite(weight):
        raise ValueError(f"weight is {weight}; expected a finite number")
    return Contrast(a, b, float(weight))


@dataclass(frozen=True)
class Contrast:
    """The score of one class less that of another, ``(B,)``; see `contrast`.

    Attributes
    ----------
    a, b, weight
        As of `contrast`.
    finding
        Where the class scores are.
    """

    a: int
    b: int
    weight: float = 1.0
    finding: ScoreFinding = field(default=ScoreFinding(), compare=False, repr=False)

    def __call__(self, output: Any) -> Tensor:
        """The score of each sample; errors as of `contrast`."""
        rows = class_scores(self.finding.class_scores(output, region=self.a))
        a, b = (require_class(each, rows.shape[1]) for each in (self.a, self.b))
        return rows[:, a] - self.weight * rows[:, b]

    def anchored(self, _output: Any, subject: Subject) -> Contrast:
        """With what the subject knows of the output."""
        return replace(self, finding=subject.finding)

    def __str__(self) -> str:
        """As a person reads it."""
        share = "" if self.weight == 1 else f"{self.weight:g} of "
        return f"class {self.a} rather than {share}class {self.b}"
