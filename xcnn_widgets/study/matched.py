"""What of one model is what of another: their layers, and their classes and targets."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from ..network import Contrast, contrast
from .answers import Answers


def matched_layer(layer: str | None, here: Sequence[str], there: Sequence[str]) -> str | None:
    """The layer of another model that is held against a layer.

    Parameters
    ----------
    layer
        One of those offered `here`.
    here, there
        The layers that the two models offer, in the order of their forward passes.

    Returns
    -------
    str or None
        The one of the same name; without one, that at the same share of the way from the first
        offered to the last. None if nothing is offered there, or no layer is given.

    Examples
    --------
    >>> matched_layer("b", ["a", "b", "c"], ["x", "b"]), matched_layer("b", ["a", "b", "c"], ["x", "y", "z"])
    ('b', 'y')
    """
    if layer is None or layer in there or not there:
        return layer if layer in there else None
    share = here.index(layer) / (len(here) - 1) if layer in here[:-1] else 1.0
    # Rounded as the browser does it.
    return there[floor(share * (len(there) - 1) + 0.5)]


def matched_class(index: int, here: Answers, there: Answers) -> int | None:
    """The index that another model gives a class or listed target: by name, else by index.

    Parameters
    ----------
    index
        Of a class or listed target of the model `here`.
    here, there
        What the two models answer with; both are settled.

    Returns
    -------
    int or None
        None if the other has no such class.
    """
    if index >= here.class_count:
        number = there.targets.number(here.name(index))
        return None if number is None else there.class_count + number
    is_named = bool(len(here.class_names) and len(there.class_names))
    if is_named and there.class_names.by_index.get(index) != here.name(index):
        try:
            index = there.class_names.index(here.name(index))
        except ValueError:
            return None
    return index if index < there.class_count else None


def matched_target(index: int, here: Answers, there: Answers) -> int | None:
    """As `matched_class`; a pixel, or one class rather than another, is asked of the other model as well."""
    found = matched_class(index, here, there)
    if found is not None or index < here.class_count:
        return found
    asked = here.asked(index)
    assert callable(asked)
    if isinstance(asked, Contrast):
        a, b = (matched_class(each, here, there) for each in (asked.a, asked.b))
        if a is None or b is None:
            return None
        asked = contrast(a, b, asked.weight)
    return there.class_count + there.targets.add(asked, here.name(index))
