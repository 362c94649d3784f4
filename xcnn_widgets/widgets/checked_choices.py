"""Checks of the choices that the explainer and the brush share; an error names the trait and the value."""

from __future__ import annotations

from typing import Any

from traitlets import TraitError

from ..study.exploration import Exploration


def checked_index(exploration: Exploration, index: Any) -> int:
    """The index of a picture that there is."""
    count = len(exploration.pictures)
    if isinstance(index, bool) or not 0 <= index < count:
        raise TraitError(f"image_index = {index!r}: there are {count} pictures, 0 to {count - 1}")
    return int(index)


def checked_target(exploration: Exploration, target: Any, index: int) -> int | None:
    """The index of a class given by index or name, on a picture; None is the predicted class."""
    if target is None:
        return None
    try:
        return exploration.class_index(target, index)
    except (TypeError, ValueError) as error:
        raise TraitError(f"target = {target!r}: {error}") from error
