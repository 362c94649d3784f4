"""One backward pass through a recorded graph, as autograd's engine goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge, Node
from torch.utils.checkpoint import CheckpointError

from ..network import BackwardRule, obeying, require_gradient

# Is shown the gradient of a tensor that a backward pass comes by.
Look = Callable[[Tensor], None]


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


def backward_pass(
    start: Start,
    ends: Sequence[Tensor],
    *,
    rule: BackwardRule = "plain",
    relus: Iterable[Node] = (),
    looks: Iterable[tuple[Tensor, Look]] = (),
    release: bool = False,
) -> Sequence[Tensor | None]:
    """The gradients of a start with respect to some tensors; None where no path leads.

    Parameters
    ----------
    start, ends
        Where it begins, and where the gradients are asked for.
    rule, relus
        How these ReLUs pass a gradient back.
    looks
        Who is shown which tensor's gradient on the way.
    release
        Whether the graph is freed on the way.

    Raises
    ------
    ValueError
        If the start hangs on no graph, or a tensor is not in it.
    RuntimeError
        If the model computes its activations again in a way that cannot be followed.
    """
    if isinstance(start.at, Tensor):
        require_gradient(start.at)
    with obeying(rule, relus), ExitStack() as hooks:
        for tensor, look in looks:
            seen: Any = tensor
            hooks.callback(seen.register_hook(look).remove)
        try:
            gradients: Sequence[Tensor | None] = torch.autograd.grad(
                start.at,
                ends,
                grad_outputs=start.gradient,
                retain_graph=not release,
                allow_unused=True,
            )
        except CheckpointError as cause:
            raise RuntimeError(
                "the model recomputes activations in the backward pass (gradient checkpointing) "
                "in a way that cannot be followed; turn that off"
            ) from cause
    return gradients
