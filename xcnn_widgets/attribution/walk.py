"""The way back through a recorded graph, walked node by node.

Autograd's engine has every node write its gradient into new memory, and calls hooks of Python's for whatever is
changed on the way. Here nodes that are known well answer in less time (see `steps`) and, where nobody else
reads a gradient, in its own place; all others are autograd's own, called as the engine calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge, Node
from torch.utils.checkpoint import CheckpointError

from ..bounded_cache import tensor_bytes
from .backward_rules import BackwardRule
from .cancelling import Cancelled, is_cancelled
from .graph import nodes_in_order
from .route import Leg, Stop, way_to
from .steps import own_results, step_of

# Shown the gradient at an edge, which it does not keep.
Look = Callable[[Tensor], object]


class _LeftOff(NamedTuple):
    """A way on which somebody stopped.

    Attributes
    ----------
    way
        Which one: where it begins, the rule, and where it ends.
    gradient
        What it began with.
    waiting
        What waits at each place.
    done
        How many of its legs are done.
    """

    way: tuple[object, ...]
    gradient: Tensor
    waiting: list[Tensor | None]
    done: int


@dataclass(eq=False)
class Walk:
    """All that lies behind a node, each stop before those that it passes a gradient on to.

    Attributes
    ----------
    stops
        The nodes.
    indices
        Which stop a node is.
    sizes
        Shape and type of the gradient at each place.
    """

    stops: Sequence[Stop]
    indices: Mapping[Node, int]
    sizes: Sequence[tuple[torch.Size, torch.dtype]]
    _ways: dict[tuple[object, ...], list[Leg]] = field(default_factory=dict)
    # The last one, if that was never taken up.
    _left_off: _LeftOff | None = None

    @classmethod
    def behind(cls, start: Node, weights: Collection[int]) -> Walk | None:
        """The walk from a node on; None if something on the way is better left to the engine.

        Parameters
        ----------
        start
            Where it begins.
        weights
            The identities of the model's weights. What a graph saves is not itself where somebody packs it, and
            is then computed anew each time that it is asked for.
        """
        order = nodes_in_order(start)
        indices = {node: index for index, node in enumerate(order)}
        places: list[int] = []
        sizes: list[tuple[torch.Size, torch.dtype]] = []
        for node in order:
            places.append(len(sizes))
            given = cast("Any", node)._input_metadata
            sizes += [(torch.Size(each.shape), each.dtype) for each in given]
        stops: list[Stop] = []
        for node, place, end in zip(order, places, [*places[1:], len(sizes)], strict=True):
            try:
                is_known, step = step_of(node, weights)
            except CheckpointError:
                return None
            if not is_known:
                return None
            onward = [
                (position, indices[behind], places[indices[behind]] + number)
                for position, (behind, number) in enumerate(node.next_functions)
                if behind is not None
            ]
            stops.append(Stop(node, step, place, end, onward))
        return cls(stops, indices, sizes)

    @property
    def bytes(self) -> int:
        """The bytes of gradients kept for a way that was left off."""
        left = self._left_off
        return (
            0 if left is None else tensor_bytes(each for each in left.waiting if each is not None)
        )

    def reaches(self, edge: GradientEdge) -> bool:
        """Whether an edge is on the way."""
        return edge.node in self.indices

    @torch.no_grad()
    def gradients(
        self,
        start: GradientEdge,
        gradient: Tensor,
        ends: Sequence[GradientEdge],
        *,
        rule: BackwardRule = "plain",
        relus: Collection[Node] = (),
        looks: Sequence[tuple[GradientEdge, Look]] = (),
    ) -> list[Tensor] | None:
        """Go back once, on from where the same way was left off last if it was.

        Parameters
        ----------
        start, gradient
            What arrives at the first node; it is not written into.
        ends
            Where the gradients are asked for.
        rule, relus
            How these nodes, each time the same, pass a gradient back.
        looks
            Who is shown the gradient at an edge, in passing; of a node's first result only.

        Returns
        -------
        list of Tensor, or None
            One for each end; None if something passed no gradient back where one was expected.

        Raises
        ------
        Cancelled
            If the work is cancelled on the way.
        """
        asked = [self._place(end) for end in ends]
        shown = {self._place(edge): look for edge, look in looks if self.reaches(edge)}
        way = self._place(start), rule, *asked
        waiting, done = self._taken_up(way, gradient)
        # A product would follow the types of whoever asks.
        with torch.autocast("cpu", enabled=False):
            for number, leg in enumerate(self._way(asked, rule, relus)[done:], done):
                if is_cancelled():
                    self._left_off = _LeftOff(way, gradient, waiting, number)
                    raise Cancelled("a backward pass was left off")
                if not self._go(leg, waiting, asked, shown):
                    return None
        found = [waiting[place] for place in asked]
        return None if any(each is None for each in found) else cast("list[Tensor]", found)

    def _taken_up(
        self, way: tuple[object, ...], gradient: Tensor
    ) -> tuple[list[Tensor | None], int]:
        """What waits at each place, and how many legs are done."""
        left = self._left_off
        if left is not None and left.way == way and torch.equal(left.gradient, gradient):
            self._left_off = None
            return left.waiting, left.done
        waiting: list[Tensor | None] = [None] * len(self.sizes)
        waiting[cast("int", way[0])] = gradient
        return waiting, 0

    def _go(
        self,
        leg: Leg,
        waiting: list[Tensor | None],
        asked: Collection[int],
        shown: Mapping[int, Look],
    ) -> bool:
        """Pass on what waits; whether there was something everywhere."""
        node, step, place, end, free, sends = leg
        arrived = waiting[place]
        if place in shown and arrived is not None:
            shown[place](arrived)
        if step is None:
            results = own_results(node, waiting[place:end])
        elif arrived is None:
            return False
        else:
            results = (step(arrived, free),)
        # What is asked for stays.
        waiting[place:end] = [waiting[at] if at in asked else None for at in range(place, end)]
        for position, to, into in sends:
            result = results[position]
            if result is None:
                return False
            if step is None:
                result = self._fitting(result, to)
            before = waiting[to]
            if before is None:
                waiting[to] = result
            elif into:
                before.add_(result)
            else:
                waiting[to] = before + result
        return True

    def _place(self, edge: GradientEdge) -> int:
        return self.stops[self.indices[edge.node]].place + edge.output_nr

    def _fitting(self, result: Tensor, place: int) -> Tensor:
        """What was repeated to fit another's shape gets a sum back, and each its own type."""
        shape, dtype = self.sizes[place]
        if result.shape != shape:
            result = result.sum_to_size(shape)
        return result if result.dtype is dtype else result.to(dtype)

    def _way(self, asked: list[int], rule: BackwardRule, relus: Collection[Node]) -> list[Leg]:
        """The stops on the way to some places."""
        key = rule, *asked
        if key not in self._ways:
            self._ways[key] = way_to(
                asked, self.stops, rule, {*relus} if rule != "plain" else set()
            )
        return self._ways[key]
