"""What a picture is called for good: the same when its data set is looked at again."""

from __future__ import annotations

from collections import Counter

from ..imaging import Pictures


def keys_of(pictures: Pictures) -> list[str]:
    """The key of each picture: its name in a folder or a dict, its path in a list, else its number.

    One that comes again is told apart by how often it has: ``cat.jpg``, ``cat.jpg#2``.
    """
    seen: Counter[str] = Counter()
    keys = []
    for index in range(len(pictures)):
        key = pictures.key(index)
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return keys
