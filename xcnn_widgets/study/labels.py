"""The true labels of a gallery's pictures."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

from ..imaging import ClassNames, Pictures

Label = int | str | None


class Labels:
    """Looks up each label once, and finds the class that it names.

    Parameters
    ----------
    pictures
        Where labels come from if none are given.
    class_names
        To find the class of a name.
    given
        One label for each picture, or a dict from the pictures' names; None takes those that come with the pictures.

    Raises
    ------
    TypeError, ValueError
        If `given` is neither, or has another length.
    """

    def __init__(self, pictures: Pictures, class_names: ClassNames, given: Any) -> None:
        self._pictures = pictures
        self._class_names = class_names
        self.given = _checked(given, len(pictures))
        """One label for each picture, or by the pictures' names; None for those that come with the pictures."""
        self.class_count: int | None = None
        """How many classes the model has, once that is known; a larger number is no class."""
        # A Dataset has to open a picture for its label, and need not give the same one twice.
        self._found: dict[int, Label] = {}

    def of(self, index: int) -> Label:
        """The true class of a picture: its index if it has one, else the label as it was given, or None."""
        if index not in self._found:
            self._found[index] = self._as_class(self._raw(index))
        return self._found[index]

    def hear(self, index: int, label: Any) -> None:
        """Take the label that came with a picture which somebody else has read; one that was given stands."""
        if self.given is None:
            self._found[index] = self._as_class(label)

    def forget(self) -> None:
        """Forget what was looked up; it can be looked up again."""
        self._found.clear()

    def are_known(self, index: int) -> bool:
        """Whether there are labels, by those given or by one picture."""
        return self.given is not None or self.of(index) is not None

    def _raw(self, index: int) -> Any:
        if self.given is None:
            return self._pictures.label(index)
        if isinstance(self.given, Mapping):
            return self.given.get(self._pictures.name(index))
        return self.given[index]

    def _as_class(self, label: Any) -> Label:
        # NaN, which pandas writes where there is nothing, is the one value that differs from itself.
        if label is None or (isinstance(label, float) and label != label):  # noqa: PLR0124
            return None
        try:
            number = self._class_names.index(label) if isinstance(label, str) else _whole(label)
        except (TypeError, ValueError):
            return str(label)
        is_class = number >= 0 and (self.class_count is None or number < self.class_count)
        return number if is_class else str(label)


def _whole(label: Any) -> int:
    return int(label) if isinstance(label, float) and label.is_integer() else operator.index(label)


def _checked(labels: Any, count: int) -> Sequence[Any] | Mapping[str, Any] | None:
    if labels is None:
        return None
    if isinstance(labels, Mapping):
        return {str(name): label for name, label in labels.items()}
    if hasattr(labels, "tolist"):
        labels = labels.tolist()
    if isinstance(labels, str | bytes) or not isinstance(labels, Sequence):
        raise TypeError(
            f"labels is a {type(labels).__name__}; expected one label for each picture, or a dict from names to labels"
        )
    if len(labels) != count:
        raise ValueError(
            f"{len(labels)} labels for {count} pictures; give one for each, or a dict from names to labels"
        )
    return labels
