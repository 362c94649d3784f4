"""The picture that a person sees of an input, aligned with it pixel for pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import index
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .normalisation import IMAGENET, MINUS_ONE_TO_ONE, Normalisation, known_normalisations
from .reading import RANGE_TOLERANCE

DisplayChoice = Callable[[Tensor], Any] | Sequence[int]


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture of an input.

    Attributes
    ----------
    picture
        RGB ``uint8`` ``(H, W, 3)``; of a volume ``(D, H, W, 3)``.
    how
        How it was made, to follow "shown ..." or "the input is shown ...".
    normalisation
        From the picture's levels to the input; None where the picture's colours are not true.
    """

    picture: NDArray[np.uint8]
    how: str
    normalisation: Normalisation | None = None

    @property
    def is_stretched(self) -> bool:
        """Whether all channels are shown, stretched for want of a normalisation."""
        return self.how == _STRETCHED


class Display:
    """Shows inputs of any number of channels.

    Parameters
    ----------
    choice
        - a callable from an input ``(C, H, W)`` to a picture, RGB ``uint8`` ``(H, W, 3)``; of a
          volume, from each of its slices;
        - three channel numbers, shown as red, green and blue, stretched from their least to their
          greatest value.

        Default: of one channel its grey, of three their colours: as they are if they are levels in
        [0, 1], with a known normalisation undone if one fits, else stretched. Of two channels the
        first in grey, of more the first three, stretched.

    Raises
    ------
    TypeError
        If the choice is neither.

    Examples
    --------
    >>> shown = Display((2, 1, 0)).shown(torch.arange(5.0)[:, None, None].expand(5, 2, 3))
    >>> shown.picture.shape, shown.picture[0, 0]
    ((2, 3, 3), array([255, 128,   0], dtype=uint8))
    """

    def __init__(self, choice: DisplayChoice | None = None) -> None:
        self._channels: tuple[int, ...] | None = None
        if choice is not None and not callable(choice):
            self._channels = _three_channels(choice)
        self._painter = choice if callable(choice) else None

    @property
    def is_chosen(self) -> bool:
        """Whether somebody said how inputs are shown."""
        return self._painter is not None or self._channels is not None

    def channels(self, count: int) -> tuple[int, ...] | None:
        """Which of an input's channels are shown: one in grey, three as red, green and blue; None where a callable paints."""
        if self._painter is not None:
            return None
        if self._channels is not None:
            return self._channels
        return (0, 1, 2) if count > 2 else (0,)

    def shown(self, inputs: Tensor, candidates: Iterable[Normalisation] = ()) -> Shown:
        """Show an input.

        Parameters
        ----------
        inputs
            ``(C, H, W)``, finite floats.
        candidates
            Normalisations that the input may have gone through, tried before those that are known.

        Raises
        ------
        TypeError, ValueError
            If `display` fails, returns something else than a picture, or names a channel that is
            not there.
        """
        inputs = inputs.detach().cpu().float()
        if not self.is_chosen and len(inputs) in (1, 3):
            true = _true_colours(inputs, candidates)
            if true is not None:
                return true
        return self.shown_in_false_colours(inputs)

    def shown_slices(self, volume: Tensor, candidates: Iterable[Normalisation] = ()) -> Shown:
        """Show a volume ``(C, D, H, W)`` slice by slice, all in one range of values; else as `shown`."""
        volume = volume.detach().cpu().float()
        count, *sides = volume.shape
        if self._painter is not None:
            painted = [_painted(self._painter, slice_) for slice_ in volume.unbind(1)]
            return Shown(np.stack(painted), "slice by slice by display=")
        # One below the other they are a picture.
        shown = self.shown(volume.reshape(count, -1, sides[-1]), candidates)
        return replace(shown, picture=shown.picture.reshape(*sides, 3))

    def lines(self, count: int) -> tuple[int, ...]:
        """Which of a signal's channels are drawn, each as a line.

        Raises
        ------
        TypeError, ValueError
            If `display` is a callable, or names a channel that is not there.
        """
        if self._painter is not None:
            raise TypeError(
                "display is a callable, but a signal is drawn as lines; expected three channel "
                "numbers, the lines to draw"
            )
        if self._channels is None:
            return tuple(range(min(count, _MOST_LINES)))
        _require_channels(self._channels, count)
        return tuple(dict.fromkeys(self._channels))

    def shown_in_false_colours(self, inputs: Tensor) -> Shown:
        """As `shown`, without looking for a normalisation."""
        count = len(inputs)
        if self._painter is not None:
            return Shown(_painted(self._painter, inputs), "by display=")
        if self._channels is not None:
            return _selected(inputs, self._channels)
        if count in (1, 3):
            return Shown(stretched(inputs), _STRETCHED)
        if count == 2:
            how = f"by channel 0 of its 2, in grey, {_STRETCHED}; {_WAY_OUT}"
            return Shown(stretched(inputs[:1]), how)
        how = f"by channels 0, 1 and 2 of its {count} as red, green and blue, {_STRETCHED}"
        return Shown(stretched(inputs[:3]), f"{how}; {_WAY_OUT}")


