"""Pictures that others are compared with: the model is asked for their embeddings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ..network import PictureSimilarity, Subject, run
from .calling import Calling


class References:
    """Gives targets that compare with a picture that picture's embedding.

    Parameters
    ----------
    model, calling
        The model, and how it is called.
    prepared
        From a picture to the model's input ``(C, H, W)``.
    """

    def __init__(
        self, model: nn.Module, calling: Calling, prepared: Callable[[Any], Tensor]
    ) -> None:
        self._model, self._calling, self._prepared = model, calling, prepared

    def embedded(self, target: Any) -> Any:
        """A target as the model can be asked for it; one that compares with no picture stays."""
        if not isinstance(target, PictureSimilarity):
            return target
        inputs = self._prepared(target.picture).unsqueeze(0)
        subject = Subject.of(self._model, inputs, **self._calling.on([0]))
        with torch.no_grad():
            return target.embedded(run(subject), subject.output)

    def all_embedded(self, targets: Any) -> Any:
        """The same for each of a dict; what is none is checked elsewhere."""
        if not isinstance(targets, Mapping):
            return targets
        return {name: self.embedded(target) for name, target in targets.items()}
