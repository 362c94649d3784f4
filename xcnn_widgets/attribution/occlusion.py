"""Occlusion: cover a part of the input and watch the target's score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import ceil
from typing import Any

import torch
from torch import Tensor

from .cancelling import Cancelled
from .folded_weights import FoldedWeights
from .folding import Folding, Watching, is_watched, run_fast
from .forward_pass import ForwardPass
from .heatmaps import at_least_float32
from .model_parts import ModelParts
from .model_state import run
from .targets import Resolved, Target, resolved, scores

# A window's rows and columns.
_Window = tuple[slice, slice]
# A processor is fastest while the activations are small enough to be kept from one batch to the next.
_PIXELS_AT_ONCE = 2**18
_MOST_AT_ONCE = 32


def occlusion(
    forward: ForwardPass,
    target: Target,
    *,
    patch: int = 32,
    stride: int = 16,
    baseline: float | Sequence[float] | Tensor = 0.0,
    batch_size: int | None = None,
    exact: bool = False,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Tensor:
    """The drop in the target's score when a patch is covered, averaged over a pixel's windows.

    Zeiler and Fergus, 2014, arXiv:1311.2901, section 4.2; windows and averaging as in Captum's
    `Occlusion`: they start at every multiple of the stride, and those at the right and lower edge
    are cut off by it.

    Parameters
    ----------
    forward
        The forward pass of the untouched inputs.
    target
        What is explained. None is each untouched sample's predicted class.
    patch, stride
        The side of the square window and the step between windows, in pixels of the input; at least
        1. The stride is at most the patch, so that no pixel is left out. A patch larger than the
        input covers all of it.
    baseline
        What covers the patch, in the units of the input: a number, one number a channel, or a
        tensor that broadcasts against ``(C, H, W)``. 0 is the mean colour under the usual
        normalisation.
    batch_size
        How many covered inputs go through the model at once. None is what is fast: 32, and on a
        processor at most 2**18 pixels, which are 5 inputs of 224 x 224.
    exact
        Whether the covered inputs go through the model as it stands. If not, BatchNorms are folded
        and maps are channels last, as `ForwardPass` says: up to two fifths faster, with numbers
        that differ in their last digits, for one run more the first time a model is seen.
    progress
        Called after every batch with the share done, up to 1.
    cancelled
        Asked before every batch.

    Returns
    -------
    Tensor
        ``(B, H, W)``, signed: positive where covering lowers the score.

    Raises
    ------
    TypeError, ValueError
        If an option does not fit.
    Cancelled
        If `cancelled` says so.
    """
    inputs = forward.inputs
    samples, _, height, width = inputs.shape
    if batch_size is None:
        batch_size = _fast_batch(inputs)
    for name, value in {"patch": patch, "stride": stride, "batch_size": batch_size}.items():
        _require_positive(name, value)
    patch_height, patch_width = min(patch, height), min(patch, width)
    if any(patch < stride and patch < side for side in (height, width)):
        raise ValueError(
            f"stride {stride} is larger than patch {patch}, which leaves pixels out; "
            f"use at most {patch}"
        )
    cover = _cover(baseline, inputs)
    # The predicted class is that of the untouched input, not of each covered one.
    asked = resolved(target, forward.logits)
    untouched = at_least_float32(forward.scores(asked))
    windows: list[_Window] = list(
        product(_spans(height, patch_height, stride), _spans(width, patch_width, stride))
    )
    drops = untouched.new_zeros((samples, height, width))
    covered_by = torch.zeros_like(drops)
    at_once = max(1, batch_size // samples)
    covered_scores = _CoveredScores(forward, asked, cover, exact=exact)
    for start in range(0, len(windows), at_once):
        if cancelled is not None and cancelled():
            raise Cancelled(f"occlusion was cancelled after {start} of {len(windows)} windows")
        chunk = windows[start : start + at_once]
        for window, drop in zip(chunk, untouched - covered_scores(chunk), strict=True):
            drops[:, *window] += drop[:, None, None]
            covered_by[:, *window] += 1
        if progress is not None:
            progress(min(1.0, (start + len(chunk)) / len(windows)))
    return drops / covered_by


class _CoveredScores:
    """The target's scores of inputs of which a window is covered."""

    def __init__(
        self, forward: ForwardPass, target: Resolved, cover: Tensor, *, exact: bool
    ) -> None:
        self._inputs, self._target, self._cover, self._exact = forward.inputs, target, cover, exact
        # All batches are of one model: it is walked once, and each weight is folded once.
        self._parts = ModelParts(forward.model)
        self._weights = FoldedWeights()
        if not (exact or is_watched(forward.model)):
            # So that all covered inputs go the same way, and an answer is the same a second time.
            self._run(self._inputs)

    def __call__(self, windows: Sequence[_Window]) -> Tensor:
        """``(windows, B)``: of each window, with it covered."""
        samples = len(self._inputs)
        covered = self._inputs.repeat(len(windows), 1, 1, 1)
        for position, window in enumerate(windows):
            first = position * samples
            covered[first : first + samples, :, *window] = self._cover[:, *window]
        target = self._target * len(windows) if isinstance(self._target, tuple) else self._target
        with torch.no_grad():
            found = scores(target, self._run(covered))
        return at_least_float32(found).reshape(len(windows), samples)

    def _run(self, inputs: Tensor) -> Any:
        model, parts = self._parts.model, self._parts

        def followed(way: Watching | Folding) -> Any:
            output = run(model, way.given(inputs), parts)
            way.finish(output)
            return output

        # What is made under the caller's inference_mode does not tell that somebody wrote into it.
        with torch.inference_mode(False), torch.no_grad():
            if self._exact:
                return run(model, inputs, parts)
            return run_fast(model, followed, self._weights)


def _fast_batch(inputs: Tensor) -> int:
    height, width = inputs.shape[-2:]
    few = _PIXELS_AT_ONCE // (height * width) if inputs.device.type == "cpu" else _MOST_AT_ONCE
    return max(1, min(few, _MOST_AT_ONCE))


def _spans(length: int, patch: int, stride: int) -> list[slice]:
    count = ceil((length - patch) / stride) + 1
    return [slice(i * stride, min(i * stride + patch, length)) for i in range(count)]


def _cover(baseline: float | Sequence[float] | Tensor, inputs: Tensor) -> Tensor:
    shape = inputs.shape[1:]
    cover = torch.as_tensor(baseline, dtype=inputs.dtype, device=inputs.device)
    if cover.ndim == 1:
        cover = cover[:, None, None]
    try:
        return cover.expand(shape)
    except RuntimeError:
        raise ValueError(
            f"baseline has the shape {tuple(cover.shape)}, which does not broadcast against "
            f"the input's {tuple(shape)}; use one number, or one a channel"
        ) from None


def _require_positive(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(
            f"{name} {value!r} is a {type(value).__name__}; expected a whole number of at least 1"
        )
    if value < 1:
        raise ValueError(f"{name} is {value}; expected at least 1")
