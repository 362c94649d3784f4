"""What a detector found: boxes with labels and scores, in the form that torchvision gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Detections:
    """What was found in one sample.

    Attributes
    ----------
    boxes
        ``(N, 4)``: left, top, right and lower edge, in pixels of the input.
    scores
        ``(N,)``.
    labels
        ``(N,)``; zeros where the detector knows one kind only.
    """

    boxes: Tensor
    scores: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def of(cls, found: Any) -> Detections:
        """Check one sample's dict.

        Raises
        ------
        TypeError, ValueError
            If it is none, or its tensors do not fit each other.
        """
        if not _is_one(found):
            raise TypeError(
                f"a detection is {type(found).__name__}; expected a dict with 'boxes' (N, 4), "
                "'scores' (N,) and perhaps 'labels' (N,) for each sample, as torchvision's "
                "detectors return them; tell with boxes= how to make it of the model's output"
            )
        boxes, scores = found["boxes"], found["scores"]
        given = found.get("labels")
        labels = torch.zeros(len(scores)) if given is None else torch.as_tensor(given)
        labels = labels.to(scores.device)
        shapes = {"boxes": boxes, "scores": scores, "labels": labels}
        count = len(scores) if scores.ndim == 1 else -1
        if boxes.shape != (count, 4) or labels.shape != (count,):
            told = ", ".join(f"{name} {tuple(tensor.shape)}" for name, tensor in shapes.items())
            raise ValueError(f"the detections are {told}; expected (N, 4), (N,) and (N,)")
        return cls(boxes, scores, labels)


def is_detections(output: Any) -> bool:
    """Whether an output is a list of dicts with boxes and scores, one a sample, or one such dict."""
    if isinstance(output, Sequence) and not isinstance(output, str | bytes):
        return len(output) > 0 and all(map(_is_one, output))
    return _is_one(output)


def detections_of(output: Any, boxes: Callable[[Any], Any] | None = None) -> list[Detections]:
    """What was found in each sample of an output.

    Parameters
    ----------
    output
        What the model returned: a dict with ``boxes``, ``scores`` and perhaps ``labels`` for each
        sample; or, of one sample, the dict.
    boxes
        Makes that of another output.

    Raises
    ------
    TypeError, ValueError
        If there are no detections in it.
    """
    found = output if boxes is None else boxes(output)
    if _is_one(found):
        return [Detections.of(found)]
    if isinstance(found, str | bytes) or not isinstance(found, Sequence):
        found = [found]
    return [Detections.of(sample) for sample in found]


def _is_one(found: Any) -> bool:
    return isinstance(found, Mapping) and all(
        isinstance(found.get(name), Tensor) for name in ("boxes", "scores")
    )
