"""One backward pass through a recorded graph: by a walk where there is one, else as autograd's engine goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge, Node, get_gradient_edge

from .backward_rules import BackwardRule, obeying
from .walk import Look, Walk


@dataclass(frozen=True, eq=False)
class Start:
    """Where a backward pass begins.

    Attributes
    ----------
    at
        A scalar; or something on the way to the score whose gradient is known.
    gradient
        That gradient; None for a scalar, whose gradient is 1.
    """

    at: Tensor | GradientEdge
    gradient: Tensor | None = None


@dataclass(frozen=True, eq=False)
class BackwardPass:
    """A backward pass, but for where it ends.

    Attributes
    ----------
    start
        Where it begins.
    rule, relus
        How these ReLUs pass a gradient back.
    looks
        Who is shown which tensor's gradient in passing.
    release
        Whether the graph is let go of.
    walk
        All that lies behind the start; None to go as autograd's engine does.
    """

    start: Start
    rule: BackwardRule
    relus: Collection[Node]
    looks: Sequence[tuple[Tensor, Look]]
    release: bool
    walk: Walk | None

    def to(self, ends: Sequence[Tensor | GradientEdge]) -> Sequence[Tensor]:
        """The gradients at some ends; zeros where nothing arrives."""
        found = self._walked(ends)
        return self._driven(ends) if found is None else found

    def _walked(self, ends: Sequence[Tensor | GradientEdge]) -> Sequence[Tensor] | None:
        at, gradient = self.start.at, self.start.gradient
        if self.walk is None or gradient is None or isinstance(at, Tensor):
            return None
        edges = [get_gradient_edge(end) if isinstance(end, Tensor) else end for end in ends]
        looks = [(get_gradient_edge(tensor), look) for tensor, look in self.looks]
        found: Sequence[Tensor] | None = self.walk.gradients(
            at, gradient, edges, rule=self.rule, relus=self.relus, looks=looks
        )
        return found

    def _driven(self, ends: Sequence[Tensor | GradientEdge]) -> Sequence[Tensor]:
        with obeying(self.rule, self.relus), ExitStack() as hooks:
            for tensor, look in self.looks:
                seen: Any = tensor
                hooks.callback(seen.register_hook(look).remove)
            found: Sequence[Tensor] = torch.autograd.grad(
                self.start.at,
                cast("Any", ends),
                grad_outputs=self.start.gradient,
                retain_graph=not self.release,
                materialize_grads=True,
            )
        return found
