"""The score of one detection as a target, found again where the input was changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .detections import Detections, detections_of
from .subject import Subject

# Half of the area that two boxes have together, as of PASCAL VOC.
_LEAST_OVERLAP = 0.5


def box(index: int, boxes: Callable[[Any], Any] | None = None) -> Box:
    """Explain the score of one detection.

    It is the one of this number on the input as it is given. Where a method changes the input, it is
    found again by its label and place: among the boxes of the same label the one that overlaps it
    most, if their intersection is at least half of their union. If there is none, the score is 0.

    Parameters
    ----------
    index
        The number of the detection, 0 for the first; in each sample of a batch.
    boxes
        From the model's output to a dict for each sample, with ``boxes`` ``(N, 4)`` (left, top,
        right, lower edge, in pixels of the input), ``scores`` ``(N,)`` and perhaps ``labels``
        ``(N,)``; of one sample the dict alone will do. None for torchvision's detectors, which
        return that themselves.

    Returns
    -------
    Box
        A target, as `explain` takes it.

    Raises
    ------
    TypeError, ValueError
        When it is asked of a model: if there are not so many detections, or none of that form.

    References
    ----------
    Everingham et al., The PASCAL Visual Object Classes Challenge, 2010, section 4.2: a detection is
    right if it overlaps by more than half.

    Examples
    --------
    >>> found = {"boxes": torch.tensor([[0.0, 0, 4, 4]]), "scores": torch.tensor([0.75])}
    >>> box(0)([found])
    tensor([0.7500])
    """
    if isinstance(index, bool) or not hasattr(index, "__index__"):
        raise TypeError(
            f"index {index!r} is a {type(index).__name__}; expected the number of a detection"
        )
    return Box(int(index.__index__()), boxes)


@dataclass(frozen=True)
class Box:
    """The score of the detection of a number in each sample, ``(B,)``; see `box`.

    Attributes
    ----------
    index
        The number.
    boxes
        How detections are made of the model's output.
    """

    index: int
    boxes: Callable[[Any], Any] | None = None

    def __call__(self, output: Any) -> Tensor:
        """The score of each sample; errors as of `box`."""
        found = detections_of(output, self.boxes)
        for sample, each in enumerate(found):
            self._require(each, sample)
        return torch.stack([each.scores[self.index] for each in found])

    def anchored(self, output: Any, _subject: Subject) -> MatchedBox:
        """The detection of this number in each sample, to be found again in others."""
        found = detections_of(output, self.boxes)
        wanted = []
        for sample, each in enumerate(found):
            self._require(each, sample)
            wanted.append((each.boxes[self.index].detach().clone(), int(each.labels[self.index])))
        return MatchedBox(self.index, tuple(wanted), self.boxes)

    def _require(self, found: Detections, sample: int) -> None:
        count = len(found)
        if not 0 <= self.index < count:
            numbers = f", 0 to {count - 1}" if count else "; lower the model's score threshold"
            raise ValueError(
                f"no {self}: the model found {count or 'none'} in sample {sample}{numbers}"
            )

    def __str__(self) -> str:
        """As a person reads it."""
        return f"box {self.index}"


@dataclass(frozen=True, eq=False)
class MatchedBox:
    """The score of the detection that matches a known one, ``(B,)``; 0 where none does.

    Attributes
    ----------
    index
        Its number on the input as it was given.
    wanted
        Of each sample the box and the label. Of a larger batch, sample ``i`` is a changed copy of
        sample ``i % B``.
    boxes
        How detections are made of the model's output.
    """

    index: int
    wanted: tuple[tuple[Tensor, int], ...]
    boxes: Callable[[Any], Any] | None = None

    def __call__(self, output: Any) -> Tensor:
        """The score of each sample."""
        found = detections_of(output, self.boxes)
        wanted = (self.wanted[sample % len(self.wanted)] for sample in range(len(found)))
        return torch.stack(
            [_matched(each, *known) for each, known in zip(found, wanted, strict=True)]
        )

    def __str__(self) -> str:
        """As a person reads it."""
        return f"box {self.index}"


def _matched(found: Detections, box: Tensor, label: int) -> Tensor:
    """The score of the detection that overlaps a box most and has its label; 0 if none has."""
    overlaps = _overlaps(found.boxes.detach(), box).where(found.labels == label, 0)
    if not len(found) or overlaps.max() < _LEAST_OVERLAP:
        # Still a part of the graph, so that gradients are zero, not missing.
        return found.scores.sum() * 0
    return found.scores[overlaps.argmax()]


def _overlaps(boxes: Tensor, box: Tensor) -> Tensor:
    """Intersection over union of some boxes ``(N, 4)`` with one, ``(N,)``; 1 of the same, also without area."""
    shared = torch.minimum(boxes[:, 2:], box[2:]) - torch.maximum(boxes[:, :2], box[:2])
    both = shared.clamp(min=0).prod(dim=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)
    union = areas + (box[2:] - box[:2]).prod() - both
    is_same = (boxes == box).all(dim=1)
    return torch.where(is_same | (union <= 0), is_same.to(both), both / union)
