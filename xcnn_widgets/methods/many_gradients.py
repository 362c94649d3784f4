"""The target's gradient at inputs made from the ones explained: on a path, or with noise."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from torch import Tensor

from ..network import BackwardRule, Resolved, at_least_float32
from ..passes import ForwardPass


def gradients_at(
    forward: ForwardPass,
    target: Resolved,
    versions: Tensor,
    rule: BackwardRule = "plain",
    *,
    exact: bool = True,
) -> Tensor:
    """The input gradients at n versions of a batch, ``(n, B, C, H, W)``: one forward and one backward pass.

    Parameters
    ----------
    forward
        The forward pass of the untouched inputs.
    target
        What is explained, settled on the untouched inputs.
    versions
        ``(n, B, C, H, W)``.
    rule
        How ReLUs pass a gradient back.
    exact
        Whether the model is run as it stands; see `ForwardPass`.
    """
    subject, inputs = forward.subject, versions.flatten(0, 1)
    arguments = subject.arguments(inputs)
    others = (*arguments[: subject.place], *arguments[subject.place + 1 :])
    changed = ForwardPass.of(
        replace(subject, inputs=inputs, others=others), [], copy_inputs=False, exact=exact
    )
    # Wrapped, a callable that was settled on the untouched inputs is not settled again on these.
    asked: Resolved = partial(target) if callable(target) else target * len(versions)
    found = changed.gradients(asked, [None], rule, release=True)[None]
    return at_least_float32(found).reshape(versions.shape)
