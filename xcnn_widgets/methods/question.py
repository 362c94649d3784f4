"""What every method is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..network import Resolved
from ..passes import ForwardPass


@dataclass(frozen=True, eq=False)
class Question:
    """What a recorded forward pass is asked.

    Attributes
    ----------
    forward
        The recorded forward pass.
    target
        What is explained: one class a sample, or a callable.
    layer
        The target layer, whose output is ``A`` and whose gradient is ``g``; empty for a method that
        uses none.
    release
        Whether this is the last question, so that the graph can be let go of.
    notes
        What a reader has to know about the result; methods add to it.
    """

    forward: ForwardPass
    target: Resolved
    layer: str = ""
    release: bool = False
    notes: list[str] = field(default_factory=list)
