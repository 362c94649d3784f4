"""A cache that forgets what was used longest ago when its bytes run out: cachetools', for several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from cachetools import LRUCache
from torch import Tensor

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """Keeps values up to a number of bytes; safe to use from several threads.

    Parameters
    ----------
    limit
        The most bytes to keep. A value that is larger by itself is not kept, and pushes nothing out.
    size
        From a value to its bytes.

    Examples
    --------
    >>> cache = BoundedCache(5, len)
    >>> cache.put("a", "12"), cache.put("b", "345"), cache.get("a"), cache.put("c", "6"), cache.get("b")
    (None, None, '12', None, None)
    """

    def __init__(self, limit: int, size: Callable[[Value], int]) -> None:
        self._size = size
        self._kept: LRUCache[Key, Value] = LRUCache(limit, getsizeof=size)
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """The bytes kept now."""
        return int(self._kept.currsize)

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Value | None:
        """Return what was kept under a key, or None."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Keep a value, in place of what was kept under its key."""
        with self._lock:
            self._kept.pop(key, None)
            # cachetools raises an error for a value that is too large.
            if self._size(value) <= self._kept.maxsize:
                self._kept[key] = value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


def tensor_bytes(tensors: Iterable[Tensor]) -> int:
    """The bytes of the elements of some tensors."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
