"""Finding out, by trying, how a transform turns colour levels into input values, and undoing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

_Colour = tuple[int, int, int]

_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_PRIMARIES = ((255, 0, 0), (0, 255, 0), (0, 0, 255))
# Three different levels in two orders: what is not affine, or not fixed, shows on them.
_CHECKS = ((64, 128, 200), (180, 40, 100))

# An error of one and a half grey levels: a transform to grey rounds once.
_TOLERANCE = 1.5 / 255
# How far beyond black and white an input's levels may go, as bicubic resizing of a tensor makes
# them.
_OVERSHOOT = 0.25


@dataclass(frozen=True, eq=False)
class Normalisation:
    """An affine map from colour levels in [0, 1] to input values: ``offset + mixing @ rgb``.

    Attributes
    ----------
    offset
        ``(C,)``: the input of black.
    mixing
        ``(C, 3)``: what red, green and blue add to each input channel. A diagonal of ``1 / std``
        for the usual mean and standard deviation; a permuted one for a model that takes BGR; full
        rows for a grey model.
    """

    offset: Tensor
    mixing: Tensor

    @classmethod
    def scaled(cls, channels: int, full: float = 1.0) -> Normalisation:
        """That of levels from 0 to `full`, in 1 channel (grey) or 3."""
        return cls.of([0.0] * channels, [1 / full] * channels)

    @classmethod
    def of(cls, mean: Sequence[float], std: Sequence[float]) -> Normalisation:
        """That of a mean and a standard deviation of each of 1 (grey) or 3 channels."""
        means, stds = torch.tensor(mean), torch.tensor(std)
        colours = torch.full((1, 3), 1 / 3) if len(means) == 1 else torch.eye(3)
        return cls(-means / stds, colours / stds[:, None])

    def undo(self, inputs: Tensor) -> Tensor | None:
        """Give the levels ``(3, H, W)`` or, for grey, ``(1, H, W)`` of an input ``(C, H, W)``.

        None if they lie so far outside [0, 1] that the input cannot have come from this
        normalisation.
        """
        if len(inputs) != len(self.offset):
            return None
        levels = (inputs - self.offset[:, None, None]) / self.mixing.sum(dim=1)[:, None, None]
        if levels.min() < -_OVERSHOOT or levels.max() > 1 + _OVERSHOOT:
            return None
        return levels[self._channel_order()]

    def holds(
        self, transform: Callable[[Any], Any], size: tuple[int, int], colour: _Colour
    ) -> bool:
        """Tell whether the transform maps a picture of one colour as this normalisation does."""
        value = _value(transform, size, colour)
        if value is None or value.shape != self.offset.shape:
            return False
        predicted = self.offset + self.mixing @ (torch.tensor(colour, dtype=torch.float32) / 255)
        return bool(((value - predicted).abs() <= _TOLERANCE * self.mixing.abs().sum(dim=1)).all())

    def _channel_order(self) -> list[int]:
        """Tell which input channels show red, green and blue; as they are if mixed."""
        strongest = self.mixing.abs().argmax(dim=1)
        single = self.mixing.abs().amax(dim=1) >= 0.99 * self.mixing.abs().sum(dim=1)
        if len(strongest) == 3 and single.all() and sorted(strongest.tolist()) == [0, 1, 2]:
            return [int(channel) for channel in strongest.argsort()]
        return list(range(len(strongest)))


IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

IMAGENET = "ImageNet's normalisation"
MINUS_ONE_TO_ONE = "the normalisation to [-1, 1]"

_KNOWN = {
    IMAGENET: (IMAGENET_MEAN, IMAGENET_STD),
    "CLIP's normalisation": (
        (0.48145466, 0.4578275, 0.40821073),
        (0.26862954, 0.26130258, 0.27577711),
    ),
    "CIFAR-10's normalisation": ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
    "CIFAR-10's normalisation (0.2023, ...)": (
        (0.4914, 0.4822, 0.4465),
        (0.2023, 0.1994, 0.2010),
    ),
    MINUS_ONE_TO_ONE: ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}
_KNOWN_GREYS = {
    "MNIST's normalisation": ((0.1307,), (0.3081,)),
    "Fashion-MNIST's normalisation": ((0.2860,), (0.3530,)),
    MINUS_ONE_TO_ONE: ((0.5,), (0.5,)),
}


def known_normalisations(channels: int) -> dict[str, Normalisation]:
    """The usual normalisations of inputs with 1 or 3 channels, by name."""
    table = _KNOWN_GREYS if channels == 1 else _KNOWN
    return {name: Normalisation.of(mean, std) for name, (mean, std) in table.items()}


def find_normalisation(
    transform: Callable[[Any], Any], size: tuple[int, int], known: Sequence[Normalisation] = ()
) -> Normalisation | None:
    """Find the normalisation of a transform by applying it to pictures of one colour.

    Parameters
    ----------
    transform
        From a PIL picture to a float tensor ``(C, H, W)``.
    size
        ``(width, height)`` of the pictures to try it on.
    known
        What was found for other sizes: kept if it holds here too, which takes fewer tries.

    Returns
    -------
    Normalisation or None
        None if there is none to be undone: the transform is not affine in the colour levels, not
        the same each time, gives neither one nor three channels, or fails on a picture of one
        colour.
    """
    for normalisation in known:
        if all(normalisation.holds(transform, size, colour) for colour in _CHECKS):
            return normalisation
    black, white = _value(transform, size, _BLACK), _value(transform, size, _WHITE)
    primaries = [_value(transform, size, primary) for primary in _PRIMARIES]
    measured = [value for value in (black, white, *primaries) if value is not None]
    if black is None or len(measured) < 5 or any(value.shape != black.shape for value in measured):
        return None
    mixing = torch.stack([value - black for value in measured[2:]], dim=1)
    if len(black) not in (1, 3) or (mixing.sum(dim=1).abs() <= 1e-6).any():
        return None
    found = Normalisation(black, mixing)
    return (
        found
        if all(found.holds(transform, size, colour) for colour in (_WHITE, *_CHECKS))
        else None
    )


def _value(
    transform: Callable[[Any], Any], size: tuple[int, int], colour: _Colour
) -> Tensor | None:
    """Apply the transform to one colour and look at the middle, which no padding reaches."""
    try:
        values = transform(Image.new("RGB", size, colour))
    except (
        Exception
    ):  # It works on pictures; what it raises on a single colour only means: no answer.
        return None
    if (
        not isinstance(values, Tensor)
        or not values.is_floating_point()
        or values.ndim not in (3, 4)
    ):
        return None
    values = values[0] if values.ndim == 4 else values
    middle = values[:, values.shape[1] // 2, values.shape[2] // 2].detach().cpu().float()
    return middle if middle.isfinite().all() else None
