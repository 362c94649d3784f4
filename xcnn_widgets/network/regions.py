"""Dense class scores, as of a segmentation network: which pixels are predicted as which class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .numbers import at_least_float32
from .outputs import OutputChoice, logits_of


def class_areas(output: Any, chosen: OutputChoice = None) -> Tensor:
    """Count the pixels that are predicted as each class.

    Parameters
    ----------
    output
        What a segmentation network returned: dense class scores ``(B, C, H, W)``, or something that
        holds them, as ``{"out": ...}``.
    chosen
        Where they are, as `explain` takes it for `output`.

    Returns
    -------
    Tensor
        ``(B, C)``, whole numbers. A pixel is predicted as the class with the largest score; with one
        channel, as class 0 if its score is above 0.

    Raises
    ------
    TypeError, ValueError
        If the output holds no dense class scores.

    Examples
    --------
    >>> scores = torch.tensor([[[[0.0, 3.0, 1.0]], [[2.0, 1.0, 5.0]]]])  # 2 classes, 1 x 3 pixels
    >>> class_areas({"out": scores})
    tensor([[1, 2]])
    """
    return Regions.of(require_dense(logits_of(output, chosen))).areas()


def require_dense(scores: Tensor) -> Tensor:
    """Refuse class scores that have no pixels.

    Raises
    ------
    ValueError
        If they are not ``(B, C, H, W)``, ``(B, C, L)`` or ``(B, C, D, H, W)``.
    """
    if not 3 <= scores.ndim <= 5:
        raise ValueError(
            f"the model's output has the shape {tuple(scores.shape)}; expected dense class scores "
            "(B, C, H, W), as of a segmentation network: choose another tensor of its output with "
            "output=, or take a class index as target"
        )
    return scores


@dataclass(frozen=True, eq=False)
class Regions:
    """Where each class is predicted in a batch.

    Attributes
    ----------
    predicted
        The class of each pixel, ``(B, *grid)``; -1 where there is none.
    classes
        How many there are.
    """

    predicted: Tensor
    classes: int

    @classmethod
    def of(cls, scores: Tensor) -> Regions:
        """Those of dense class scores ``(B, C, *grid)``; of one channel, where it is above 0."""
        scores, classes = scores.detach(), scores.shape[1]
        one_channel = (scores[:, 0] > 0).long() - 1
        return cls(one_channel if classes == 1 else scores.argmax(dim=1), classes)

    def areas(self) -> Tensor:
        """How many pixels are predicted as each class, ``(B, C)``."""
        return self._masks().flatten(2).sum(dim=2)

    def largest(self) -> tuple[int, ...]:
        """The class with the largest area in each sample."""
        return tuple(self.areas().argmax(dim=1).tolist())

    def class_scores(self, scores: Tensor) -> Tensor:
        """The sum of each class's scores over the pixels where it is predicted, ``(B, C)``.

        The regions stay what they are when the scores are those of a changed input; of a larger
        batch, sample ``i`` has the regions of sample ``i % B``.
        """
        return sum_over(self._masks()[self._rows(scores)], scores)

    def class_scores_over(self, region: int, scores: Tensor) -> Tensor:
        """The sum of each class's scores over the pixels where one class is predicted, ``(B, C)``."""
        mask = (self.predicted == region).unsqueeze(1)
        return sum_over(mask[self._rows(scores)], scores)

    def without_pixels(self, classes: Sequence[int]) -> str:
        """Say which samples have no pixel of the class that is explained; empty if all have some."""
        areas = self.areas()[torch.arange(len(classes)), list(classes)].tolist()
        none = [sample for sample, area in enumerate(areas) if not area]
        if not none:
            return ""
        where = "" if len(classes) == 1 else f" of sample{'s' * (len(none) > 1)} {_listed(none)}"
        named = _listed(sorted({classes[sample] for sample in none}))
        return (
            f"No pixel{where} is predicted as class {named}, so its score and its map are zero; "
            "xw.pixel(row, column, class_index) and xw.region(mask, class_index) ask about a place "
            "all the same."
        )

    def _masks(self) -> Tensor:
        sides = (1,) * (self.predicted.ndim - 1)
        numbers = torch.arange(self.classes, device=self.predicted.device)
        return self.predicted.unsqueeze(1) == numbers.reshape(-1, *sides)

    def _rows(self, scores: Tensor) -> Tensor:
        return torch.arange(len(scores), device=self.predicted.device) % len(self.predicted)


def sum_over(mask: Tensor, scores: Tensor) -> Tensor:
    """The sum over the pixels of a mask, ``(B, C)``, of ``(B, C, *grid)``."""
    # Half floats end at 65504, which a sum over pixels soon passes.
    fine = at_least_float32(scores)
    return torch.where(mask, fine, torch.zeros_like(fine)).flatten(2).sum(dim=2)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
