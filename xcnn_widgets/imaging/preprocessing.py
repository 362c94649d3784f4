"""Picture -> input, and the picture that is aligned with that input to the pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from .display import Display, Shown, as_picture
from .inputs import InputChannels
from .normalisation import Normalisation, find_normalisation
from .transforms import (
    GreyLevels,
    ImageNetTransform,
    Transform,
    as_transform,
    imagenet_normalised,
)

__all__ = ["ImageNetTransform", "Prepared", "Preprocessing", "Transform", "imagenet_normalised"]


@dataclass(frozen=True, eq=False)
class Prepared:
    """An input, and what a person sees of it.

    Attributes
    ----------
    input
        ``float32`` ``(C, H, W)``, on the CPU; ``(C, L)`` of a signal, ``(C, D, H, W)`` of a volume.
    picture
        RGB ``uint8`` ``(H, W, 3)``, aligned with ``input`` pixel for pixel; of a volume all its
        slices, ``(D, H, W, 3)``; of a signal a small drawing of its lines.
    note
        What was assumed of the input or of its picture's colours; empty if nothing was.
    normalisation
        From the picture's levels to the input; None where its colours are not the true ones.
    lines
        Of a signal, the channels that are drawn.
    """

    input: Tensor
    picture: NDArray[np.uint8]
    note: str = ""
    normalisation: Normalisation | None = None
    lines: tuple[int, ...] = ()

    @property
    def size(self) -> tuple[int, ...]:
        """The sides of the input: ``(H, W)``; ``(L,)`` of a signal, ``(D, H, W)`` of a volume."""
        return tuple(self.input.shape[1:])

    @property
    def still(self) -> NDArray[np.uint8]:
        """A picture ``(H, W, 3)``: of a volume its middle slice."""
        return self.picture[len(self.picture) // 2] if self.picture.ndim == 4 else self.picture


class Preprocessing:
    """Turns pictures into inputs with a transform, and finds for each input the picture to show.

    The transform is tried on pictures of one colour. If each input value turns out to be a multiple
    of one colour level plus a constant, as with any mean and standard deviation, that is undone on
    the input itself; so the picture fits whatever the transform cropped, padded or flipped.
    Otherwise, as with random colours or pictures standardised one by one, the input is stretched
    from its least to its greatest value, and `Prepared.note` says so.

    A grey picture is given to the transform in grey (mode L) where the model takes one channel, a
    coloured one as it is; if the input then has another number of channels than the model takes,
    the picture is given in RGB, or in grey, instead.

    Parameters
    ----------
    transform
        torchvision's or timm's, or any callable from a PIL picture to a float tensor ``(C, H, W)``;
        an image processor of transformers; torchvision's weights. Default: `ImageNetTransform`;
        for a model of one channel, levels in [0, 1].
    channels
        How many channels the model takes. Default: any number.
    display
        How inputs are shown; by default as `Display` says.
    note
        What to say of the transform beside each picture.

    Raises
    ------
    TypeError
        If the transform cannot be called.

    Examples
    --------
    >>> prepared = Preprocessing().prepare(Image.new("RGB", (640, 480), "teal"))
    >>> prepared.input.shape, prepared.picture[0, 0]
    (torch.Size([3, 224, 224]), array([  0, 128, 128], dtype=uint8))
    """

    def __init__(
        self,
        transform: Transform | None = None,
        *,
        channels: InputChannels | None = None,
        display: Display | None = None,
        note: str = "",
    ) -> None:
        self._given: Transform | None = None if transform is None else as_transform(transform)
        self._channels = InputChannels() if channels is None else channels
        self._display = Display() if display is None else display
        self._note = note
        # Of pictures of one mode, the mode that gave inputs which fit the model.
        self._fitting: dict[str, str] = {}
        self._found: dict[tuple[tuple[int, int], str], Normalisation | None] = {}

    def __repr__(self) -> str:
        return f"Preprocessing({self._transform('RGB')!r})"

    def prepare(self, picture: Image.Image | Tensor) -> Prepared:
        """Prepare one picture for the model.

        Parameters
        ----------
        picture
            A PIL picture, RGB or L; or an input ``(C, H, W)``, which is taken as it is.

        Raises
        ------
        TypeError, ValueError
            If the transform fails, or returns no finite float tensor ``(C, H, W)`` with as many
            channels as the model takes; or `display` fails.
        """
        if isinstance(picture, Tensor):
            return self._as_it_is(picture)
        inputs, mode = self._fitted(picture)
        note = self._note if self._given is not None else _DEFAULTS[mode]
        normalisation = None if self._display.is_chosen else self._normalisation(picture.size, mode)
        levels = None if normalisation is None else normalisation.undo(inputs)
        if levels is not None:
            return Prepared(inputs, as_picture(levels), note, normalisation)
        shown = self._display.shown_in_false_colours(inputs)
        return Prepared(inputs, shown.picture, "; ".join(filter(None, [note, _shown(shown)])))

    def shown(self, inputs: Tensor) -> Shown:
        """Show an input ``(C, H, W)`` that was given as it is."""
        known: list[Normalisation] = []
        if self._given is not None and len(inputs) in (1, 3) and not self._display.is_chosen:
            height, width = inputs.shape[1:]
            mode = "L" if self._channels.count == 1 else "RGB"
            found = self._normalisation((width, height), mode)
            known = [] if found is None else [found]
        return self._display.shown(inputs, known)

    def _as_it_is(self, inputs: Tensor) -> Prepared:
        if inputs.ndim != 3 or inputs.numel() == 0 or not inputs.is_floating_point():
            raise ValueError(
                f"an input is {inputs.dtype} {tuple(inputs.shape)}; expected floats (C, H, W)"
            )
        if not inputs.isfinite().all():
            unusable = int((~inputs.isfinite()).sum())
            raise ValueError(f"an input has {unusable} values that are NaN or infinite")
        shown = self.shown(inputs)
        size = " x ".join(map(str, inputs.shape))
        note = f"the numbers given are the input as they are, {size}, shown {shown.how}"
        if self._given is not None:
            note += "; the transform is for pictures (files, PIL, uint8)"
        return Prepared(inputs.detach().cpu().float(), shown.picture, note, shown.normalisation)

    def _fitted(self, picture: Image.Image) -> tuple[Tensor, str]:
        """The input of a picture, and the mode in which the transform was given it."""
        tried: dict[str, Tensor] = {}
        failures: dict[str, Exception] = {}
        # What the model says of one mode may tell that it wants the other.
        while left := [m for m in self._modes(picture) if m not in tried and m not in failures]:
            mode = left[0]
            try:
                tried[mode] = self._transformed(picture, mode)
            except (TypeError, ValueError) as error:
                failures[mode] = error
                if picture.mode != "L" and self._channels.count != 1:
                    break
                continue
            if self._channels.are_confirmed_by(tried[mode]):
                self._fitting[picture.mode] = mode
                return tried[mode], mode
        for mode, inputs in tried.items():
            # What else is wrong, the model itself says best.
            if len(inputs) == self._channels.count:
                return inputs, mode
        if not tried:
            raise next(iter(failures.values()))
        mode, inputs = next(iter(tried.items()))
        made = f"what {self._transform_name(mode)} makes of a picture"
        what = "a picture" if self._given is None else made
        raise ValueError(self._channels.refusal(what, len(inputs)))

    def _modes(self, picture: Image.Image) -> list[str]:
        """The modes in which to give a picture to the transform, the likeliest first."""
        count = self._channels.count
        if count is None or (self._given is None and count != 1):
            return ["RGB"]
        grey_first = count == 1 and (picture.mode == "L" or self._given is None)
        modes = ["L", "RGB"] if grey_first else ["RGB", "L"]
        return sorted(modes, key=lambda mode: mode != self._fitting.get(picture.mode, modes[0]))

    def _transform(self, mode: str) -> Transform:
        if self._given is not None:
            return self._given
        return GreyLevels() if mode == "L" else ImageNetTransform()

    def _transform_name(self, mode: str) -> str:
        name = " ".join(repr(self._transform(mode)).split())
        return f"transform {name if len(name) <= 200 else name[:197] + '...'}"

    def _transformed(self, picture: Image.Image, mode: str) -> Tensor:
        on = f"on a picture of {picture.width} x {picture.height}, mode {mode}"
        name = self._transform_name(mode)
        try:
            # A copy, so that a transform may work in place, as PIL's thumbnail does.
            result = self._transform(mode)(picture.convert(mode))
        except Exception as cause:  # A caller's transform raises whatever it likes.
            raise ValueError(f"{name} failed {on}: {type(cause).__name__}: {cause}") from cause
        if not isinstance(result, Tensor):
            raise TypeError(
                f"{name} returned {type(result).__name__} {on}; expected a tensor (C, H, W): "
                "end it with ToTensor, or ToImage and ToDtype(torch.float32, scale=True)"
            )
        if result.ndim == 4 and len(result) == 1:
            result = result[0]
        if result.ndim != 3 or result.numel() == 0:
            raise ValueError(
                f"{name} returned the shape {tuple(result.shape)} {on}; expected (C, H, W)"
            )
        if not result.is_floating_point():
            raise TypeError(
                f"{name} returned {result.dtype} {on}; expected floats: add torchvision's "
                "ConvertImageDtype(torch.float32), or divide by 255"
            )
        if not result.isfinite().all():
            raise ValueError(
                f"{name} returned NaN or infinite values {on}; look at what it divides by"
            )
        return result.detach().cpu().float()

    def _normalisation(self, size: tuple[int, int], mode: str = "RGB") -> Normalisation | None:
        """Find the transform's normalisation on pictures of one size."""
        if (size, mode) not in self._found:
            transform = self._transform(mode)
            known = [found for found in self._found.values() if found is not None]
            self._found[size, mode] = find_normalisation(
                lambda picture: transform(picture.convert(mode)), size, known[-1:]
            )
        return self._found[size, mode]


_DEFAULTS = {
    "RGB": (
        "no transform was given, and the model does not say how its pictures are prepared: ImageNet's "
        "preprocessing is used (shorter side to 256, the middle 224 x 224, ImageNet's mean and "
        "standard deviation)"
    ),
    "L": (
        "no transform was given, and the model does not say how its pictures are prepared: the input is "
        "the picture's grey levels, from 0 to 1, at its own size"
    ),
}


def _shown(shown: Shown) -> str:
    cause = (
        "the transform's normalisation cannot be undone (it is not the same for every picture and "
        "pixel): "
        if shown.is_stretched
        else ""
    )
    return f"{cause}the input is shown {shown.how}"
