"""Floating tensors and arrays are inputs, with the number of channels that the model takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Trial:
    """What came of running a model on an input.

    Attributes
    ----------
    complaint
        What the model says against the input; empty if it takes it.
    channels
        How many channels the first convolution takes that was reached; None if there was none.
    """

    complaint: str = ""
    channels: int | None = None


class InputChannels:
    """How many channels the model takes: as its weights say or, where these do not fit, as it runs.

    Parameters
    ----------
    count
        What is known before anything ran; None if it cannot be told, and everything is taken.
    attempt
        Runs the model on one input ``(C, H, W)``. It is asked only where `count` does not fit, and
        where `count` is not 3, once.
    dimensions
        How many sides its inputs have beside the channels: 2 for pictures, 1 for signals ``(C, L)``,
        3 for volumes ``(C, D, H, W)``.
    """

    def __init__(
        self,
        count: int | None = None,
        attempt: Callable[[Tensor], Trial] | None = None,
        dimensions: int = 2,
    ) -> None:
        self.count = count
        self.dimensions = dimensions
        self._attempt = attempt
        self._refused: dict[int, str] = {}
        self._is_certain = count == 3 or attempt is None

    def take(self, inputs: Tensor) -> bool:
        """Whether the model takes an input ``(C, H, W)``, as far as its channels go."""
        if self.count is None or len(inputs) == self.count:
            return True
        return self._runs_with(inputs)

    def are_confirmed_by(self, inputs: Tensor) -> bool:
        """Whether an input that was made for the model fits, the first time by running it."""
        if self._is_certain or self.count is None:
            return self.take(inputs)
        return self._runs_with(inputs)

    def refusal(self, what: str, found: int) -> str:
        """What to say of something whose number of channels the model does not take."""
        said = self._refused.get(found, "")
        shape = input_shape(self.dimensions, self.count)
        source = "a PIL picture" if self.dimensions == 2 else "what is given"
        return (
            f"{what} has {_channels(found)}, but the model takes {_channels(self.count or 0)}"
            f"{f' (it says: {said})' if said else ''}; expected a tensor {shape} of "
            f"floating numbers, which is taken as it is, or transform=, from {source} to such a "
            "tensor (display= then says how it is shown)"
        )

    def _runs_with(self, inputs: Tensor) -> bool:
        channels = len(inputs)
        if self._attempt is None or channels in self._refused:
            return False
        trial = self._attempt(inputs)
        if trial.complaint:
            self._refused[channels] = trial.complaint
            # Where the first convolution refuses, it tells how many it wants.
            if trial.channels not in (None, channels):
                self.count = trial.channels
            return False
        self.count, self._is_certain = channels, True
        return True


def input_shape(dimensions: int, channels: int | None = None) -> str:
    """The shape of an input, in letters: ``(3, H, W)``."""
    sides = {1: "L", 2: "H, W", 3: "D, H, W"}[dimensions]
    return f"({channels or 'C'}, {sides})"


def _channels(count: int) -> str:
    return f"{count} channel{'' if count == 1 else 's'}"


def as_input(source: Any, channels: int | None = None, dimensions: int = 2) -> Tensor | None:
    """Return the input ``(C, H, W)`` that a floating tensor or array is; None for anything else.

    Parameters
    ----------
    source
        A tensor ``(H, W)`` or ``(C, H, W)``; an array ``(H, W)``, ``(H, W, C)`` or ``(C, H, W)``.
    channels
        How many the model takes: tells where an array has its channels. If it does not, those of a
        picture are last if there are 1, 3 or 4.
    dimensions
        2 for pictures; 1 for signals ``(L,)`` and ``(C, L)``, 3 for volumes.

    Examples
    --------
    >>> as_input(np.zeros((5, 8, 6)), 6).shape, as_input(np.zeros((6, 5, 8)), 6).shape
    (torch.Size([6, 5, 8]), torch.Size([6, 5, 8]))
    >>> as_input(np.zeros((5, 8, 3), np.uint8)) is None
    True
    """
    if isinstance(source, Tensor):
        floats = source.detach() if source.is_floating_point() else None
    elif isinstance(source, np.ndarray) and np.issubdtype(source.dtype, np.floating):
        floats = torch.from_numpy(np.array(source, np.float32))
        if floats.ndim == dimensions + 1 and _channels_are_last(source.shape, channels):
            floats = floats.movedim(-1, 0).contiguous()
    else:
        floats = None
    if floats is None or floats.ndim - dimensions not in (0, 1) or floats.numel() == 0:
        return None
    return floats[None] if floats.ndim == dimensions else floats


def is_batch(source: Any, channels: int | None, dimensions: int = 2) -> bool:
    """Whether a tensor or array holds many inputs or pictures: ``(N, C, H, W)``.

    For a model of one channel also ``(N, H, W)``.
    """
    if not isinstance(source, Tensor | np.ndarray):
        return False
    if source.ndim != dimensions + 1 or channels != 1:
        return source.ndim == dimensions + 2
    first, last = source.shape[0], source.shape[-1]
    one = _PICTURE if dimensions == 2 else (1,)
    return first not in one if isinstance(source, Tensor) else last not in one and first != 1


_PICTURE = (1, 3, 4)


def _channels_are_last(shape: tuple[int, ...], channels: int | None) -> bool:
    first, last = shape[0], shape[-1]
    if channels is not None and (first == channels) != (last == channels):
        return last == channels
    if len(shape) != 3:
        return False
    if last in _PICTURE or first in _PICTURE:
        return last in _PICTURE
    return last <= first
