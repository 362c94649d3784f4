"""Whom a brush keeps in step with: the widget below which it stands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

# What a brush and its partner follow each other in.
LINKED = ("image_index", "method", "layer", "target")


class Partner(Protocol):
    """A widget that shows the same pictures of the same `Exploration`.

    The brush tells it what is chosen there; it tells the brush by `OcclusionBrush.follow`, and by
    `OcclusionBrush.stand_alone` that it goes.
    """

    @property
    def turn(self) -> Callable[[], AbstractContextManager[None]]:
        """What a thread holds while it sets the traits of either."""

    @property
    def window(self) -> tuple[int, int]:
        """Patch and stride of its occlusion, in pixels."""

    def follow(self, name: str, value: Any, *, by_page: bool) -> None:
        """Take a choice of `LINKED` that was made at the brush.

        Raises
        ------
        TraitError
            If it is refused and code has made it; what a page has chosen never raises.
        """

    def leave_off(self) -> None:
        """Stop working ahead: a stroke needs the model."""

    def settle(self) -> None:
        """Block until it is not at work: the map that the brush wants may be on its way there."""
