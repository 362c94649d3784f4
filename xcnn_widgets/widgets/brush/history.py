"""Attempts: what was hidden, and what it did."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...study.hiding import Answer
from .html import points
from .strokes import Mask

_EDGE, _THUMBNAIL = (255, 140, 0), 74


def attempt(asked: dict[str, Any], answer: Answer, picture: str) -> dict[str, Any]:
    """One line of the history, as data."""
    change = answer.target
    return {
        "image": picture,
        "image_index": asked["image_index"],
        "mask": asked["mask"],
        "fill": asked["fill"],
        "target": change.name,
        "target_index": change.index,
        "hidden": answer.hidden,
        "before": change.before,
        "after": change.after,
        "drop": -change.points,
        "score_drop": change.score_before - change.score_after,
    }


def is_known(asked: dict[str, Any], history: Iterable[dict[str, Any]]) -> bool:
    """Whether the same was tried before, so that undoing and returning add nothing."""
    return any(
        each["image_index"] == asked["image_index"]
        and each["fill"] == asked["fill"]
        and asked["target"] in (None, each["target_index"])
        and np.array_equal(each["mask"], asked["mask"])
        for each in history
    )


def label(each: dict[str, Any]) -> tuple[str, str]:
    """What its button says, and the whole sentence behind it."""
    change = points(-each["drop"])
    return change, (
        f"Return to {each['hidden']:.1%} of {each['image']} hidden ({each['fill']}): "
        f"{each['target']} {change} points"
    )


def thumbnail(picture: NDArray[np.uint8], mask: Mask) -> bytes:
    """A small PNG of the picture with what is hidden in one colour."""
    shown = np.where(mask[:, :, None], np.array(_EDGE, np.uint8), picture)
    image, encoded = Image.fromarray(shown), io.BytesIO()
    image.thumbnail((_THUMBNAIL, _THUMBNAIL))
    image.save(encoded, "PNG")
    return encoded.getvalue()
