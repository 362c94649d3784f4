"""A gallery's pictures and maps computed ahead, as a page without a kernel looks them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..study import Row
from .attributions import Attributions
from .made_maps import Factors, made_entry
from .packing import packed, packed_bytes

# Of the layout of what is saved; a page refuses one that it does not know.
VERSION = 1
VERSION_WITH_ATTRIBUTIONS = 2

View = tuple[str, str | None]


class GalleryAtlas:
    """Once a picture what its row tells; maps by picture, method, layer and class."""

    def __init__(self) -> None:
        self._pictures: dict[int, dict[str, Any]] = {}
        self._maps: dict[int, dict[tuple[View, int], dict[str, Any]]] = {}
        self._attributions = Attributions()

    def __len__(self) -> int:
        return sum(map(len, self._maps.values()))

    @property
    def indices(self) -> list[int]:
        """The pictures, in the order given."""
        return sorted(self._pictures)

    @property
    def bytes(self) -> int:
        """The bytes of its maps and pictures."""
        pictures = (saved["row"]["picture"] or b"" for saved in self._pictures.values())
        maps = sum(map(packed_bytes, self._all_maps())) + self._attributions.bytes
        return sum(map(len, pictures)) + maps

    def likeliest(self, index: int) -> list[int] | None:
        """The likeliest classes of a picture; None if it is not there, empty if it could not be explained."""
        saved = self._pictures.get(index)
        return None if saved is None else [found["index"] for found in saved["predictions"]]

    def holds(self, index: int, view: View, target: int) -> bool:
        """Whether the map of a picture, of a method at a layer, and of a class is there."""
        return (view, target) in self._maps.get(index, {})

    def views(self, index: int) -> list[View]:
        """The methods and layers of which a picture has a map."""
        return list(dict.fromkeys(view for view, _ in self._maps.get(index, {})))

    def disagreement(self, index: int, one: View, other: View, target: int) -> float | None:
        """How far the maps of two methods disagree, if it is known."""
        for view, beside in ((one, other), (other, one)):
            saved = self._maps.get(index, {}).get((view, target))
            if saved is not None and beside[0] in saved["disagreements"]:
                return float(saved["disagreements"][beside[0]])
        return None

    def add_picture(self, index: int, row: Row, facts: Mapping[str, Any]) -> None:
        """Keep what is told of a picture.

        Parameters
        ----------
        index
            Its index.
        row
            Its row, without maps.
        facts
            ``label_class``, None where the label is none of the classes, and then ``label_failure``; and, of a picture
            that could be explained, ``predictions``, each with a ``title``, and ``layer_titles``.
        """
        known = self._pictures.get(index, {"layer_titles": {}})
        told = {"predictions": [], **facts}
        titles = {**known["layer_titles"], **told.get("layer_titles", {})}
        self._pictures[index] = {**told, "row": row, "layer_titles": titles}

    def renew_row(self, index: int, row: Row) -> None:
        """Keep another row of a picture, without maps, where more is known of it now."""
        if index in self._pictures:
            self._pictures[index] = {**self._pictures[index], "row": row}

    def add_map(
        self,
        index: int,
        method: str,
        state: Mapping[str, Any],
        disagreements: Mapping[str, float],
        factors: Factors | None,
    ) -> None:
        """Keep a map of a row, with how far it disagrees with those of other methods; `factors` are what a page makes it of."""
        maps = self._maps.setdefault(index, {})
        key = ((method, state["layer"]), state["target"]["index"])
        known = maps.get(key, {"disagreements": {}})
        maps[key] = {
            **self._kept(index, state, factors),
            "image_index": index,
            "method": method,
            "disagreements": {**known["disagreements"], **disagreements},
        }

    def _kept(
        self, index: int, state: Mapping[str, Any], factors: Factors | None
    ) -> Mapping[str, Any]:
        if factors is None:
            return {**state, **packed(state)}
        target = state["target"]["index"]
        place = self._attributions.place(index, factors.method, target)
        if place is None:
            place = self._attributions.keep(index, factors.method, target, factors.values)
        is_there = self.holds(index, ("grad_cam", state["layer"]), target)
        return made_entry(state, place, None if is_there else factors.grid)

    def measure(
        self, index: int, view: View, target: int, numbers: Mapping[str, float | None]
    ) -> None:
        """Keep what metrics say of a map that is there."""
        saved = self._maps.get(index, {}).get((view, target))
        if saved is not None and numbers:
            saved["metrics"] = {**saved.get("metrics", {}), **numbers}

    def holds_row(self, row: Row) -> bool:
        """Whether a row could be made again from what is there."""
        states = (
            (name, state["layer"], state["target"]["index"]) for name, state in row["maps"].items()
        )
        return row["index"] in self._pictures and all(
            self.holds(row["index"], (name, layer), target) for name, layer, target in states
        )

    def clear(self) -> None:
        """Forget everything."""
        self._pictures.clear()
        self._maps.clear()
        self._attributions.clear()

    def state(self) -> dict[str, Any]:
        """All of it, as it goes to a page."""
        attributions = self._attributions.state()
        return {
            "version": VERSION_WITH_ATTRIBUTIONS if attributions else VERSION,
            **({"attributions": attributions} if attributions else {}),
            "images": [self._pictures[index] for index in self.indices],
            "maps": list(self._all_maps()),
        }

    def _all_maps(self) -> Iterator[dict[str, Any]]:
        return (saved for maps in self._maps.values() for saved in maps.values())
