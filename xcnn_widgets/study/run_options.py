"""With which options a method is asked, and what it tells while it works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from ..methods import Explanation, Method
from ..passes import ForwardPass


def first_window(size: tuple[int, ...]) -> tuple[int, int]:
    """The patch and the stride of occlusion to start with, for an input of a size; few enough windows to wait for."""
    if len(size) == 3:
        # Windows grow with the third power: these do not overlap.
        patch = max(1, max(size) // 7)
        return patch, patch
    patch = max(1, min(size) // (20 if len(size) == 1 else 7))
    return patch, max(1, patch // 2)


def run_options(
    method: Method,
    *,
    exact: bool,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """How the model is run, who is told how far it is, and who is asked whether to stop: what of it the method takes."""
    given: dict[str, Any] = {"exact": exact, "progress": progress, "cancelled": cancelled}
    return {name: value for name, value in given.items() if name in method.options}


def window_options(method: Method, size: tuple[int, ...]) -> dict[str, int]:
    """The `first_window` for an input of a size, of a method that takes one."""
    window = dict(zip(("patch", "stride"), first_window(size), strict=True))
    return {name: pixels for name, pixels in window.items() if name in method.options}


def tell_estimate(
    tell: Callable[[Explanation], None],
    forward: ForwardPass,
    method: Method,
    target: Any,
    values: Tensor,
) -> None:
    """Tell an estimate as an explanation; it is of the input, of no layer."""
    asked, size = forward.resolved(target), tuple(forward.inputs.shape[2:])
    # The method goes on adding to it.
    kept = values.clone()
    tell(Explanation(kept, method.name, asked, None, forward.logits_if_any, size))
