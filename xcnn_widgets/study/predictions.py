"""What a model says, as probabilities and names."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..network import class_scores


@dataclass(frozen=True)
class Prediction:
    """One class, and how likely the model finds it (0 to 1)."""

    index: int
    name: str
    probability: float


def probabilities_of(logits: Tensor) -> Tensor:
    """Turn a model's scores into probabilities ``(B, classes)``, ``float32``.

    Softmax; of a single score, which stands against its absence, the sigmoid; and what is a distribution already,
    because the model ends in a softmax, as it is.
    """
    scores = class_scores(logits).float()
    if scores.shape[1] == 1:
        inside = bool(((scores >= 0) & (scores <= 1)).all())
        return scores if inside else scores.sigmoid()
    sums_to_one = torch.allclose(
        scores.sum(dim=1), torch.ones(len(scores), device=scores.device), atol=1e-3
    )
    return scores if sums_to_one and bool((scores >= 0).all()) else scores.softmax(dim=1)
