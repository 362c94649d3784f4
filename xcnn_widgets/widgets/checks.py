"""What callers give, checked by what there is; an error names the argument or trait, and the value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traitlets import TraitError

from ..study import Exploration


def checked(name: str, given: Sequence[Any], known: Sequence[Any]) -> list[Any]:
    """A sequence as a list, if all that it holds is known.

    Raises
    ------
    TypeError
        If it is no sequence; a single name is none.
    ValueError
        If it holds something else; the message tells what there is.
    """
    given = listed(name, given)
    for one in given:
        if one not in known or isinstance(one, bool):
            there = (
                f"0 to {len(known) - 1}"
                if isinstance(known, range)
                else ", ".join(map(repr, known)) or "none"
            )
            raise ValueError(f"{name} holds {one!r}; there are {there}")
    return given


def listed(name: str, given: Sequence[Any]) -> list[Any]:
    """A sequence as a list.

    Raises
    ------
    TypeError
        If it is no sequence; a single name is none.
    """
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise TypeError(f"{name} is {given!r}; expected a list, such as [{given!r}]")
    return list(given)


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
