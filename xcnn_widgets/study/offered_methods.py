"""Which methods are offered for a model: those asked for, or those usual ones that it allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..methods import METHODS, OFFERED, Method, method_named
from ..network import Limits


class OfferedMethods:
    """The methods to choose from.

    Parameters
    ----------
    methods
        Names, or methods made of other people's code; None for the usual ones that the model allows.
    also
        More, where `methods` is None.

    Raises
    ------
    ValueError
        If there is no such method, or the list is empty.
    """

    def __init__(
        self, methods: Sequence[str | Method] | None, also: Sequence[str | Method] = ()
    ) -> None:
        if methods is not None and not methods:
            raise ValueError(f"methods is empty; choose from {', '.join(map(repr, METHODS))}")
        self._asked = None if methods is None else [method_named(each) for each in methods]
        self._also = [method_named(each) for each in also]

    def of(self, layers: Sequence[str], limits: Callable[[], Limits]) -> list[Method]:
        """Those for a model with some layers and limits, the first of them to begin with.

        Without a layer to explain those that need none, where ReLUs are hidden those that change none, and without
        a gradient those that hide parts of the input.
        """
        if self._asked is not None:
            return self._asked
        there = limits()
        allowed = [
            method
            for method in map(method_named, OFFERED)
            if (layers or not method.uses_layer)
            and (there.relus or not method.uses_relus)
            and (there.gradients or not method.uses_gradient)
        ]
        if not any(method.uses_layer for method in allowed):
            # Without a CAM the plain gradient comes first, which changes nothing in the model.
            allowed.sort(key=lambda method: method.name != "saliency")
        return [*allowed, *(method for method in self._also if method not in allowed)]
