"""Picture -> input, and the picture that is aligned with that input to the pixel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from .normalisation import Normalisation, find_normalisation
from .reading import is_preprocessed

Transform = Callable[[Any], Any]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, eq=False)
class Prepared:
    """An input, and what a person sees of it.

    Attributes
    ----------
    input
        ``float32`` ``(C, H, W)``, on the CPU.
    picture
        RGB ``uint8`` ``(H, W, 3)``, aligned with ``input`` pixel for pixel.
    note
        How the picture was found where its colours are not the true ones; else empty.
    """

    input: Tensor
    picture: NDArray[np.uint8]
    note: str = ""


class Preprocessing:
    """Turns pictures into inputs with a transform, and finds for each input the picture to show.

    The transform is tried on pictures of one colour. If each input value turns out to be a multiple
    of one colour level plus a constant, as with any mean and standard deviation, that is undone on
    the input itself; so the picture fits whatever the transform cropped, padded or flipped.
    Otherwise, as with random colours or pictures standardised one by one, the input is stretched
    from its least to its greatest value, and `Prepared.note` says so.

    Parameters
    ----------
    transform
        torchvision's or timm's, or any callable from a PIL picture (RGB) to a float tensor ``(C, H,
        W)``. Default: `ImageNetTransform`.

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

    def __init__(self, transform: Transform | None = None) -> None:
        if transform is not None and not callable(transform):
            raise TypeError(
                f"transform {transform!r:.80} is a {type(transform).__name__}, not callable; "
                "expected a callable from a PIL picture to a tensor (C, H, W), "
                "or None for ImageNet's preprocessing"
            )
        self.transform: Transform = ImageNetTransform() if transform is None else transform
        self._found: dict[tuple[int, int], Normalisation | None] = {}

    def __repr__(self) -> str:
        return f"Preprocessing({self.transform!r})"

    def prepare(self, picture: Image.Image | Tensor) -> Prepared:
        """Prepare one picture for the model.

        Parameters
        ----------
        picture
            A PIL picture, RGB; or an input ``(C, H, W)`` that is preprocessed already and is taken
            as it is.

        Raises
        ------
        TypeError, ValueError
            If the transform fails, or returns no finite float tensor ``(C, H, W)``.
        """
        if isinstance(picture, Tensor):
            return _preprocessed(picture)
        inputs = self._transformed(picture)
        normalisation = self.normalisation(picture.size)
        levels = None if normalisation is None else normalisation.undo(inputs)
        if levels is None:
            return Prepared(inputs, _stretched(inputs), _NOT_UNDONE)
        return Prepared(inputs, _as_picture(levels))

    def _transformed(self, picture: Image.Image) -> Tensor:
        on = f"on a picture of {picture.width} x {picture.height}, mode {picture.mode}"
        name = " ".join(repr(self.transform).split())
        name = f"transform {name if len(name) <= 200 else name[:197] + '...'}"
        try:
            # A copy, so that a transform may work in place, as PIL's thumbnail does.
            result = self.transform(picture.copy())
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

    def normalisation(self, size: tuple[int, int]) -> Normalisation | None:
        """Find the transform's normalisation on pictures of one size."""
        if size not in self._found:
            known = [found for found in self._found.values() if found is not None]
            self._found[size] = find_normalisation(self.transform, size, known[-1:])
        return self._found[size]


class ImageNetTransform:
    """ImageNet's usual preprocessing: shorter side to 256, centre crop to 224, normalise.

    It equals ``Resize(256)``, ``CenterCrop(224)``, ``ToTensor()`` and ``Normalize(...)`` of
    torchvision, which is not imported for it.
    """

    def __call__(self, picture: Image.Image) -> Tensor:
        """Return the input ``(3, 224, 224)`` of a picture."""
        width, height = picture.size
        short = min(width, height)
        width, height = int(256 * width / short), int(256 * height / short)
        resized = picture.convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
        left, top = round((width - 224) / 2), round((height - 224) / 2)
        return imagenet_normalised(resized.crop((left, top, left + 224, top + 224)))

    def __repr__(self) -> str:
        return f"ImageNetTransform(resize=256, crop=224, mean={IMAGENET_MEAN}, std={IMAGENET_STD})"


def imagenet_normalised(picture: Image.Image) -> Tensor:
    """Turn a picture, as large as it is, into an input: to [0, 1], and ImageNet's normalisation."""
    levels = torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1).float() / 255
    return (levels - _column(IMAGENET_MEAN)) / _column(IMAGENET_STD)


def recovered_picture(inputs: Tensor) -> tuple[NDArray[np.uint8], str]:
    """Find the picture of an input whose transform is not known.

    Parameters
    ----------
    inputs
        ``(C, H, W)``. Values in [0, 1] are shown as they are. Else, with three channels, ImageNet's
        normalisation is undone if that gives values in [0, 1]. Else the values are stretched from
        the least to the greatest.

    Returns
    -------
    picture, note
        ``uint8`` ``(H, W, 3)``, and a sentence that says what was done; empty for values in [0, 1].
    """
    inputs = inputs.detach().cpu().float()
    if inputs.shape[0] in (1, 3) and not is_preprocessed(inputs):
        return _as_picture(inputs), ""
    if inputs.shape[0] == 3:
        levels = inputs * _column(IMAGENET_STD) + _column(IMAGENET_MEAN)
        if levels.min() >= -_TOLERANCE and levels.max() <= 1 + _TOLERANCE:
            return _as_picture(
                levels
            ), "a preprocessed tensor: shown with ImageNet's normalisation undone"
    return _stretched(inputs), (
        "a preprocessed tensor of unknown normalisation: the picture's colours are stretched from "
        "its least to its greatest value"
    )


# How far from [0, 1] a preprocessed picture may lie, by rounding, when ImageNet's normalisation is
# undone.
_TOLERANCE = 0.01

_NOT_UNDONE = (
    "the transform's normalisation cannot be undone (it is not the same for every picture and "
    "pixel): the picture's colours are stretched from the input's least to its greatest value"
)


def _preprocessed(inputs: Tensor) -> Prepared:
    if inputs.ndim != 3 or inputs.numel() == 0 or not inputs.is_floating_point():
        raise ValueError(
            f"an input is {inputs.dtype} {tuple(inputs.shape)}; expected floats (C, H, W)"
        )
    if not inputs.isfinite().all():
        unusable = int((~inputs.isfinite()).sum())
        raise ValueError(f"a preprocessed input has {unusable} values that are NaN or infinite")
    picture, note = recovered_picture(inputs)
    return Prepared(inputs.detach().cpu().float(), picture, note)


def _column(values: tuple[float, ...]) -> Tensor:
    return torch.tensor(values)[:, None, None]


def _stretched(inputs: Tensor) -> NDArray[np.uint8]:
    channels = inputs if inputs.shape[0] == 3 else inputs.mean(dim=0, keepdim=True)
    low, high = channels.min(), channels.max()
    return _as_picture(
        (channels - low) / (high - low) if high > low else torch.zeros_like(channels)
    )


def _as_picture(levels: Tensor) -> NDArray[np.uint8]:
    grey_levels = (levels.clamp(0, 1) * 255 + 0.5).floor().to(torch.uint8)
    picture: NDArray[np.uint8] = grey_levels.expand(3, -1, -1).permute(1, 2, 0).contiguous().numpy()
    return picture
