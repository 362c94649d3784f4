"""Restless hands: every control of a widget turned at once, from the browser and from code."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from traitlets import TraitError

from xcnn_widgets.widgets.live_view import LiveView

Hand = Callable[[str, Any], None]


def turns(controls: Mapping[str, list[Any]], count: int, seed: int) -> list[tuple[str, Any]]:
    """Any control, to any of its values, and now and then Cancel."""
    chance = random.Random(seed)
    made: list[tuple[str, Any]] = []
    for number in range(count):
        name = chance.choice(list(controls))
        made.append((name, chance.choice(controls[name])))
        if number % 10 == 0:
            made.append(("_cancel", seed * count + number + 1))
    return made


def from_browser(widget: LiveView) -> Hand:
    """Turns a control as a page does, which counts its pages from 0."""

    def turn(name: str, value: Any) -> None:
        widget.set_state({name: value - 1 if name == "page" else value})

    return turn


def from_code(widget: LiveView, allowed: str) -> Hand:
    """Turns a control as a cell does; only errors with these words may come of the other hand."""

    def turn(name: str, value: Any) -> None:
        try:
            setattr(widget, name, value)
        except TraitError as error:
            if allowed not in str(error):
                raise

    return turn
