"""What callers give, checked by what there is; an error names the argument or trait, and the value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traitlets import TraitError

from ..imaging import input_shape
from ..network import Activation
from ..study import Exploration, target_name

# How a model is asked, by the arguments of `Exploration` that each widget hands on.
MODEL_OPTIONS = (
    "activation",
    "additional_forward_args",
    "device",
    "output",
    "reshape",
    "targets",
    "transform",
)


def model_options(given: dict[str, Any]) -> dict[str, Any]:
    """Take from keyword arguments those that say how a model is asked.

    ``display`` is among them where it says how inputs are shown; a word is a look of the widget. A callable
    ``target`` becomes one of the ``targets``.
    """
    found = {name: given.pop(name) for name in MODEL_OPTIONS if name in given}
    if not isinstance(given.get("display", ""), str):
        found["display"] = given.pop("display")
    target = given.get("target")
    if callable(target):
        # It is listed beside the classes, and may be all that is known of the model's output.
        name = target_name(target)
        found["targets"] = {**(found.get("targets") or {}), name: target}
        given["target"] = name
    return found


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


def checked_bytes(name: str, given: Any) -> int:
    """A number of bytes, 0 or more.

    Raises
    ------
    ValueError
        If it is none.
    """
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise ValueError(f"{name} is {given!r}; expected a number of bytes, 0 or more")
    return given


def require_pictures(exploration: Exploration, widget: str) -> None:
    """Refuse a model of signals or volumes.

    Raises
    ------
    ValueError
        If it does not take pictures; the message says what shows its inputs.
    """
    if exploration.dimensions == 2:
        return
    index, _ = exploration.first_readable(0)
    shape = tuple(exploration.prepared(index).input.shape)
    raise ValueError(
        f"{widget} shows pictures (C, H, W), but the model takes inputs {input_shape(exploration.dimensions)}, "
        f"here {shape}; use ExplainerWidget, which shows {_SHOWN_AS[exploration.dimensions]}, or explain(model, "
        "inputs, method)"
    )


_SHOWN_AS = {1: "a signal as a line", 3: "a volume slice by slice"}


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


def checked_activation(exploration: Exploration, activation: Any, index: int) -> Activation:
    """Let scores be read in a way; None finds out how. Returns the way in which they are read now."""
    reading = exploration.answers_on(index).reading
    if activation != reading.activation:
        try:
            exploration.answers.say(activation)
        except ValueError as error:
            raise TraitError(str(error)) from error
    return exploration.answers_on(index).reading.activation
