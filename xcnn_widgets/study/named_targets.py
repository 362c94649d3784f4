"""Targets of a person's own, beside the classes: those given in the beginning, and those asked for later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

# From a model's whole output to one scalar a sample.
TargetFunction = Callable[[Any], Tensor]


class NamedTargets:
    """Callables by number, 0 for the first, and by name.

    Parameters
    ----------
    given
        From a name to a callable; these are listed beside the classes, those added later are not.

    Raises
    ------
    TypeError
        If it is something else.
    """

    def __init__(self, given: Mapping[str, TargetFunction] | None) -> None:
        self._functions = _checked(given)
        self.listed = len(self._functions)
        """How many stand beside the classes."""

    def __len__(self) -> int:
        return len(self._functions)

    @property
    def names(self) -> list[str]:
        """The name of each."""
        return [*self._functions]

    @property
    def functions(self) -> list[TargetFunction]:
        """All of them."""
        return [*self._functions.values()]

    def number(self, name: str) -> int | None:
        """The number of the target of a name; None if there is none."""
        return self.names.index(name) if name in self._functions else None

    def add(self, target: TargetFunction, called: str | None = None) -> int:
        """The number of a callable; a new one is added under a name, by default its own."""
        for number, known in enumerate(self._functions.values()):
            if known is target or known == target:
                return number
        name = given = called or target_name(target)
        times = 1
        while name in self._functions:
            times += 1
            name = f"{given} ({times})"
        self._functions[name] = target
        return len(self._functions) - 1


def target_name(target: TargetFunction) -> str:
    """What a callable is called, where nobody says so."""
    name = getattr(target, "__name__", None) or str(target)
    return "target" if name == "<lambda>" else name


def _checked(targets: Mapping[str, TargetFunction] | None) -> dict[str, TargetFunction]:
    if targets is None:
        return {}
    if not isinstance(targets, Mapping):
        raise TypeError(
            f"targets is a {type(targets).__name__}; expected a dict from a name to a callable from "
            "the model's output to one scalar a sample"
        )
    for name, target in targets.items():
        if not isinstance(name, str) or not callable(target):
            raise TypeError(
                f"targets[{name!r}] is a {type(target).__name__}; expected names and callables from "
                "the model's output to one scalar a sample"
            )
    return dict(targets)
