"""The stops of a way back through a recorded graph, and what happens to a gradient at each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from torch.autograd.graph import Node

from .backward_rules import BackwardRule
from .steps import Step, obeying_step, pass_on


class Stop(NamedTuple):
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


class Leg(NamedTuple):
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


def way_to(
    asked: Collection[int], stops: Sequence[Stop], rule: BackwardRule, relus: Collection[Node]
) -> list[Leg]:
    """The stops on the way to some places, of which these ReLUs obey a rule."""
    legs: list[Leg] = []
    leads = _leads(asked, stops)
    # What comes to a place, and whether nobody else reads it.
    comes: dict[int, bool] = {}
    for index, (node, step, place, end, onward) in enumerate(stops):
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
        legs.append(Leg(node, done, place, end, free, sends))
    return legs


def _leads(asked: Collection[int], stops: Sequence[Stop]) -> list[bool]:
    """Whether there is a way on from each stop to one of some places."""
    leads = [False] * len(stops)
    for index in reversed(range(len(stops))):
        onward = stops[index].onward
        leads[index] = any(leads[behind] or place in asked for _, behind, place in onward)
    return leads
