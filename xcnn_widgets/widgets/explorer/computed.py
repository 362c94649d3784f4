"""A trait whose value is found when it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets


class Computed(traitlets.TraitType[Any, Any]):
    """A trait that is computed when it is read, and cannot be set."""

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        super().__init__(read_only=True)
        self._compute = compute

    def get(self, obj: Any, cls: Any = None) -> Any:  # noqa: ARG002
        """The value of an object."""
        return self._compute(obj)

    def set(self, obj: Any, value: Any) -> None:
        """Keep nothing: traitlets sets again what has changed while notifications were held."""
