"""Class index <-> class name."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

Names = Sequence[str] | Mapping[int, str]
"""By position, or by index."""


class ClassNames:
    """The names of a model's classes.

    Parameters
    ----------
    names
        A sequence (the position is the index) or a mapping from index to name, which may have gaps.
        None: no names are known. A class without a name is called ``class 17``.

    Raises
    ------
    TypeError
        If a name is no string, an index no integer, or ``names`` something else.

    Examples
    --------
    >>> names = ClassNames(["tabby", "tiger cat"])
    >>> names.name(1), names.index("Tabby"), names.name(17)
    ('tiger cat', 0, 'class 17')
    """

    def __init__(self, names: Names | None = None) -> None:
        self._names = _by_index(names)
        self._indices: dict[str, list[int]] = {}
        for index, name in self._names.items():
            self._indices.setdefault(name, []).append(index)

    def forget(self) -> None:
        """Know no names from now on: those that a model says may turn out to be of other classes."""
        self._names, self._indices = {}, {}

    def __len__(self) -> int:
        """One more than the highest index that has a name."""
        return max(self._names, default=-1) + 1

    def __repr__(self) -> str:
        return f"ClassNames({len(self._names)} names)"

    @property
    def by_index(self) -> Mapping[int, str]:
        """The known names: from class index to name."""
        return MappingProxyType(self._names)

    def name(self, index: int) -> str:
        """Return the name of a class, or ``class 17`` if it has none.

        Raises
        ------
        ValueError
            If the index is negative.
        """
        number = operator.index(index)
        if number < 0:
            raise ValueError(f"class index {number} is negative; classes are counted from 0")
        return self._names.get(number, f"class {number}")

    def index(self, name: str, likeliest: Sequence[int] = ()) -> int:
        """Return the index of a class, found by its exact name or else without regard to case.

        Parameters
        ----------
        name
            The class's name.
        likeliest
            Which classes to name first, of those that fit an unknown name equally well.

        Raises
        ------
        ValueError
            If no class, or more than one, has this name; it names those that are likely meant.
        """
        found = self._indices.get(name) or [
            index for index, known in self._names.items() if known.casefold() == name.casefold()
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(
                f"{len(found)} classes are named '{name}': "
                f"{', '.join(map(str, sorted(found)))}; give the index"
            )
        number = name.removeprefix("class ")
        if number.isdecimal() and self.name(int(number)) == name:
            return int(number)
        raise ValueError(f"there is no class '{name}'; {self._way_out(name, likeliest)}")

    def matches(
        self, text: str, limit: int | None = None, likeliest: Sequence[int] = ()
    ) -> list[int]:
        """Return the classes whose names contain all words of a text, whatever their case.

        Whole words come first, then beginnings of words, then other parts; of equals the likeliest, then in the
        order of their indices. The search boxes on pages follow the same rule.

        Parameters
        ----------
        text
            What to look for; the empty text is in every name.
        limit
            How many to return at most. Default: all.
        likeliest
            Classes that come before their equals, the likeliest first.
        """
        words, last = text.lower().split(), len(likeliest)
        order = {index: place for place, index in reversed([*enumerate(likeliest)])}
        found = [(_fit(words, name.lower()), index) for index, name in self._names.items()]
        ranked = sorted(
            (fit, order.get(index, last), index) for fit, index in found if fit is not None
        )
        return [index for *_, index in ranked][:limit]

    def as_list(self, count: int | None = None) -> list[str]:
        """Return the first ``count`` names; by default up to the last class that has one."""
        return [self.name(index) for index in range(len(self) if count is None else count)]

    def _way_out(self, name: str, likeliest: Sequence[int]) -> str:
        if not self._names:
            return "no class names are known: give the index, or pass class_names"
        found = self.matches(name, 3, likeliest) if name.strip() else []
        close = [self._names[index] for index in found]
        if not close:
            folded = {known.casefold(): known for known in self._names.values()}
            alike = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
            close = [folded[match] for match in alike]
        if close:
            return "did you mean " + " or ".join(f"'{match}'" for match in close) + "?"
        examples = ", ".join(f"'{known}'" for known in list(self._names.values())[:3])
        return f"the model has {len(self._names)} named classes, such as {examples}"


def _fit(words: Sequence[str], name: str) -> int | None:
    """How the worst of some words fits a name: 0 as a word, 1 as the beginning of one, 2 as a part; None for not at all."""
    worst = 0
    for word in words:
        part = re.escape(word)
        for fit, pattern in enumerate((rf"(?<!\w){part}(?!\w)", rf"(?<!\w){part}", part)):
            if re.search(pattern, name):
                worst = max(worst, fit)
                break
        else:
            return None
    return worst


def _by_index(names: Names | None) -> dict[int, str]:
    if names is None:
        return {}
    if isinstance(names, str | bytes) or not isinstance(names, Mapping | Sequence):
        raise TypeError(
            f"class names {names!r:.80} is a {type(names).__name__}; "
            "expected a list of names, a dict from index to name, or None"
        )
    pairs = names.items() if isinstance(names, Mapping) else enumerate(names)
    by_index = {}
    for index, name in pairs:
        if not hasattr(index, "__index__") or isinstance(index, bool):
            turned = isinstance(index, str) and hasattr(name, "__index__")
            way_out = (
                "turn it round: {i: name for name, i in class_names.items()}"
                if turned
                else "use int keys"
            )
            raise TypeError(
                f"class names map {index!r} to {name!r}; expected index to name: {way_out}"
            )
        if not isinstance(name, str):
            raise TypeError(
                f"class {index} is named {name!r}, a {type(name).__name__}; expected a str"
            )
        if (number := operator.index(index)) < 0:
            raise ValueError(f"class names name class {number}; classes are counted from 0")
        by_index[number] = name
    return by_index
