"""One picture, RGB and upright, from a path, bytes, PIL, NumPy or torch."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

PictureSource = str | os.PathLike[str] | bytes | Image.Image | NDArray[Any] | Tensor


def read_picture(
    source: PictureSource, *, at_least: int | None = None, keep_grey: bool = False
) -> Image.Image:
    """Read one picture and return it upright, as RGB.

    Parameters
    ----------
    source
        - a path (``str`` or ``pathlib``) or the ``bytes`` of a file that Pillow can read; of an
          animation the first frame;
        - a PIL picture of any mode;
        - a NumPy array ``(H, W)`` or ``(H, W, C)`` with 1, 3 or 4 channels: ``uint8``, ``uint16``
          or floats in [0, 1];
        - a torch tensor ``(H, W)`` or ``(C, H, W)``, likewise.

        EXIF rotation is applied, 16-bit values are scaled to 8, and what is transparent is put on
        white.
    at_least
        A JPEG may be decoded at an eighth, a quarter or half its size, as long as both sides keep
        this many pixels: a thumbnail of a huge photo is then cheap. Default: decode in full.
    keep_grey
        Whether a picture without colours (modes 1, L, LA, I, F, or one channel) is returned with
        one channel.

    Returns
    -------
    PIL.Image.Image
        Of mode RGB, or L for a grey picture with `keep_grey`; never ``source`` itself.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If the path leads nowhere, or to a folder.
    ValueError
        If the file is empty, cut short, no picture, or unpacks to more pixels than Pillow allows;
        if an array has the wrong shape, or values that are not finite or out of range.
    TypeError
        If the source is none of these kinds, or an array has another dtype.

    Examples
    --------
    >>> picture = read_picture(np.zeros((2, 3), np.uint8))
    >>> picture.mode, picture.size
    ('RGB', (3, 2))
    """
    picture = _read(source, at_least)
    return picture if keep_grey or picture.mode == "RGB" else picture.convert("RGB")


def _read(source: PictureSource, at_least: int | None) -> Image.Image:
    """A new picture, RGB or L."""
    if isinstance(source, str | os.PathLike):
        return _read_file(Path(source), at_least)
    if isinstance(source, bytes | bytearray | memoryview):
        return _decode(bytes(source), f"picture of {len(source)} bytes", at_least)
    if isinstance(source, Image.Image):
        return _upright(source, _name_of(source))
    if isinstance(source, np.ndarray):
        return _from_array(source, f"array {source.shape} {source.dtype}", channels_last=True)
    if isinstance(source, Tensor):
        kind = f"tensor {tuple(source.shape)} {str(source.dtype).removeprefix('torch.')}"
        # NumPy knows no bfloat16.
        source = source.detach().cpu()
        array = (source.float() if source.is_floating_point() else source).numpy()
        return _from_array(array, kind, channels_last=False)
    raise TypeError(
        f"{source!r:.80} is a {type(source).__name__}; a picture is a path, bytes, a PIL picture, "
        "a NumPy array or a torch tensor"
    )


def _read_file(path: Path, at_least: int | None) -> Image.Image:
    if path.is_dir():
        raise IsADirectoryError(f"'{path}' is a folder; expected a picture, one of the files in it")
    if not path.exists():
        is_address = str(path).startswith(("http:", "https:"))
        way_out = "download it first" if is_address else f"looked in '{path.absolute().parent}'"
        raise FileNotFoundError(f"there is no picture '{path}'; {way_out}")
    return _decode(path.read_bytes(), f"picture '{path}'", at_least)


def _decode(data: bytes, name: str, at_least: int | None) -> Image.Image:
    if not data:
        raise ValueError(f"{name} is empty (0 bytes); copy or download it again")
    try:
        image = Image.open(io.BytesIO(data))
    except Image.DecompressionBombError as cause:
        raise ValueError(
            f"{name} would unpack to far too many pixels, as a decompression bomb does ({cause}); "
            "if you trust it, make it smaller, or raise PIL.Image.MAX_IMAGE_PIXELS"
        ) from cause
    except UnidentifiedImageError as cause:
        raise ValueError(
            f"{name} is no picture that Pillow can read: {_beginning(data)}"
        ) from cause
    except Exception as cause:  # A damaged header raises whatever its decoder ran into.
        raise ValueError(_damaged(name, cause)) from cause
    if at_least is not None:
        image.draft(image.mode, (at_least, at_least))
    return _upright(image, name)


def _beginning(data: bytes) -> str:
    start = data[:40]
    if data.startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer; fetch the file itself with `git lfs pull`"
    if start.isascii() and b"\0" not in start:
        return f"it is text, beginning {start.decode('ascii')!r}; give the picture's own file"
    return f"it begins with the bytes {start[:8].hex(' ')}; save it as PNG or JPEG"


def _damaged(name: str, cause: Exception) -> str:
    return (
        f"{name} cannot be decoded, it may be cut short or damaged "
        f"({type(cause).__name__}: {cause}); copy or download it again"
    )


def _name_of(image: Image.Image) -> str:
    path = getattr(image, "filename", "")
    return (
        f"picture '{path}'" if path else f"PIL picture {image.width} x {image.height} {image.mode}"
    )


def _upright(image: Image.Image, name: str) -> Image.Image:
    try:
        upright = ImageOps.exif_transpose(image)
        if upright.mode.startswith(("I", "F")):
            channels_last = np.asarray(upright)
        elif upright.has_transparency_data:
            # Pillow has no way from La to RGBA but over LA.
            rgba = (upright.convert("LA") if upright.mode == "La" else upright).convert("RGBA")
            white = Image.new("RGBA", rgba.size, "white")
            return Image.alpha_composite(white, rgba).convert(_plain_mode(upright))
        else:
            return upright.convert(_plain_mode(upright))
    except Exception as cause:  # A damaged body raises whatever its decoder ran into.
        raise ValueError(_damaged(name, cause)) from cause
    if upright.mode == "I" and channels_last.min() >= 0 and channels_last.max() <= 65535:
        channels_last = channels_last.astype(np.uint16)
    return _from_array(channels_last, name, channels_last=True)


# Pictures in these modes have no colours; with LA and La, what shows through is white.
_GREYS = ("1", "L", "LA", "La")


def _plain_mode(image: Image.Image) -> str:
    return "L" if image.mode in _GREYS else "RGB"


def _from_array(array: NDArray[Any], name: str, *, channels_last: bool) -> Image.Image:
    levels = _channels_last(array, name, channels_last)
    grey_levels = _eight_bit(levels, name)
    if grey_levels.shape[2] == 1:
        grey_levels = grey_levels[:, :, 0]
    return _upright(Image.fromarray(np.ascontiguousarray(grey_levels)), name)


def _channels_last(array: NDArray[Any], name: str, channels_last: bool) -> NDArray[Any]:
    if array.ndim == 2:
        array = array[:, :, None]
    elif array.ndim == 3 and not channels_last:
        array = array.transpose(1, 2, 0)
    if array.ndim == 3 and array.shape[2] in (1, 3, 4) and array.size > 0:
        return array
    expected = (
        "(H, W), (H, W, 1), (H, W, 3) or (H, W, 4)"
        if channels_last
        else "(H, W) or (C, H, W), C 1, 3 or 4"
    )
    way_out = "; or floating numbers with the model's number of channels, which are its input"
    if array.ndim == 4:
        way_out = "; this looks like a batch: take one sample of it"
    elif array.ndim == 3 and array.shape[0 if channels_last else 1] in (1, 3, 4):
        way_out = "; this looks like channels " + (
            "first: array.transpose(1, 2, 0)" if channels_last else "last: tensor.permute(2, 0, 1)"
        )
    raise ValueError(f"{name} has no shape of a picture; expected {expected}{way_out}")


def _eight_bit(levels: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if levels.dtype == np.uint8:
        return levels
    if levels.dtype.newbyteorder("=") == np.uint16:
        return ((levels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if not np.issubdtype(levels.dtype, np.floating):
        raise TypeError(
            f"{name} holds {levels.dtype}; expected uint8 (0 to 255), uint16 or floats in [0, 1]: "
            "convert it first, for 0 to 255 with array.astype('uint8') or tensor.to(torch.uint8)"
        )
    unusable = int(levels.size - np.isfinite(levels).sum())
    if unusable:
        raise ValueError(f"{name} has {unusable} values that are NaN or infinite; expected [0, 1]")
    low, high = float(levels.min()), float(levels.max())
    if low < -RANGE_TOLERANCE or high > 1 + RANGE_TOLERANCE:
        raise ValueError(
            f"{name} has values from {low:.4g} to {high:.4g}; expected floats in [0, 1]: divide "
            "them by their largest possible value (255 for 8-bit pictures)"
        )
    return np.floor(levels.clip(0, 1).astype(np.float64) * 255 + 0.5).astype(np.uint8)


# What resizing and half precision may add to a picture's values in [0, 1].
RANGE_TOLERANCE = 1e-3
