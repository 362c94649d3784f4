"""Signals and volumes: read as inputs, and shown as lines and as slices."""

from __future__ import annotations

from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from .display import Display
from .inputs import InputChannels, as_input, input_shape
from .preprocessing import Prepared
from .transforms import Transform, as_transform

_KINDS = {1: "signal", 3: "volume"}


class SignalsAndVolumes:
    """Reads inputs with one side, ``(C, L)``, or three, ``(C, D, H, W)``, and finds what to show of them.

    Parameters
    ----------
    channels
        What the model takes.
    transform
        From whatever is given, such as a path or ``uint8`` frames, to such an input. Default: only
        inputs can be given.
    display
        How volumes are shown, and which lines of signals.
    note
        What to say of the transform beside each input that it made.
    """

    def __init__(
        self,
        channels: InputChannels,
        transform: Transform | None,
        display: Display,
        note: str = "",
    ) -> None:
        self._channels = channels
        self._transform = None if transform is None else as_transform(transform)
        self._display = display
        self._note = note
        self._kind = _KINDS[channels.dimensions]

    def prepare(self, item: Any, name: str) -> Prepared:
        """Prepare what a collection holds.

        Raises
        ------
        TypeError, ValueError
            If it is no input, and no transform makes one of it; or its channels are not as many as
            the model takes; or values are NaN or infinite.
        """
        inputs, note = as_input(item, self._channels.count, self._channels.dimensions), self._note
        if inputs is None:
            inputs = self._transformed(item, name)
        else:
            size = " x ".join(map(str, inputs.shape))
            note = f"the numbers given are the input as they are, {size}"
        if not self._channels.take(inputs):
            what = f"{name}: a {self._kind} {tuple(inputs.shape)}"
            raise ValueError(self._channels.refusal(what, len(inputs)))
        unusable = int((~inputs.isfinite()).sum())
        if unusable:
            raise ValueError(
                f"{name}: the {self._kind} has {unusable} values that are NaN or infinite"
            )
        inputs = inputs.detach().cpu().float()
        return self._as_lines(inputs, note) if inputs.ndim == 2 else self._as_slices(inputs, note)

    def _as_slices(self, inputs: Tensor, note: str) -> Prepared:
        shown = self._display.shown_slices(inputs)
        how = f"shown {shown.how}"
        return Prepared(inputs, shown.picture, ", ".join(filter(None, [note, how])))

    def _as_lines(self, inputs: Tensor, note: str) -> Prepared:
        lines = self._display.lines(len(inputs))
        if len(lines) < len(inputs) and not self._display.is_chosen:
            how = f"shown by the first {len(lines)} of its {len(inputs)} channels; display= chooses others"
            note = ", ".join(filter(None, [note, how]))
        return Prepared(inputs, drawn(inputs.numpy()[list(lines)]), note, lines=lines)

    def _transformed(self, item: Any, name: str) -> Tensor:
        shape = input_shape(self._channels.dimensions, self._channels.count)
        kind = type(item).__name__
        sides = f" {tuple(item.shape)} of {item.dtype}" if hasattr(item, "dtype") else ""
        if self._transform is None:
            raise TypeError(
                f"{name} is a {kind}{sides}, but the model takes {self._kind}s; expected a tensor or array "
                f"{shape} of floating numbers, or transform=, from what is given to such a tensor"
            )
        try:
            made = self._transform(item)
        except Exception as cause:  # A caller's transform raises whatever it likes.
            raise ValueError(
                f"{name}: transform failed on a {kind}{sides}: {type(cause).__name__}: {cause}"
            ) from cause
        if (
            isinstance(made, Tensor)
            and made.ndim == self._channels.dimensions + 2
            and len(made) == 1
        ):
            made = made[0]
        inputs = as_input(made, self._channels.count, self._channels.dimensions)
        if inputs is None:
            sides = f" {tuple(made.shape)} of {made.dtype}" if hasattr(made, "dtype") else ""
            raise TypeError(
                f"{name}: transform returned a {type(made).__name__}{sides}; expected a tensor {shape} "
                "of floating numbers"
            )
        return inputs


def mosaic(slices: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """Lay the slices of a volume out as one picture, row by row.

    One picture goes over the wire at once, and is about square: browsers refuse very long ones.

    Returns
    -------
    tuple
        The picture, and how many slices stand side by side in it.

    Examples
    --------
    >>> picture, columns = mosaic(np.zeros((5, 12, 18, 3), np.uint8))
    >>> picture.shape, columns
    ((36, 36, 3), 2)
    """
    depth, height, width, channels = slices.shape
    columns = min(depth, ceil(sqrt(depth * height / width)))
    rows = ceil(depth / columns)
    laid = np.zeros((rows * columns, height, width, channels), np.uint8)
    laid[:depth] = slices
    laid = laid.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return np.ascontiguousarray(laid).reshape(rows * height, columns * width, channels), columns


def drawn(lines: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Draw lines ``(n, L)``, one below the other, as a small picture ``(H, W, 3)``."""
    width, height = 160, 120
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    lane = height / len(lines)
    for row, values in enumerate(lines):
        low, high = float(values.min()), float(values.max())
        shares = (values - low) / (high - low) if high > low else np.full_like(values, 0.5)
        x = np.linspace(0, width - 1, len(values))
        y = lane * (row + 0.9 - 0.8 * shares)
        points = np.stack([x, y], axis=1).ravel().tolist()
        pen.line(
            points if len(values) > 1 else [0.0, float(y[0]), width, float(y[0])], "#1f5fa8", 2
        )
    return np.asarray(image).copy()
