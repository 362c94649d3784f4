"""A model run on many inputs, one batch after the other, without a graph."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..network import Subject, run
from .fast.folded_weights import FoldedWeights
from .fast.folding import Folding, is_folded, is_watched, run_fast
from .fast.watching import Watching


class ManyRuns:
    """Runs a model on batch after batch: the fast way where the model takes it, else as it stands.

    Parameters
    ----------
    subject
        The model, and a batch of the kind that is to come.
    exact
        Whether the model is run as it stands in any case; see `ForwardPass`.
    """

    def __init__(self, subject: Subject, *, exact: bool) -> None:
        self._subject = subject
        # Each weight is folded once for all batches.
        self._weights = FoldedWeights()
        self._folded = is_folded(subject.inputs, exact=exact)
        if self._folded and not is_watched(subject.model):
            # So that all batches go the same way, and an answer is the same a second time.
            self(subject.inputs)

    def __call__(self, inputs: Tensor) -> Any:
        """What the model returns for a batch, without graph."""
        subject = self._subject

        def followed(way: Watching | Folding | None = None) -> Any:
            if way is None:
                return run(subject, inputs)
            output = run(subject, way.given(inputs))
            way.finish(output)
            return output

        # What is made under the caller's inference_mode does not tell that somebody wrote into it.
        with torch.inference_mode(False), torch.no_grad():
            return run_fast(subject, followed, self._weights) if self._folded else followed()
