"""The picture that a gallery opens with."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, islice

from .exploration import Exploration
from .words import in_words

# How many pictures are tried before it is said that none can be shown.
_TRIES = 12


def first_taken(exploration: Exploration, index: int, take: Callable[[int], None]) -> int:
    """Find a picture, from `index` on and around, that can be read and that the model takes.

    Parameters
    ----------
    take
        Asks the model about a picture, and raises what it raises.

    Raises
    ------
    Exception
        If there is none among the first: what the model raised, or a ValueError that tells why they cannot be read.
    """
    count = len(exploration.pictures)
    if not 0 <= index < count:
        raise ValueError(f"image_index = {index!r}: there are {count} pictures, 0 to {count - 1}")
    unreadable: list[Exception] = []
    refused: list[Exception] = []
    for candidate in islice(chain(range(index, count), range(index)), _TRIES):
        try:
            exploration.prepared(candidate)
        except Exception as error:
            unreadable.append(error)
            continue
        try:
            take(candidate)
        except Exception as error:
            refused.append(error)
        else:
            return candidate
    if refused or count == 1:
        raise [*refused, *unreadable][0]
    raise ValueError(
        f"none of the first {len(unreadable)} of {count} pictures can be read; "
        f"of the first: {in_words(unreadable[0])}"
    ) from unreadable[0]
