"""The head of a network that is a mean over the grid and one linear layer: found, and checked, by its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..network import Cancelled, at_least_float32
from ..passes import ForwardPass
from .exploration import Exploration

# Of the largest number compared: rounding of `float32`, over sums of thousands of terms, stays below.
_TOLERANCE = 1e-4


class HeadMisfitError(ValueError):
    """A head that is something else; the message says which part of it."""


@dataclass(frozen=True, eq=False)
class LinearHead:
    """Class scores ``weights @ mean(A) + bias`` of the activation ``A`` ``(C, *grid)`` of a layer.

    Grad-CAM of class k at that layer is then ``relu(sum_c weights[k, c] A_c) / cells``: the gradient of a score is the
    same at each cell of the grid.

    Attributes
    ----------
    layer
        The layer's name.
    weights
        ``float32`` ``(classes, C)``.
    bias
        ``float32`` ``(classes,)``.
    """

    layer: str
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def misses(self, activation: NDArray[np.float32], scores: NDArray[np.float32]) -> bool:
        """Whether it does not give the scores ``(classes,)`` that an activation ``(C, *grid)`` has led to."""
        mean = activation.reshape(len(activation), -1).mean(axis=1)
        off = np.abs(self.weights @ mean + self.bias - scores).max()
        return not off <= _TOLERANCE * np.abs(scores).max()


def activation_and_scores(
    exploration: Exploration, index: int, layer: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What a layer returned for a picture, ``(C, *grid)``, and the scores of all classes, both ``float32``."""
    return _numbers(exploration, exploration.forward(index), layer)


def linear_head(exploration: Exploration, index: int, cancelled: Callable[[], bool]) -> LinearHead:
    """Find the head behind the last layer offered, on a picture.

    The weights of a class are the gradients of its score at the layer, summed over the grid. They are checked on the
    picture and on changed copies of it, far from it and near: the gradient must be the same everywhere, and the scores
    must be those of a linear layer.

    Raises
    ------
    HeadMisfitError
        If the head is anything else.
    Cancelled
        If `cancelled`, which is asked before each class, says so.
    """
    layer = _layer_to_ask(exploration, index)
    inputs = exploration.prepared(index).input.unsqueeze(0)
    forward = _pass(exploration, index, inputs, layer)
    activation, scores = _numbers(exploration, forward, layer)
    cells = prod(activation.shape[1:])
    rows = []
    for target in range(len(scores)):
        if cancelled():
            raise Cancelled(f"all classes: cancelled after {target} of {len(scores)}")
        rows.append(cells * forward.mean_gradient(target, layer)[0].float().cpu().numpy())
    weights = np.stack(rows)
    bias = scores - weights @ activation.reshape(len(activation), -1).mean(axis=1)
    head = LinearHead(layer, weights, bias)
    _check(head, exploration, forward)
    for changed in _changed(inputs):
        if cancelled():
            raise Cancelled("all classes: cancelled while the head was checked")
        _check(head, exploration, _pass(exploration, index, changed, layer))
    return head


def _layer_to_ask(exploration: Exploration, index: int) -> str:
    reading = exploration.answers_on(index).reading
    if reading.tells_areas:
        raise HeadMisfitError("the model gives each pixel a class")
    if reading.finds_boxes:
        raise HeadMisfitError("the model finds boxes, not classes")
    if not exploration.answers.class_count:
        raise HeadMisfitError("the model's classes are not known, only targets")
    layers = exploration.layers(index)
    if not layers or "grad_cam" not in [method.name for method in exploration.methods(index)]:
        raise HeadMisfitError("Grad-CAM is not among the methods offered")
    return layers[-1]


def _pass(exploration: Exploration, index: int, inputs: Tensor, layer: str) -> ForwardPass:
    """A pass of its own, whose graph begins at the layer."""
    subject = exploration.subject(index, inputs)
    return ForwardPass.of(subject, [layer], input_gradient=False)


def _numbers(
    exploration: Exploration, forward: ForwardPass, layer: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    classes = exploration.answers.class_count
    scores = exploration.answers.scores(forward)[0, :classes]
    return forward.maps(layer)[0].float().cpu().numpy(), scores.float().cpu().numpy()


def _check(head: LinearHead, exploration: Exploration, forward: ForwardPass) -> None:
    activation, scores = _numbers(exploration, forward, head.layer)
    target = int(scores.argmax())
    gradient = at_least_float32(forward.gradient(target, head.layer)[0]).flatten(1).cpu().numpy()
    row = head.weights[target] / gradient.shape[1]
    mean, most = gradient.mean(axis=1), _TOLERANCE * np.abs(row).max()
    behind = f"behind layer {head.layer!r}"
    if not np.abs(gradient - mean[:, None]).max() <= most:
        raise HeadMisfitError(
            f"{behind} the model does more than take a mean over the {gradient.shape[1]} places: "
            "what a place counts for a class differs between them"
        )
    if not np.abs(mean - row).max() <= most or head.misses(activation, scores):
        raise HeadMisfitError(
            f"{behind} the model takes a mean over all places, but what follows is not one linear "
            "layer: what a channel counts for a class differs between pictures"
        )


def _changed(inputs: Tensor) -> Iterator[Tensor]:
    """Inputs near to others and far from them, the same each time."""
    noise = torch.randn(inputs.shape, generator=torch.Generator().manual_seed(25)).to(inputs)
    yield inputs + 0.5 * inputs.std() * noise
    yield inputs.flip(-1) * 3
    yield -inputs
    yield inputs.mean() + inputs.std() * noise.roll(1, -1)
