"""Views computed ahead, as a page without a kernel looks them up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..study import Choice, Exploration, Paint, Shown, image_state
from .attributions import Attributions
from .heads import EveryClass
from .made_maps import factors_of, made_entry
from .packing import packed, packed_bytes, unpacked

# Of the atlas's layout; a page refuses one that it does not know. With attributions it is another one; 2 is that
# of several models.
VERSION = 1
VERSION_WITH_ATTRIBUTIONS = 3


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
    attributions
        What a page makes maps from.
    """

    def __init__(self, explored: Callable[[], Exploration]) -> None:
        self._explored = explored
        self._images: dict[int, dict[str, Any]] = {}
        self._entries: dict[tuple[Any, ...], dict[str, Any]] = {}
        self.every_class = EveryClass(explored)
        self.attributions = Attributions()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """The bytes of its maps and pictures, of attributions, and of what answers every class."""
        pictures = (image["picture"] for image in self._images.values())
        views = sum(map(packed_bytes, (*self._entries.values(), *pictures)))
        return views + self.attributions.bytes + self.every_class.bytes

    def holds(self, choice: Choice) -> bool:
        """Whether the view of a choice with a class is there."""
        return choice.question in self._entries

    def get(self, choice: Choice) -> Shown | None:
        """What is shown of a choice; None if it is not there, or only as a page makes it, not quite exact."""
        image = self._images.get(choice.image_index)
        if image is None:
            return None
        likeliest = image["predictions"][0]["index"]
        asked = replace(choice, target=likeliest) if choice.target is None else choice
        entry = self._entries.get(asked.question)
        paint = Paint.on(self._explored(), choice.image_index, choice.painted)
        made = entry is not None and entry["encoding"] == "made"
        if entry is None or made or not paint.suits(choice.method, entry):
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
            **(self._made(shown, named) or {**shown.map, **packed(shown.map)}),
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
        self.attributions.clear()
        self.every_class.clear()

    def _add_image(self, index: int) -> None:
        if index not in self._images:
            self._images[index] = image_state(self._explored(), index)

    def _made(self, shown: Shown, named: Choice) -> dict[str, Any] | None:
        """What is kept of a map that a page makes; None where it does not."""
        index, explored = named.image_index, self._explored()
        factors = shown.explanation and factors_of(
            shown.explanation,
            0,
            shown.map,
            Paint.on(explored, index, named.painted).channels,
            lambda method: explored.explain(replace(named, method=method)),
        )
        if not factors:
            return None
        key = index, factors.method, shown.map["target"]["index"]
        place = self.attributions.place(*key)
        if place is None:
            place = self.attributions.keep(*key, factors.values)
        is_there = replace(named, method="grad_cam").question in self._entries
        return made_entry(shown.map, place, None if is_there else factors.grid)

    def state(self) -> dict[str, Any]:
        """All of it, as it goes to a page."""
        head, attributions = self.every_class.state(), self.attributions.state()
        return {
            "version": VERSION_WITH_ATTRIBUTIONS if attributions else VERSION,
            **({"attributions": attributions} if attributions else {}),
            "images": list(self._images.values()),
            "entries": list(self._entries.values()),
            **({} if head is None else {"head": head}),
        }


def _decoded(choice: Choice, entry: dict[str, Any]) -> Shown:
    """An entry as it was before it was kept."""
    words = ("encoding", "options", "status", "note")
    grid = {name: value for name, value in entry.items() if name not in words}
    grid |= unpacked(entry)
    return Shown(choice, grid, entry["status"], entry["note"])