# More are too flat to be read.
_MOST_LINES = 12
_STRETCHED = "stretched from the least to the greatest value"
_WAY_OUT = "display= chooses others"


def stretched(inputs: Tensor) -> NDArray[np.uint8]:
    """Show 1 or 3 channels ``(C, H, W)``: their least value is black, the greatest full."""
    low, high = inputs.min(), inputs.max()
    return as_picture((inputs - low) / (high - low) if high > low else torch.zeros_like(inputs))


def as_picture(levels: Tensor) -> NDArray[np.uint8]:
    """Show levels in [0, 1], ``(1, H, W)`` or ``(3, H, W)``, as RGB ``uint8`` ``(H, W, 3)``."""
    grey_levels = (levels.clamp(0, 1) * 255 + 0.5).floor().to(torch.uint8)
    picture: NDArray[np.uint8] = grey_levels.expand(3, -1, -1).permute(1, 2, 0).contiguous().numpy()
    return picture


# How far from [0, 1] levels may lie, by rounding, when a normalisation is undone.
_TOLERANCE = 0.01
# Levels that come from 8 bits are whole, but for half precision.
_WHOLE = 0.08


def _true_colours(inputs: Tensor, candidates: Iterable[Normalisation]) -> Shown | None:
    """Undo the first normalisation that fits 1 or 3 channels."""
    channels = len(inputs)
    low, high = float(inputs.min()), float(inputs.max())
    if low >= -RANGE_TOLERANCE and high <= 1 + RANGE_TOLERANCE:
        return Shown(as_picture(inputs), "as levels from 0 to 1", Normalisation.scaled(channels))
    for candidate in candidates:
        levels = _undone(inputs, candidate)
        if levels is not None:
            how = "with the transform's normalisation undone"
            return Shown(as_picture(levels), how, candidate)
    known = {
        name: (normalisation, levels)
        for name, normalisation in known_normalisations(channels).items()
        if (levels := _undone(inputs, normalisation)) is not None
    }
    # A photo's levels are whole numbers under its own normalisation alone.
    whole = [name for name, (_, levels) in known.items() if _are_whole(levels)]
    for name in [*whole, MINUS_ONE_TO_ONE, IMAGENET]:
        if name in known:
            normalisation, levels = known[name]
            return Shown(as_picture(levels), f"with {name} undone", normalisation)
    if low >= 0 and 128 <= high <= 255:
        picture = as_picture(inputs / 255)
        return Shown(picture, "as levels from 0 to 255", Normalisation.scaled(channels, 255.0))
    return None


def _undone(inputs: Tensor, normalisation: Normalisation) -> Tensor | None:
    levels = normalisation.undo(inputs)
    if levels is None or levels.min() < -_TOLERANCE or levels.max() > 1 + _TOLERANCE:
        return None
    return levels


def _are_whole(levels: Tensor) -> bool:
    steps = levels * 255
    return bool(((steps - steps.round()).abs() <= _WHOLE).all())


def _three_channels(choice: Any) -> tuple[int, ...]:
    channels = tuple(choice) if isinstance(choice, Sequence) and not isinstance(choice, str) else ()
    if len(channels) != 3 or any(
        isinstance(n, bool) or not hasattr(n, "__index__") or index(n) < 0 for n in channels
    ):
        raise TypeError(
            f"display is {choice!r:.80}; expected three channel numbers from 0 on, shown as red, green and "
            "blue, or a callable from an input (C, H, W) to a picture, RGB uint8 (H, W, 3)"
        )
    return tuple(index(n) for n in channels)


def _require_channels(channels: tuple[int, ...], count: int) -> None:
    if max(channels) >= count:
        raise ValueError(
            f"display={channels} names channel {max(channels)}, but the input has {count} "
            f"channels, 0 to {count - 1}"
        )


def _selected(inputs: Tensor, channels: tuple[int, ...]) -> Shown:
    _require_channels(channels, len(inputs))
    names = "{}, {} and {}".format(*channels)
    return Shown(
        stretched(inputs[list(channels)]),
        f"by channels {names} of its {len(inputs)} as red, green and blue, {_STRETCHED}",
    )


def _painted(painter: Callable[[Tensor], Any], inputs: Tensor) -> NDArray[np.uint8]:
    height, width = inputs.shape[1:]
    on = f"on an input of {len(inputs)} x {height} x {width}"
    try:
        # A copy, so that a caller's function may work in place.
        result = painter(inputs.clone())
    except Exception as cause:  # A caller's function raises whatever it likes.
        raise ValueError(f"display failed {on}: {type(cause).__name__}: {cause}") from cause
    picture = np.asarray(result.detach().cpu() if isinstance(result, Tensor) else result)
    if picture.dtype != np.uint8 or picture.shape != (height, width, 3):
        raise ValueError(
            f"display returned {picture.dtype} {picture.shape} {on}; expected a picture of the "
            f"input's size, RGB uint8 ({height}, {width}, 3)"
        )
    return np.array(picture, order="C")
