"""One small network for each kind of answer, and a picture of which each answer is known by hand.

A quarter of every picture is 1 in its first channel, the rest is 0: the mean is 1/4, so a class with weight `w` and
bias `b` has the score `w / 4 + b`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import torch
from torch import Tensor, nn

from .segmenters import on_paper

HEIGHT, WIDTH = 40, 56
# Half of each side, so that it covers a quarter.
SQUARE = (slice(10, 30), slice(14, 42))
CHOICE = ["cat", "dog", "bird"]
LABELS = ["boat", "sea", "street", "sky"]
REGIONS = ["lesion", "skin", "hair"]
# Left, top, right and lower edge.
BOXES = [[4.0, 6.0, 24.0, 34.0], [32.0, 10.0, 52.0, 30.0]]


def quarter(channels: int = 3) -> Tensor:
    """A picture ``(C, H, W)``; of six channels the second is 2 in the lower half, and the last three are 9."""
    picture = torch.zeros(channels, HEIGHT, WIDTH)
    picture[(slice(0, min(channels, 3)), *SQUARE)] = 1
    if channels == 6:
        picture[1], picture[2], picture[3:] = 0, 0, 9
        picture[1, HEIGHT // 2 :] = 2
    return picture


def scoring(
    classes: Sequence[tuple[float, float]], channels: int = 3, *after: nn.Module
) -> nn.Module:
    """A network that scores the first channel's mean by a weight and a bias for each class."""
    first, last = nn.Conv2d(channels, 1, 1), nn.Linear(1, len(classes))
    with torch.no_grad():
        first.weight.zero_()
        first.weight[0, 0] = 1
        first.bias.zero_()
        last.weight.copy_(torch.tensor([[weight] for weight, _ in classes]))
        last.bias.copy_(torch.tensor([bias for _, bias in classes]))
    pool = nn.AdaptiveAvgPool2d(1)
    return nn.Sequential(first, nn.ReLU(), pool, nn.Flatten(), last, *after).eval()


def one_logit() -> nn.Module:
    """Score -2 of one class: by a sigmoid 11.9 %, its opposite 88.1 %."""
    return scoring([(-4, -1)])


def several_labels() -> nn.Module:
    """Odds of 19, 7, 1/9 and 3 to 1, through a sigmoid of its own: 95.0, 87.5, 10.0 and 75.0 %."""
    odds = [(4.0, log(19) - 1), (4.0, log(7) - 1), (-4.0, 1 - log(9)), (4.0, log(3) - 1)]
    return scoring(odds, 3, nn.Sigmoid())


def regression() -> nn.Module:
    """The value 57.3."""
    return scoring([(29.2, 50.0)])


def one_choice(channels: int = 3) -> nn.Module:
    """Scores log 6, log 3 and 0: as one choice 60, 30 and 10 %, each by itself 85.7, 75.0 and 50.0 %."""
    return scoring([(4, log(6) - 1), (-4, log(3) + 1), (0, 0)], channels)


def segmenter() -> nn.Module:
    """Of a picture ``(1, H, W)`` three times as bright as `quarter` the square is class 0 and the rest class 1."""
    return on_paper().eval()


class TwoPlaces(nn.Module):
    """A detector that looks at two places, and scores each by the mean of the first channel there."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> list[dict[str, Tensor]]:
        return [self.found(sample) for sample in self.relu(x)[:, 0]]

    def found(self, sample: Tensor) -> dict[str, Tensor]:
        places = [[int(edge) for edge in edges] for edges in BOXES]
        means = [sample[top:lower, left:right].mean() for left, top, right, lower in places]
        scores, boxes = torch.stack(means), torch.tensor(BOXES)
        order = scores.argsort(descending=True)
        return {
            "boxes": boxes[order],
            "scores": scores[order],
            "labels": torch.tensor([1, 2])[order],
        }


def two_things() -> Tensor:
    """A picture ``(1, H, W)``: 0.9 in the left place, 0.6 in the right one."""
    picture = torch.zeros(1, HEIGHT, WIDTH)
    picture[:, 6:34, 4:24], picture[:, 10:30, 32:52] = 0.9, 0.6
    return picture
