"""What makes inputs of pictures where the caller gives nothing else than a picture's own levels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .normalisation import IMAGENET_MEAN, IMAGENET_STD

Transform = Callable[[Any], Any]


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


class GreyLevels:
    """The levels of a picture, as large as it is, in [0, 1], for models of one channel."""

    def __call__(self, picture: Image.Image) -> Tensor:
        """Return the input ``(1, H, W)`` of a picture."""
        return torch.from_numpy(np.array(picture.convert("L")))[None].float() / 255

    def __repr__(self) -> str:
        return "GreyLevels()"


def imagenet_normalised(picture: Image.Image) -> Tensor:
    """Turn a picture, as large as it is, into an input: to [0, 1], and ImageNet's normalisation."""
    levels = torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1).float() / 255
    return (levels - _column(IMAGENET_MEAN)) / _column(IMAGENET_STD)


def as_transform(given: Any) -> Transform:
    """Return a callable from a picture to an input, of whatever prepares pictures.

    Parameters
    ----------
    given
        - a callable from a PIL picture to a tensor;
        - an image processor of transformers, or a processor that has one;
        - weights of torchvision, such as ``ResNet18_Weights.DEFAULT``.

    Raises
    ------
    TypeError
        If it is none of these.
    """
    if is_image_processor(given):
        return ProcessorTransform(given)
    if is_torchvision_weights(given):
        transform: Transform = given.transforms()
        return transform
    if not callable(given):
        raise TypeError(
            f"transform {given!r:.80} is a {type(given).__name__}, not callable; "
            "expected a callable from a PIL picture to a tensor (C, H, W), an image processor of "
            "transformers, torchvision's weights, or None for ImageNet's preprocessing"
        )
    made: Transform = given
    return made


class ProcessorTransform:
    """An image processor of transformers as a callable from one picture to its input."""

    def __init__(self, processor: Any) -> None:
        # One for texts and pictures holds one for pictures.
        self.processor = getattr(processor, "image_processor", processor)

    def __call__(self, picture: Image.Image) -> Any:
        """Return the processor's ``pixel_values``."""
        return self.processor(images=picture, return_tensors="pt")["pixel_values"]

    def __repr__(self) -> str:
        return f"{type(self.processor).__name__}(...)"


def is_image_processor(given: Any) -> bool:
    """Whether something prepares pictures as transformers' image processors do."""
    names = getattr(given, "model_input_names", None)
    return callable(given) and isinstance(names, list | tuple) and "pixel_values" in names


def is_torchvision_weights(given: Any) -> bool:
    """Whether something knows its transforms and its classes as torchvision's weights do."""
    return callable(getattr(given, "transforms", None)) and isinstance(
        getattr(given, "meta", None), dict
    )


def _column(values: tuple[float, ...]) -> Tensor:
    return torch.tensor(values)[:, None, None]
