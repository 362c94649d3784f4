"""How far two methods disagree on each picture, kept for the pairs that were asked about last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

# Sorting needs a number for each picture; of ten thousand pictures these are those of ten pairs.
_NUMBERS = 100_000


class KeptDisagreements:
    """Numbers by pair and picture; a pair is two methods with their layer and what they explain.

    Parameters
    ----------
    limit
        The most numbers to keep; those of the pair asked about last are always kept.

    Examples
    --------
    >>> kept = KeptDisagreements(2)
    >>> kept.add("one pair", {0: 0.5, 1: 0.25}.items()), kept.add("other pair", {0: 1.0}.items())
    (None, None)
    >>> kept.of("one pair"), kept.of("other pair")
    ({}, {0: 1.0})
    """

    def __init__(self, limit: int = _NUMBERS) -> None:
        self._limit = limit
        self._numbers: OrderedDict[Any, dict[int, float]] = OrderedDict()

    def of(self, pair: Any) -> Mapping[int, float]:
        """What is known of a pair, by picture."""
        return self._numbers.get(pair, {})

    def add(self, pair: Any, numbers: Iterable[tuple[int, float]]) -> None:
        """Keep numbers of a pair."""
        self._numbers.setdefault(pair, {}).update(numbers)
        self._numbers.move_to_end(pair)
        while len(self._numbers) > 1 and sum(map(len, self._numbers.values())) > self._limit:
            self._numbers.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._numbers.clear()
