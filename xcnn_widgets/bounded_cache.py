"""A cache that forgets what was used longest ago when its bytes run out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

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
        self.limit = limit
        self._size = size
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """The bytes kept now."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Value | None:
        """Return what was kept under a key, or None."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def put(self, key: Key, value: Value) -> None:
        """Keep a value, in place of what was kept under its key."""
        size = self._size(value)
        with self._lock:
            self._forget(key)
            if size > self.limit:
                return
            self._entries[key] = (value, size)
            self._bytes += size
            while self._bytes > self.limit:
                self._forget(next(iter(self._entries)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def _forget(self, key: Key) -> None:
        if key in self._entries:
            self._bytes -= self._entries.pop(key)[1]


def tensor_bytes(tensors: Iterable[Tensor]) -> int:
    """The bytes of the elements of some tensors."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
