"""The maps of another model in a gallery's atlas: under the layers and classes of the first, by which a page looks them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..study import Beside, Row, Work, column, judged_row
from .gallery_atlas import GalleryAtlas, View
from .made_maps import Factors


class AtlasBeside:
    """A gallery's atlas as another model fills it.

    Parameters
    ----------
    atlas
        Where its maps go, beside those of the first model.
    first
        The first model's work.
    other
        The model.
    layers
        Those of the first model that are saved.
    """

    def __init__(
        self, atlas: GalleryAtlas, first: Work, other: Beside, layers: Sequence[str]
    ) -> None:
        self._atlas, self._first, self._other = atlas, first, other
        self._layers: dict[str | None, list[str | None]] = {None: [None]}
        for layer in layers:
            self._layers.setdefault(other.layer(layer), []).append(layer)
        self.layers = [layer for layer in self._layers if layer is not None]
        """Its own layers."""

    def likeliest(self, index: int) -> list[int] | None:
        """Its classes that are held against the likeliest of the first model."""
        found = self._atlas.likeliest(index)
        matched = map(self._other.target, found or [])
        return found and [target for target in matched if target is not None]

    def holds(self, index: int, view: View, target: int) -> bool:
        """Whether a map of it is there, under every layer of the first model that it stands for."""
        method, layer = view
        named = column(method, self._other.name)
        asked = self._other.target_of_first(target)
        return asked is not None and all(
            self._atlas.holds(index, (named, each), asked) for each in self._layers.get(layer, [])
        )

    def views(self, index: int) -> list[View]:
        """Nothing: what is there already is not asked for again."""
        del index
        return []

    def disagreement(self, index: int, one: View, other: View, target: int) -> float | None:
        """Nothing: methods are compared on the first model."""
        del index, one, other, target
        return None

    def add_picture(self, index: int, row: Row, facts: Mapping[str, Any]) -> None:
        """Keep what all models say of a picture; the row and the facts of the other one are not needed."""
        del row, facts
        if index in self._first.findings.verdicts:
            prepared = self._first.exploration.prepared(index)
            self._atlas.renew_row(index, judged_row(self._first, index, prepared))

    def add_map(
        self,
        index: int,
        method: str,
        state: Mapping[str, Any],
        disagreements: Mapping[str, float],
        factors: Factors | None,
    ) -> None:
        """Keep a map, with how far it disagrees with that of the same method of the first model."""
        del disagreements, factors
        asked = self._other.target_of_first(state["target"]["index"])
        if asked is None:
            return
        named = column(method, self._other.name)
        for layer in self._layers.get(state["layer"], []):
            told = self._other.state(state, layer, asked)
            apart = self._other.apart(index, method, layer, asked)
            self._atlas.add_map(index, named, told, {} if apart is None else {method: apart}, None)
