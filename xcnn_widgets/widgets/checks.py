"""Lists that a caller gives, checked by what there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


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
