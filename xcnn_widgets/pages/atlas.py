"""Views computed ahead, as a page without a kernel looks them up."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..methods.explanation import Explanation
from ..methods.table import METHODS
from ..study.choice import Choice
from ..study.exploration import Exploration
from ..study.wire import map_state, picture_state, prediction_state, sentence

# Of the atlas's layout; a page refuses one that it does not know.
VERSION = 1


class Atlas:
    """Maps by image, method, layer, class and options; the picture and the predictions once an image.

    Parameters
    ----------
    exploration
        Where pictures, names and answers come from.
    """

    def __init__(self, exploration: Exploration) -> None:
        self._exploration = exploration
        self._images: dict[int, dict[str, Any]] = {}
        self._entries: dict[tuple[Any, ...], dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """The bytes of its maps and pictures."""
        pictures = (image["picture"] for image in self._images.values())
        return sum(len(part["data"]) for part in (*self._entries.values(), *pictures))

    def holds(self, choice: Choice) -> bool:
        """Whether the view of a choice with a class is there."""
        return choice.question in self._entries

    def get(self, choice: Choice) -> dict[str, Any] | None:
        """The view of a choice, as its map's state with ``status`` and ``note``; None if it is not there."""
        image = self._images.get(choice.image_index)
        if image is not None and choice.target is None:
            choice = replace(choice, target=image["predictions"][0]["index"])
        entry = self._entries.get(choice.question)
        return None if entry is None else _decoded(entry)

    def image(self, index: int) -> dict[str, Any]:
        """The ``picture`` and the ``predictions`` of an image of which it has a view."""
        return self._images[index]

    def add(self, choice: Choice, explanation: Explanation) -> None:
        """Keep the answer to a choice; without a class, it is kept under the one explained."""
        index, exploration = choice.image_index, self._exploration
        prepared, name = exploration.prepared(index), exploration.pictures.name(index)
        explained = exploration.explained(explanation)
        if index not in self._images:
            self._images[index] = {
                "picture": picture_state(prepared, index, name),
                "predictions": [prediction_state(p) for p in exploration.predictions(index)],
            }
        shown = map_state(explanation, index, explained)
        self._entries[replace(choice, target=explained.index).question] = {
            **shown,
            **encoded(shown["data"]),
            "options": choice.options(),
            "status": sentence(explanation, explained, name),
            "note": " ".join(filter(None, [explanation.note, prepared.note])),
        }

    def state(self) -> dict[str, Any]:
        """All of it, as it goes to a page."""
        return {
            "version": VERSION,
            "images": list(self._images.values()),
            "entries": list(self._entries.values()),
        }


def most_map_bytes(method: str, layers: Sequence[tuple[int, int]], size: tuple[int, int]) -> int:
    """The most bytes of a method's maps of one class, for grids ``(h, w)`` of layers and an input ``(H, W)``."""
    if METHODS[method].family == "cam":
        return sum(height * width for height, width in layers)
    return size[0] * size[1] * (len(layers) if METHODS[method].uses_layer else 1)


def bytes_in_words(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def encoded(data: bytes) -> dict[str, Any]:
    """Grey levels deflated where that makes them smaller; a browser can inflate by itself."""
    packer = zlib.compressobj(9, strategy=zlib.Z_FILTERED)
    packed = packer.compress(data) + packer.flush()
    if len(packed) < len(data):
        return {"data": packed, "encoding": "deflate"}
    return {"data": data, "encoding": "raw"}


def _decoded(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry as a widget shows it: its grey levels as they were."""
    left = {name: value for name, value in entry.items() if name not in ("encoding", "options")}
    if entry["encoding"] == "deflate":
        left["data"] = zlib.decompress(entry["data"])
    return left
