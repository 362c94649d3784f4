"""While a model runs: its weights in no graph, its buffers out of reach.

`torch.func.functional_call` would exchange both, but walks the model several times over, which
costs a small network a tenth of its forward pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import TypeVar
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from .graph import Table, parameters_of, undisturbed, version_of
from .parts import ModelParts

_Result = TypeVar("_Result")
_is_leaf = attrgetter("is_leaf")


@contextmanager
def in_no_graph(parts: ModelParts) -> Iterator[None]:
    """While open, no weight of a model takes part in a graph."""
    tracked = [weight for weight in parts.weights if weight.requires_grad]
    # What was computed hangs on a graph of its own; what was made under inference_mode fits in none.
    if parts.has_inference_weights or not all(map(_is_leaf, tracked)):
        with _standing_in([*map(parameters_of, parts.modules)], _out_of_graph):
            yield
        return
    try:
        for weight in tracked:
            weight.requires_grad = False
        yield
    finally:
        with undisturbed():
            for weight in tracked:
                weight.requires_grad = True


def _out_of_graph(weight: Tensor) -> Tensor:
    return weight.clone() if weight.is_inference() else weight.detach()


def with_buffers_kept(parts: ModelParts, call: Callable[[], _Result]) -> _Result:
    """What a call returns that runs a model, whose buffers come back as they were.

    Copies stand in for them, into which it may write. A BatchNorm's statistics are many, and in
    evaluation nobody should write into them: they are only looked at again. If somebody did, they
    get their values back, and the call is made once more with copies of them too.
    """
    norms, others = parts.statistics, parts.buffers
    # What was made under inference_mode fits in no graph.
    if any(map(Tensor.is_inference, _tensors(norms))):
        norms, others = [], norms + others
    with _standing_in(others, Tensor.clone):
        if not norms:
            return call()
        known = _known.get(parts.model)
        if known is None or not known.is_current(norms):
            known = _known[parts.model] = _Statistics(norms)
        if not known.are_written:
            try:
                result = call()
            finally:
                with undisturbed():
                    known.put_back(norms)
            if not known.are_written:
                return result
            del result
        with _standing_in(norms, Tensor.clone):
            return call()


class _Statistics:
    """What the BatchNorms of a model know, copied once for all runs until that changes.

    Attributes
    ----------
    are_written
        Whether a run wrote into them.
    """

    def __init__(self, norms: Sequence[Table]) -> None:
        self.are_written = False
        self._were_compared = False
        self._own = [dict(norm) for norm in norms]
        self._values = [tensor.clone() for tensor in _tensors(norms)]
        self._seen = _seen(norms)

    def is_current(self, norms: Sequence[Table]) -> bool:
        """Whether they are still the same tensors, into which nobody wrote."""
        return self._seen == _seen(norms)

    def put_back(self, norms: Sequence[Table]) -> None:
        """Give them back what they knew, if the run that is over has changed it."""
        if self.is_current(norms) and (self._were_compared or self._are_equal(norms)):
            self._were_compared = True
            return
        self.are_written = True
        for norm, own in zip(norms, self._own, strict=True):
            norm.update(own)
        with torch.no_grad():
            for tensor, value in zip(_tensors(norms), self._values, strict=True):
                tensor.copy_(value)
        self._seen = _seen(norms)

    def _are_equal(self, norms: Sequence[Table]) -> bool:
        """Only the numbers tell of what was written with NumPy or through `.data`; one run is enough for that."""
        return all(map(torch.equal, _tensors(norms), self._values))


_known: WeakKeyDictionary[nn.Module, _Statistics] = WeakKeyDictionary()


def _seen(norms: Sequence[Table]) -> list[int]:
    """Which tensors there are, and how often each was written."""
    tensors = _tensors(norms)
    return [*map(id, tensors), *map(version_of, tensors)]


def _tensors(tables: Sequence[Table]) -> list[Tensor]:
    return [tensor for table in tables for tensor in table.values() if tensor is not None]


@contextmanager
def _standing_in(tables: Sequence[Table], stand_in: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """While open, each tensor of some tables is exchanged; what is shared stays shared."""
    own = [dict(table) for table in tables]
    made: dict[int, Tensor | None] = {id(None): None}
    try:
        with torch.no_grad():
            for table in tables:
                for name, tensor in table.items():
                    if id(tensor) not in made:
                        made[id(tensor)] = stand_in(tensor)
                    table[name] = made[id(tensor)]
        yield
    finally:
        for table, tensors in zip(tables, own, strict=True):
            table.update(tensors)
