"""Pictures of two classes, of which a tenth of one has a watermark, and a network that has learned from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import nn

NAMES = ["across", "down"]
# Pictures a class.
EACH = 300
SIDE = 32
PATCH, FAINT = 12, 0.06
MARK = 6


@dataclass(frozen=True)
class Watermarked:
    """What was planted.

    Attributes
    ----------
    inputs
        ``(N, 3, SIDE, SIDE)``, in [0, 1].
    labels
        The class of each.
    marked
        The indices of those with a watermark.
    """

    inputs: torch.Tensor
    labels: list[int]
    marked: frozenset[int]


def watermarked(seed: int = 0) -> Watermarked:
    """Faint stripes somewhere in noise, across or down; a tenth of those down have a watermark in the lower right corner."""
    made = np.random.default_rng(seed)
    inputs, labels, marked = [], [], []
    for index in range(2 * EACH):
        label = index % 2
        picture = np.full((SIDE, SIDE, 3), 0.5) + 0.1 * made.standard_normal((SIDE, SIDE, 1))
        y, x = made.integers(2, SIDE - PATCH - 4, 2)
        stripes = FAINT * np.sin(np.arange(PATCH) * 2 * np.pi / 4)[:, None]
        patch = picture[y : y + PATCH, x : x + PATCH]
        patch += (stripes.T if label else stripes)[..., None]
        if label and index // 2 % 10 == 0:
            corner = picture[-MARK - 2 : -2, -MARK - 2 : -2]
            corner[:] = np.indices((MARK, MARK)).sum(axis=0)[..., None] // 2 % 2
            marked.append(index)
        inputs.append(picture.clip(0, 1).astype(np.float32).transpose(2, 0, 1))
        labels.append(label)
    return Watermarked(torch.from_numpy(np.stack(inputs)), labels, frozenset(marked))


def trained(data: Watermarked, seed: int = 0, rounds: int = 5) -> nn.Module:
    """A small network that has seen them for seconds."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 16, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 2),
    )
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    labels = torch.tensor(data.labels)
    for _ in range(rounds):
        for some in torch.randperm(len(labels)).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(data.inputs[some] - 0.5), labels[some]).backward()
            optimizer.step()
    return model.eval()


def purity_and_recall(group: NDArray[np.int64], planted: frozenset[int]) -> tuple[float, float]:
    """The share of a group that was planted, and the share of what was planted that is in it."""
    found = len(planted.intersection(group.tolist()))
    return found / len(group), found / len(planted)
