"""Where in its source picture an input was cut: found on the pixels, for a transform tells nothing of it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..imaging import read_picture

# Left, upper, right and lower edge, in pixels of the source.
Box = tuple[float, float, float, float]

# Pictures are compared at this many pixels a side, cut from a source of that many.
_SIDE, _SOURCE = 48, 256
# Shares of the picture that a cut may leave, in steps finer than a cell of any map.
_SHARES = np.arange(128, 76, -1) / 128
# Correlation of grey levels: of five photos that of the right cut was 0.997 and more, of flips and other cuts 0.88 and less.
_ALIKE = 0.95


class Ground(NamedTuple):
    """What a map lies over.

    Attributes
    ----------
    picture
        RGB: the source as it is, upright; or a thumbnail of the input.
    box
        Where in it the map lies.
    told
        Which of them it is, and why.
    """

    picture: Image.Image
    box: Box
    told: str

    @property
    def is_source(self) -> bool:
        """Whether it is the source itself."""
        return self.told.startswith("source")

    @property
    def cut(self) -> Image.Image:
        """The part that the map lies over."""
        left, upper, right, lower = (round(edge) for edge in self.box)
        return self.picture.crop((left, upper, right, lower))


def ground_of(row: Mapping[str, Any]) -> Ground:
    """The picture for a row's map: its source, where that can be read and shows where the input was cut; else its thumbnail."""
    small = Image.open(io.BytesIO(row["thumbnail"])).convert("RGB")
    whole = (0.0, 0.0, float(small.width), float(small.height))
    if not Path(row["source"]).is_file():
        return Ground(small, whole, "thumbnail: the source is no file, or is gone")
    try:
        source = read_picture(row["source"])
    except (OSError, ValueError):
        return Ground(small, whole, "thumbnail: the source cannot be read any more")
    box = find_cut(source, small)
    if box is None:
        return Ground(small, whole, "thumbnail: the input is another picture than its source")
    share = (box[2] - box[0]) * (box[3] - box[1]) / (source.width * source.height)
    return Ground(source, box, "source" if share > 0.999 else f"source: the middle {share:.0%}")


def find_cut(source: Image.Image, thumbnail: Image.Image) -> Box | None:
    """The box of a source that a thumbnail shows: all of it, or its middle; None if it is neither.

    Found is what resizing and cutting the middle does, in either order and with any sizes, and not what flips,
    turns or cuts anywhere else.
    """
    small = source.convert("L")
    small.thumbnail((_SOURCE, _SOURCE))
    wanted = _levels(thumbnail.convert("L"), None)
    best, found = _ALIKE, None
    for box in _boxes(source.size, thumbnail.width / thumbnail.height):
        x, y = small.width / source.width, small.height / source.height
        scaled = (box[0] * x, box[1] * y, box[2] * x, box[3] * y)
        alike = _correlation(_levels(small, scaled), wanted)
        if alike > best:
            best, found = alike, box
    return found


def _boxes(size: tuple[int, int], ratio: float) -> Iterator[Box]:
    """Boxes around the middle, of the shape of the source or of the input."""
    width, height = size
    shapes = [(float(width), float(height))]
    like_input = (min(width, height * ratio), min(height, width / ratio))
    # A thumbnail's sides are whole pixels: what differs less is no other shape.
    if max(abs(like_input[0] - width), abs(like_input[1] - height)) > 0.02 * max(size):
        shapes.append(like_input)
    for share in _SHARES:
        for wide, high in shapes:
            left, upper = (width - share * wide) / 2, (height - share * high) / 2
            yield left, upper, left + share * wide, upper + share * high


def _levels(picture: Image.Image, box: Box | None) -> NDArray[np.float64]:
    small = picture.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR, box=box)
    levels = np.asarray(small, np.float64)
    levels -= levels.mean()
    return levels


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Of grey levels less their mean; 0 for pictures of one level, which tell nothing."""
    lengths = np.linalg.norm(first) * np.linalg.norm(second)
    return float((first * second).sum() / lengths) if lengths > 0 else 0.0
