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

from .backward_rules import BackwardRule
from .graph import nodes_in_order
from .steps import Step, obeying_step, own_results, pass_on, step_of

# Shown the gradient at an edge, which it does not keep.
Look = Callable[[Tensor], object]


class _Stop(NamedTuple):
    """A node on the way.

    Attributes
    ----------
    node
        Autograd's.
    step
        What it does with the gradient that it is given; None for its own doing.
    place, end
        Where the gradients wait that it is given: from a place on, before another.
    onward
        For each of its results that goes on: its position among them, the stop that it goes to, and where it
        waits there.
    """

    node: Any
    step: Step | None
    place: int
    end: int
    onward: list[tuple[int, int, int]]


class _Leg(NamedTuple):
    """A stop on one way.

    Attributes
    ----------
    node, step, place, end
        As of the stop; the step is by the rule of this way.
    free
        Whether nobody else reads what arrives, so that it may be written into.
    sends
        For each result that goes on: its position, the place where it goes, and whether it is added to what
        waits there, not to a copy of it.
    """

    node: Any
    step: Step | None
    place: int
    end: int
    free: bool
    sends: list[tuple[int, int, bool]]


@dataclass(frozen=True, eq=False)
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

    stops: Sequence[_Stop]
    indices: Mapping[Node, int]
    sizes: Sequence[tuple[torch.Size, torch.dtype]]
    _ways: dict[tuple[object, ...], list[_Leg]] = field(default_factory=dict)

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
        stops: list[_Stop] = []
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
            stops.append(_Stop(node, step, place, end, onward))
        return cls(stops, indices, sizes)

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
        """Go back once.

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
        """
        asked = [self._place(end) for end in ends]
        shown = {self._place(edge): look for edge, look in looks if self.reaches(edge)}
        waiting: list[Tensor | None] = [None] * len(self.sizes)
        waiting[self._place(start)] = gradient
        # A product would follow the types of whoever asks.
        with torch.autocast("cpu", enabled=False):
            for leg in self._way(asked, rule, relus):
                if not self._go(leg, waiting, asked, shown):
                    return None
        found = [waiting[place] for place in asked]
        return None if any(each is None for each in found) else cast("list[Tensor]", found)

    def _go(
        self,
        leg: _Leg,
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

    def _way(self, asked: list[int], rule: BackwardRule, relus: Collection[Node]) -> list[_Leg]:
        """The stops on the way to some places."""
        key = rule, *asked
        if key not in self._ways:
            self._ways[key] = self._planned(asked, rule, {*relus} if rule != "plain" else set())
        return self._ways[key]

    def _planned(self, asked: list[int], rule: BackwardRule, relus: set[Node]) -> list[_Leg]:
        legs: list[_Leg] = []
        leads = self._leads(asked)
        # What comes to a place, and whether nobody else reads it.
        comes: dict[int, bool] = {}
        for index, (node, step, place, end, onward) in enumerate(self.stops):
            if not leads[index]:
                continue
            done = obeying_step(rule, node, step) if node in relus else step
            free = comes.get(place, False) and place not in asked
            ways = [way for way in onward if leads[way[1]] or way[2] in asked]
            new = (free or done is not pass_on) and done is not None and len(ways) == 1
            sends = []
            for position, _, to in ways:
                sends.append((0 if done else position, to, comes.get(to, False)))
                # Of two that meet, the sum is new.
                comes[to] = new or to in comes
            legs.append(_Leg(node, done, place, end, free, sends))
        return legs

    def _leads(self, asked: Collection[int]) -> list[bool]:
        """Whether there is a way on from each stop to one of some places."""
        leads = [False] * len(self.stops)
        for index in reversed(range(len(self.stops))):
            onward = self.stops[index].onward
            leads[index] = any(leads[behind] or place in asked for _, behind, place in onward)
        return leads
