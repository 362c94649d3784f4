"""Views computed ahead, as a page without a kernel looks them up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from ..methods import method_named
from ..study import Choice, Exploration, Paint, Shown, image_state
from .heads import EveryClass
from .packing import packed, packed_bytes, unpacked

# Of the atlas's layout; a page refuses one that it does not know.
VERSION = 1


class Atlas:
    """Maps by image, method, layer, class and options; the picture and the predictions once an image.

    Parameters
    ----------
    explored
        Gives where pictures and predictions come from; asked each time, for it may be made anew.

    Attributes
    ----------
    every_class
        The part that answers classes of which no view is kept.
    """

    def __init__(self, explored: Callable[[], Exploration]) -> None:
        self._explored = explored
        self._images: dict[int, dict[str, Any]] = {}
        self._entries: dict[tuple[Any, ...], dict[str, Any]] = {}
        self.every_class = EveryClass(explored)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """The bytes of its maps and pictures, and of what answers every class."""
        pictures = (image["picture"] for image in self._images.values())
        return sum(map(packed_bytes, (*self._entries.values(), *pictures))) + self.every_class.bytes

    def holds(self, choice: Choice) -> bool:
        """Whether the view of a choice with a class is there."""
        return choice.question in self._entries

    def get(self, choice: Choice) -> Shown | None:
        """What is shown of a choice; None if it is not there."""
        image = self._images.get(choice.image_index)
        if image is None:
            return None
        likeliest = image["predictions"][0]["index"]
        asked = replace(choice, target=likeliest) if choice.target is None else choice
        entry = self._entries.get(asked.question)
        paint = Paint.on(self._explored(), choice.image_index, choice.painted)
        if entry is None or not paint.suits(choice.method, entry):
            return None
        return _decoded(choice, entry)

    def image(self, index: int) -> dict[str, Any] | None:
        """The ``picture`` and the ``predictions`` of an image, if it has a view of it."""
        return self._images.get(index)

    def add(self, shown: Shown) -> None:
        """Keep what is shown of a choice; without a class, it is kept under the one explained."""
        choice = shown.choice
        self._add_image(choice.image_index)
        named = replace(choice, target=shown.map["target"]["index"])
        self._entries[named.question] = {
            **shown.map,
            **packed(shown.map),
            "options": choice.options(),
            "status": shown.status,
            "note": shown.note,
        }

    def add_every_class(self, index: int, cancelled: Callable[[], bool]) -> str:
        """Keep what answers every class of a picture; returns why not, as `EveryClass.add`."""
        why_not = self.every_class.add(index, cancelled)
        if not why_not:
            self._add_image(index)
        return why_not

    def clear(self) -> None:
        """Forget everything."""
        self._images.clear()
        self._entries.clear()
        self.every_class.clear()

    def _add_image(self, index: int) -> None:
        if index not in self._images:
            self._images[index] = image_state(self._explored(), index)

    def state(self) -> dict[str, Any]:
        """All of it, as it goes to a page."""
        head = self.every_class.state()
        return {
            "version": VERSION,
            "images": list(self._images.values()),
            "entries": list(self._entries.values()),
            **({} if head is None else {"head": head}),
        }


def most_map_bytes(
    method: str,
    layers: Sequence[tuple[int, ...]],
    size: tuple[int, ...],
    style: str | None = None,
) -> int:
    """The most bytes of a method's maps of one class, for grids ``(h, w)`` of layers and an input ``(H, W)``."""
    chosen = method_named(method)
    if chosen.family == "cam":
        return sum(map(prod, layers))
    in_colour = style == "in colour" or (style is None and chosen.uses_relus)
    more = 3 if in_colour else int(style == "positive and negative")
    planes = 1 + (more if chosen.family in ("gradient", "path") else 0)
    return planes * prod(size) * (len(layers) if chosen.uses_layer else 1)


def _decoded(choice: Choice, entry: dict[str, Any]) -> Shown:
    """An entry as it was before it was kept."""
    words = ("encoding", "options", "status", "note")
    grid = {name: value for name, value in entry.items() if name not in words}
    grid |= unpacked(entry)
    return Shown(choice, grid, entry["status"], entry["note"])
