"""What is asked of every picture of a data set, as it stands beside the results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

MapType = Literal["uint8", "float16"]
MAP_TYPES: tuple[MapType, ...] = ("uint8", "float16")

# Of what is written: a reader knows its own version and those before it.
FORMAT = 1


@dataclass(frozen=True)
class Question:
    """What is asked of every picture; two runs go into one folder only if theirs are equal.

    Attributes
    ----------
    model
        What kind of model it is.
    fingerprint
        Of its weights; see `model_fingerprint`.
    methods
        Names of the methods that are asked, in their order.
    layer
        The layer of those that use one; None where none does.
    target
        ``predicted``, ``label`` or the index of a class.
    metrics
        What is measured of each map.
    activation
        How scores are read: ``softmax``, ``sigmoid`` or ``none``.
    said
        What people read for a class: a ``probability``, or a ``value``.
    class_names
        By index; of a model without names the numbers.
    transform
        How it writes itself.
    maps
        How a map is kept: ``uint8`` between its least and its greatest value, or ``float16`` as it is.
    logits
        Whether the model's scores are kept too.
    thumbnail
        The longer side of a picture's thumbnail, in pixels.
    has_winner
        Whether one class of each picture holds.
    """

    model: str
    fingerprint: str
    methods: tuple[str, ...]
    layer: str | None
    target: int | str
    metrics: tuple[str, ...]
    activation: str
    said: str
    class_names: tuple[str, ...]
    transform: str
    maps: MapType = "uint8"
    logits: bool = False
    thumbnail: int = 160
    has_winner: bool = True

    @classmethod
    def from_json(cls, text: str) -> Question:
        """What was written with `to_json`.

        Raises
        ------
        ValueError
            If a later version has written it.
        """
        told: dict[str, Any] = json.loads(text)
        if told["format"] > FORMAT:
            raise ValueError(
                f"these results have format {told['format']}, and this version of xcnn-widgets reads up to {FORMAT}; "
                "pip install --upgrade xcnn-widgets"
            )
        names = {field.name for field in fields(cls)}
        asked = {name: value for name, value in told["asked"].items() if name in names}
        lists = ("methods", "metrics", "class_names")
        return cls(**(asked | {name: tuple(asked[name]) for name in lists}))

    def to_json(self, made_by: Mapping[str, str]) -> str:
        """The question, with the versions of what answers it."""
        told = {"format": FORMAT, "made_by": dict(made_by), "asked": asdict(self)}
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"

    def differences(self, other: Question) -> list[str]:
        """In what another question differs, a line each."""
        return [
            f"{field.name}: {_short(before)} there, {_short(after)} now"
            for field in fields(self)
            if (before := getattr(self, field.name)) != (after := getattr(other, field.name))
        ]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
