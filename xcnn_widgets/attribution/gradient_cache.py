"""Gradients that were computed before, or came free with others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping

from torch import Tensor

from .recording import Place


class GradientCache:
    """Gradients by question; those asked for longest ago go first when they outgrow their bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[Hashable, dict[Place, Tensor]] = OrderedDict()

    @property
    def bytes(self) -> int:
        """The bytes kept now."""
        return sum(size(found) for entry in self._entries.values() for found in entry.values())

    def get(self, question: Hashable) -> Mapping[Place, Tensor]:
        """What is known of a question, by place."""
        if question not in self._entries:
            return {}
        self._entries.move_to_end(question)
        return self._entries[question]

    def add(self, question: Hashable, gradients: Mapping[Place, Tensor]) -> None:
        """Keep more answers to a question."""
        self._entries[question] = {**self._entries.pop(question, {}), **gradients}
        while self.bytes > self._limit:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()


def size(tensor: Tensor) -> int:
    """The bytes of a tensor's elements."""
    return tensor.numel() * tensor.element_size()
