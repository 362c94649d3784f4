"""What a call of `CNNExplainer` asks, checked before any picture is opened."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex

import numpy as np
from PIL import Image
from torch import nn

from ..imaging import (
    ClassNames,
    PictureSource,
    Prepared,
    Preprocessing,
    Transform,
    imagenet_normalised,
    read_picture,
)
from ..network import module_named

Label = SupportsIndex | str


@dataclass(frozen=True)
class Question:
    """What is asked of a picture.

    Attributes
    ----------
    label
        The class index.
    layers
        Names of target layers, in the order in which they were asked for.
    size
        ``(width, height)`` that the picture is resized to.
    preprocessing
        What happens to the resized picture.
    """

    label: int
    layers: list[str]
    size: tuple[int, int]
    preprocessing: Preprocessing

    def prepared(self, image: PictureSource) -> Prepared:
        """Open the picture and prepare it for the model."""
        resized = read_picture(image).resize(self.size, Image.Resampling.BILINEAR)
        return self.preprocessing.prepare(resized)


def checked_question(
    label: Label,
    input_shape: Sequence[int],
    layers: list[str],
    transforms: Transform | None,
    class_names: ClassNames,
) -> Question:
    """Check what the model need not be asked for.

    Raises
    ------
    TypeError
        If the label is neither index nor name, the shape no tuple or list of integers, or the
        transforms cannot be called.
    ValueError
        If there is no such class, or the shape is not (H, W) or (H, W, C).
    """
    height, width = _height_and_width(input_shape)
    if transforms is not None and not callable(transforms):
        raise TypeError(
            f"transforms {transforms!r:.80} is a {type(transforms).__name__}, not callable; "
            "expected torchvision's Compose, another callable from a picture to a tensor, or None"
        )
    transform = imagenet_normalised if transforms is None else _PictureOrArray(transforms)
    index = label_index(label, class_names)
    return Question(index, layers, (width, height), Preprocessing(transform))


def _height_and_width(input_shape: Sequence[int]) -> tuple[int, int]:
    if not isinstance(input_shape, tuple | list):
        raise TypeError(
            f"input_shape {input_shape!r:.80} is a {type(input_shape).__name__}; "
            "expected a tuple or list: (H, W) or (H, W, C)"
        )
    if len(input_shape) not in (2, 3):
        raise ValueError(
            f"input_shape {input_shape!r} has {len(input_shape)} numbers; "
            "expected (H, W) or (H, W, C)"
        )
    if any(isinstance(n, bool) or not hasattr(n, "__index__") for n in input_shape):
        raise TypeError(f"input_shape {input_shape!r} holds something else than integers: (H, W)")
    if min(input_shape) < 1:
        raise ValueError(f"input_shape {input_shape!r} has a side of less than one pixel: (H, W)")
    if len(input_shape) == 3 and input_shape[2] not in (1, 3):
        raise ValueError(
            f"input_shape {input_shape!r} has {input_shape[2]} channels; "
            "expected (H, W, C) with C 1 or 3, the channels last"
        )
    return operator.index(input_shape[0]), operator.index(input_shape[1])


def checked_layers(layers: Sequence[str], model: nn.Module) -> list[str]:
    """Return the names of layers as a list; one name alone is taken for a list of it.

    Raises
    ------
    TypeError
        If `layers` is no sequence.
    ValueError
        If one of them is no string, as explainable-cnn has it, or the model has no such layer.
    """
    if not isinstance(layers, Sequence):
        raise TypeError(
            f"layers {layers!r:.80} is a {type(layers).__name__}; expected names from "
            "model.named_modules()"
        )
    names = [layers] if isinstance(layers, str) else list(layers)
    for name in names:
        if not isinstance(name, str):
            raise ValueError(  # noqa: TRY004
                f"layer {name!r:.80} is a {type(name).__name__}; expected a name from "
                "model.named_modules()"
            )
        module_named(model, name)
    return names


def label_index(label: Label, class_names: ClassNames) -> int:
    """Return the index of a class that is asked for by its index or name.

    Raises
    ------
    TypeError
        If the label is neither.
    ValueError
        If no class has it, or if several classes have this name.
    """
    index = class_names.index(label) if isinstance(label, str) else as_integer(label)
    if index is None:
        raise TypeError(
            f"label {label!r:.80} is a {type(label).__name__}; expected a class index or a name"
        )
    known = class_names.by_index
    if index not in known:
        span = f", {min(known)} to {max(known)}" if known else ""
        raise ValueError(f"there is no class {index} in class_map; it has {len(known)}{span}")
    return index


def as_integer(number: object) -> int | None:
    """Return an integer of any library as an int, and None for anything else."""
    if isinstance(number, bool) or not isinstance(number, SupportsIndex):
        return None
    try:
        return operator.index(number)
    except TypeError:  # Arrays and tensors have __index__, but only one integer is an index.
        return None


class _PictureOrArray:
    """A transform that is given the picture or, where it takes none, the RGB array (H, W, 3)."""

    def __init__(self, transform: Transform) -> None:
        self._transform = transform

    def __call__(self, picture: Image.Image) -> Any:
        try:
            return self._transform(picture)
        except Exception as refusal:  # A transform made for arrays raises whatever it meets first.
            try:
                return self._transform(np.array(picture))
            except Exception:
                raise refusal from None

    def __repr__(self) -> str:
        return repr(self._transform)
