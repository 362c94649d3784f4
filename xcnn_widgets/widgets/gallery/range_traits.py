"""Filters of a gallery that figures set: ranges of numbers, and groups of pictures with like maps."""

from __future__ import annotations

from math import isfinite
from numbers import Real
from typing import Any, TypedDict

import traitlets

from ...study import Range


class Ranges(TypedDict):
    """These filters as a `Selection` has them."""

    show_value: Range | None
    show_disagreement: Range | None
    show_group: int | None


class RangeTraits(traitlets.HasTraits):
    """Which range of probabilities and of disagreement is shown, and which group."""

    show_value: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """Only pictures of whose predicted class the model says a probability (or value, where its numbers are none) from the
    first number on, up to and without the second: ``[0.9, 0.95]``, ``[0.95, None]`` without an upper end."""

    show_disagreement: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """Only pictures on which the first two methods disagree by so much, 0 to 2; of several models those of the first one.
    Needs all pictures that pass the other filters explained."""

    show_group: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """Only pictures of this group, counted from 0; needs a gallery of results whose pictures were grouped."""

    _groups = traitlets.Dict().tag(sync=True)
    """The ``method`` by whose maps pictures were grouped, and of each of the ``groups`` a ``name``, its ``size``, how many
    of it are ``wrong`` (None without labels) and its mean ``map``: ``data``, ``shape``, ``range``."""

    def ranges(self) -> Ranges:
        """These filters, for a `Selection`."""
        value, apart = self.show_value, self.show_disagreement
        return {
            "show_value": None if value is None else (value[0], value[1]),
            "show_disagreement": None if apart is None else (apart[0], apart[1]),
            "show_group": self.show_group,
        }


def checked_range(value: Any) -> list[float | None] | None:
    """A range as it is kept and sent.

    Raises
    ------
    TypeError, ValueError
        If it is none.
    """
    if value is None:
        return None
    expected = "expected two numbers, from the first on and below the second, or None"
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise TypeError(expected)
    low, high = value
    if not all(_is_number(end) for end in (low, *([] if high is None else [high]))):
        raise TypeError(f"{expected}; without an upper end the second is None")
    if high is None:
        return [float(low), None]
    if not low < high:
        raise ValueError(f"{expected}; no number is from {low} on and below {high}")
    return [float(low), float(high)]


def checked_group(value: Any, count: int) -> int | None:
    """A group as it is kept and sent.

    Raises
    ------
    ValueError
        If there is no such group, or none at all.
    """
    if value is None:
        return None
    if count == 0:
        raise ValueError(
            "the pictures have no groups; explain a data set, cluster its results and open them: "
            "GalleryWidget.open(results)"
        )
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
        raise ValueError(f"expected 0 to {count - 1}, or None")
    return value


def _is_number(end: Any) -> bool:
    return isinstance(end, Real) and not isinstance(end, bool) and isfinite(end)
