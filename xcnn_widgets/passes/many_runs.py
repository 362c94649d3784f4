"""A model run on many inputs, one batch after the other, without a graph."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ..network.parts import ModelParts
from ..network.running import run
from .fast.folded_weights import FoldedWeights
from .fast.folding import Folding, is_folded, is_watched, run_fast
from .fast.watching import Watching


class ManyRuns:
    """Runs a model on batch after batch: the fast way where the model takes it, else as it stands.

    Parameters
    ----------
    model
        The model.
    first
        A batch ``(B, C, H, W)`` of the kind that is to come.
    exact
        Whether the model is run as it stands in any case; see `ForwardPass`.
    """

    def __init__(self, model: nn.Module, first: Tensor, *, exact: bool) -> None:
        # All batches are of one model: it is looked through once, and each weight is folded once.
        self._parts = ModelParts(model)
        self._weights = FoldedWeights()
        self._folded = is_folded(first, exact=exact)
        if self._folded and not is_watched(model):
            # So that all batches go the same way, and an answer is the same a second time.
            self(first)

    def __call__(self, inputs: Tensor) -> Any:
        """What the model returns for a batch, without graph."""
        model, parts = self._parts.model, self._parts

        def followed(way: Watching | Folding | None = None) -> Any:
            if way is None:
                return run(model, inputs, parts)
            output = run(model, way.given(inputs), parts)
            way.finish(output)
            return output

        # What is made under the caller's inference_mode does not tell that somebody wrote into it.
        with torch.inference_mode(False), torch.no_grad():
            return run_fast(model, followed, self._weights) if self._folded else followed()
