"""The channels of a layer on one picture: what each says of a class, and the network without some of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, prod, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ..methods import ChannelTerms, Explanation, channel_terms_pass, explain_pass
from ..passes import silenced_pass
from .class_changes import ClassChange, Watched
from .exploration import Exploration
from .hiding import Stopping
from .predictions import Prediction
from .wire import map_state, prediction_state

if TYPE_CHECKING:
    import pandas as pd

# More is no faster to look through, and slow to send.
_MOST_BYTES = 2**20


@dataclass(frozen=True)
class ChannelQuestion:
    """A layer's channels on a picture, asked what they say of a class or target; None is the predicted class."""

    image_index: int
    layer: str
    target: int | None


@dataclass(frozen=True, eq=False)
class ChannelTable:
    """The channels of a layer as numbers, one each: arrays ``(C,)`` in the order of the layer.

    Attributes
    ----------
    number
        Of each channel, 0 for the first.
    weight
        The class's gradient with respect to the channel, averaged over the grid.
    mean
        The channel's activation, averaged over the grid.
    share
        Weight x mean, over the sum of the absolute values of all; see `ChannelTerms.shares`.
    layer, target, image
        The names of the layer, the class and the picture.
    """

    number: NDArray[np.int64]
    weight: NDArray[np.float32]
    mean: NDArray[np.float32]
    share: NDArray[np.float32]
    layer: str
    target: str
    image: str

    def __len__(self) -> int:
        return len(self.number)

    def to_dataframe(self) -> pd.DataFrame:
        """A pandas table with the columns number, weight, mean and share.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("a table needs pandas: pip install pandas") from error
        columns = ("number", "weight", "mean", "share")
        return pd.DataFrame({name: getattr(self, name) for name in columns})


@dataclass(frozen=True, eq=False)
class Grids:
    """The activations of a layer's channels as small grids of grey levels, each between its own ends.

    Attributes
    ----------
    data
        ``uint8`` ``(C, h, w)``: 0 is the least value of the channel, 255 the greatest.
    low, high, mean
        ``float32`` ``(C,)``: those values, and the mean of the whole grid.
    averaged
        The side of the squares of cells of which only the mean is told; 1 where all are told.
    """

    data: NDArray[np.uint8]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    mean: NDArray[np.float32]
    averaged: int


@dataclass(frozen=True, eq=False)
class Silenced:
    """What is left where some channels are switched off."""

    before: Explanation
    after: Explanation
    classes: tuple[ClassChange, ...]
    target: ClassChange


class Channels:
    """Asks an exploration's network about the channels of its layers.

    Examples
    --------
    >>> from torch import nn
    >>> model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> picture = np.zeros((8, 12, 3), np.uint8)
    >>> channels = Channels(Exploration(model, picture, ["a", "b", "c", "d"]))
    >>> len(channels.table(ChannelQuestion(0, "1", 2)))
    4
    """

    def __init__(self, exploration: Exploration) -> None:
        self.exploration = exploration

    def terms(self, question: ChannelQuestion) -> ChannelTerms:
        """The terms of Grad-CAM's sum, from the picture's recorded pass; errors as of `channel_terms`."""
        exploration = self.exploration
        forward = exploration.forward(question.image_index)
        try:
            asked = exploration.answers.asked(question.target)
            return channel_terms_pass(forward, asked, question.layer)
        finally:
            exploration.trim()

    def target(self, question: ChannelQuestion, terms: ChannelTerms) -> Prediction:
        """The class or target that terms are about, and what the model says of it."""
        said, index, target = self.exploration.said, question.image_index, question.target
        if target is None:
            target = 0 if callable(terms.target) else terms.target[0]
        return said.prediction(target, said.value(target, index), index)

    def table(self, question: ChannelQuestion) -> ChannelTable:
        """The channels as numbers."""
        terms = self.terms(question)
        return ChannelTable(
            np.arange(terms.weights.shape[1]),
            _numbers(terms.weights),
            _numbers(terms.means),
            _numbers(terms.shares),
            question.layer,
            self.target(question, terms).name,
            self.exploration.pictures.name(question.image_index),
        )

    def silenced(
        self,
        question: ChannelQuestion,
        off: Sequence[int],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Silenced:
        """Run the network once with some channels set to 0: its map, and how its classes moved.

        Raises
        ------
        Cancelled
            As soon as `cancelled` says so, in the middle of the run.
        ValueError
            If there is no such channel.
        FloatingPointError
            If the network's answer has NaN or infinite values.
        """
        exploration, layer = self.exploration, question.layer
        watched = Watched(exploration, question.image_index, question.target)
        forward = exploration.forward(question.image_index)
        try:
            asked = forward.resolved(exploration.answers.asked(question.target))
            before = explain_pass(forward, "grad_cam", asked, layer)
            with Stopping(cancelled):
                without = silenced_pass(forward.subject, layer, off)
            # Areas are those of what it says now, not of what it said before.
            subject = exploration.subject(question.image_index, forward.inputs)
            classes, target = watched.changes(subject, without.output, _NOT_FINITE)
            # What was settled on the whole picture stays what it is.
            fixed = partial(asked) if callable(asked) else asked
            after = explain_pass(without, "grad_cam", fixed, layer, release=True)
        finally:
            exploration.trim()
        return Silenced(before, after, classes, target)


def grids_of(terms: ChannelTerms) -> Grids:
    """The activations of the first sample's channels as grey levels; of very many cells the means of squares."""
    maps = terms.activations[0].float()
    averaged = ceil(sqrt(max(1, prod(maps.shape) / _MOST_BYTES)))
    small = maps
    if averaged > 1 and maps.ndim == 3:
        small = F.avg_pool2d(maps, averaged, ceil_mode=True, count_include_pad=False)
    flat = small.flatten(1)
    low, high = flat.amin(dim=1), flat.amax(dim=1)
    spread = (high - low).clamp(min=torch.finfo(torch.float32).tiny)
    levels = ((flat - low[:, None]) / spread[:, None] * 255).round().to(torch.uint8)
    return Grids(
        levels.reshape(small.shape).cpu().numpy(),
        low.cpu().numpy(),
        high.cpu().numpy(),
        maps.flatten(1).mean(dim=1).cpu().numpy(),
        averaged,
    )


def grids_state(question: ChannelQuestion, grids: Grids, size: Sequence[int]) -> dict[str, Any]:
    """What the browser draws a layer's channels of: sent once for a picture and a layer."""
    return {
        "layer": question.layer,
        "image_index": question.image_index,
        "shape": list(grids.data.shape),
        "averaged": grids.averaged,
        "size": list(size),
        "data": grids.data.tobytes(),
        **{name: getattr(grids, name).astype("<f4").tobytes() for name in ("low", "high", "mean")},
    }


def silenced_state(question: ChannelQuestion, found: Silenced) -> dict[str, Any]:
    """What the browser shows of a network without some channels: the class explained comes first."""
    index, target = question.image_index, found.target
    changes = [target, *(each for each in found.classes if each.index != target.index)]
    return {
        "layer": question.layer,
        "image_index": index,
        "before": map_state(found.before, index, target.said_before),
        "after": map_state(found.after, index, target.said_after),
        "changes": [
            {
                "before": prediction_state(change.said_before),
                "after": prediction_state(change.said_after),
            }
            for change in changes
        ],
    }


_NOT_FINITE = (
    "the model's answer without these channels has NaN or infinite values; switch others off"
)


def _numbers(values: Tensor) -> NDArray[np.float32]:
    return values[0].float().cpu().numpy()
