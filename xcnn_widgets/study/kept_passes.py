"""The recorded passes of the pictures looked at last, as many as their bytes allow."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from ..passes import ForwardPass
from .batch_size import graph_bytes

GRAPH_BYTES = 512 * 2**20

# People go back to what they have just seen, seldom further.
_PICTURES = 4
# A pass also keeps gradients for questions asked again; these may take this share of the limit.
_GRADIENTS = 0.25


class KeptPasses:
    """Records the pass of a picture when it is first asked for, and keeps those of the last few pictures.

    Parameters
    ----------
    limit
        The most bytes to keep, graphs, activations and gradients together. A pass that is larger by itself serves
        its question and is let go of.
    record
        From a picture's index and the bytes of gradients that its pass may keep, to that pass.
    """

    def __init__(self, limit: int, record: Callable[[int, int], ForwardPass]) -> None:
        self._limit = limit
        self._record = record
        self._passes: OrderedDict[int, ForwardPass] = OrderedDict()
        self._graphs: dict[int, tuple[tuple[str, ...], int]] = {}
        # Two threads that ask for one picture run it once.
        self._lock = threading.RLock()
        self._closed = False

    @property
    def bytes(self) -> int:
        """The bytes kept now."""
        with self._lock:
            return sum(self._size(index) for index in self._passes)

    @property
    def has_room(self) -> bool:
        """Whether one more pass, of the size of the last, can be kept beside it."""
        with self._lock:
            last = self._size(next(reversed(self._passes))) if self._passes else 0
            return not self._closed and 2 * last <= self._limit

    def __len__(self) -> int:
        return len(self._passes)

    def get(self, index: int) -> ForwardPass | None:
        """The pass of a picture, if it is kept."""
        return self._passes.get(index)

    def obtain(self, index: int) -> ForwardPass:
        """The pass of a picture, recorded if it is not kept."""
        with self._lock:
            found = self._passes.get(index)
            if found is None:
                self._make_room()
                found = self._record(index, int(self._limit * _GRADIENTS))
                if not self._closed:
                    self._passes[index] = found
            else:
                self._passes.move_to_end(index)
            return found

    def trim(self) -> None:
        """Let go of what is over the limit, first of what was looked at longest ago; to be called after an answer."""
        with self._lock:
            held = self.bytes
            while self._passes and held > self._limit:
                held -= self._forget_oldest()

    def forget(self) -> None:
        """Let go of everything; what is asked for next is recorded again."""
        with self._lock:
            while self._passes:
                self._forget_oldest()

    def close(self) -> None:
        """Let go of everything, and keep nothing from now on."""
        with self._lock:
            self._closed = True
            for forward in self._passes.values():
                forward.close()
            self._passes.clear()
            self._graphs.clear()

    def _make_room(self) -> None:
        """Let go of enough for one more pass of the size of the last, before it is recorded."""
        expected = self._size(next(reversed(self._passes))) if self._passes else 0
        held = self.bytes
        while self._passes and (len(self._passes) >= _PICTURES or held + expected > self._limit):
            held -= self._forget_oldest()

    def _forget_oldest(self) -> int:
        index = next(iter(self._passes))
        size = self._size(index)
        # Another thread may be at work on it, so it is not closed.
        del self._passes[index]
        self._graphs.pop(index, None)
        return size

    def _size(self, index: int) -> int:
        """A pass's bytes; its graph is measured anew when it was recorded anew, for one more layer."""
        forward = self._passes[index]
        layers, graph = self._graphs.get(index, (None, 0))
        if layers != forward.layers:
            graph = saved_bytes(forward)
            self._graphs[index] = forward.layers, graph
        return graph + forward.bytes


def saved_bytes(forward: ForwardPass) -> int:
    """The bytes that the graph of a recorded pass keeps for backward passes, weights not counted."""
    known = forward.graph_bytes
    # Before torch 2.7 only recording it again tells.
    return graph_bytes(forward.model, forward.inputs) if known is None else known
