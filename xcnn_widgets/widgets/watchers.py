"""Whose code follows when traits change: ours, or somebody else's."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from collections.abc import Set as AbstractSet
from typing import Any

import traitlets
from traitlets import parse_notifier_name

_PACKAGE = __name__.partition(".")[0]


class Watchers:
    """The handlers of somebody else that observe a widget now, by the trait that they observe."""

    def __init__(self) -> None:
        # traitlets keeps a handler once for each name and type, however often it observes.
        self._handlers: dict[Hashable, list[tuple[Any, Any]]] = {}

    def add(self, handler: Any, names: Any, kind: Any) -> None:
        """Remember what observes from now on; of our own code it is known what follows."""
        names = parse_notifier_name(names)
        # ipywidgets itself wants to know when the comm changes.
        if _is_ours(handler) or [*names] == ["comm"]:
            return
        for name in names:
            known = self._handlers.setdefault(name, [])
            if (handler, kind) not in known:
                known.append((handler, kind))

    def remove(self, handler: Any, names: Any, kind: Any) -> None:
        """Forget what observes no longer; without a handler, all of that kind."""
        for name in parse_notifier_name(names):
            known = self._handlers.get(name, [])
            known[:] = [
                (other, its) for other, its in known if its != kind or handler not in (None, other)
            ]

    def clear(self, name: Any = traitlets.All) -> None:
        """Forget whatever observes a trait, or any."""
        if name is traitlets.All:
            self._handlers.clear()
        else:
            self._handlers.pop(name, None)

    def of(self, names: Iterable[str]) -> bool:
        """Whether anything observes one of these traits, or all traits."""
        return any(self._handlers.get(name) for name in (traitlets.All, *names))

    def follow(self, sent: AbstractSet[str], looks: AbstractSet[str]) -> bool:
        """Whether anything follows when a page sends some traits: looks change themselves, others all but looks."""
        if sent <= looks:
            return self.of(sent)
        untouched = looks - sent
        return any(found for name, found in self._handlers.items() if name not in untouched)


def _is_ours(handler: Any) -> bool:
    return str(getattr(handler, "__module__", "")).startswith(f"{_PACKAGE}.")
