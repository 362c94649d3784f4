"""What every metric asks: the score of a target on inputs that were changed, and which pixels are hottest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..methods import (
    IsCancelled,
    ManyScores,
    Progress,
    Read,
    chunks,
    upsample,
    versions_at_once,
)
from ..network import ACTIVATIONS, Activation, Subject, Target, answer_of, at_least_float32
from ..passes import ForwardPass

Heatmaps = Tensor | NDArray[Any]


class Scored:
    """A model on a batch, asked for one number a sample: the probability of a class, or a target's score.

    Parameters
    ----------
    model, inputs, target
        As of `explain`; inputs ``(B, C, H, W)``.
    activation
        What makes probabilities of class scores: ``softmax``, ``sigmoid``, or ``none`` for the scores as they are. None
        is what the model's graph says (see `answer_of`): the scores as they are where it ends in one of the two
        already or cannot be seen, else a softmax, or of a single score a sigmoid. A callable target is never changed.
    exact
        Whether the model is run as it stands; see `ForwardPass`.
    **call
        `additional_forward_args`, `of`, `output` and `reshape`, as `explain` takes them.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.
    """

    def __init__(
        self,
        model: nn.Module,
        inputs: Tensor,
        target: Target = None,
        activation: Activation | None = None,
        *,
        exact: bool = False,
        **call: Any,
    ) -> None:
        subject = Subject.of(model, inputs, **call)
        self._forward = ForwardPass.of(
            subject, [], input_gradient=callable(target), copy_inputs=False, exact=exact
        )
        self.target = self._forward.resolved(target)
        read = None if callable(self.target) else _read(activation, model, inputs, call)
        self._scores = ManyScores(self._forward, self.target, exact=exact, read=read)
        self.untouched = self._of_untouched(read)
        """The number of each sample as it is, ``(B,)``."""

    @property
    def inputs(self) -> Tensor:
        """``(B, C, H, W)``, on the model's device."""
        return self._forward.inputs

    @property
    def forward(self) -> ForwardPass:
        """The forward pass of the untouched inputs."""
        return self._forward

    def of(
        self,
        count: int,
        version: Callable[[int], Tensor],
        what: str,
        *,
        batch_size: int | None = None,
        progress: Progress = None,
        cancelled: IsCancelled = None,
    ) -> Tensor:
        """The numbers ``(B, count)`` of versions of the inputs, which are made one after the other.

        Parameters
        ----------
        count
            How many versions.
        version
            From its number to the version ``(B, C, H, W)``.
        what
            What is computed, for the message of a cancel.
        """
        at_once = versions_at_once(self.inputs, count, batch_size) if count else 1
        found = [
            self._scores(torch.stack([*map(version, numbers)]))
            for numbers in chunks(
                count, at_once, what, "steps", progress=progress, cancelled=cancelled
            )
        ]
        return torch.cat(found).T if found else self.untouched.new_empty((len(self.inputs), 0))

    def _of_untouched(self, read: Read | None) -> Tensor:
        if read is None:
            return at_least_float32(self._forward.scores(self.target))
        assert not callable(self.target)
        rows = read(at_least_float32(self._forward.logits))
        return rows[torch.arange(len(rows)), list(self.target)]


def _read(
    activation: Activation | None, model: nn.Module, inputs: Tensor, call: dict[str, Any]
) -> Read | None:
    if activation is None:
        columns, ends_in = answer_of(model, inputs, **call)
        if ends_in != "scores" or columns is None:
            return None
        return torch.sigmoid if columns == 1 else _softmax
    if activation not in ACTIVATIONS:
        known = ", ".join(map(repr, ACTIVATIONS))
        raise ValueError(f"activation is {activation!r}; expected {known}, or None to find out")
    return {"softmax": _softmax, "sigmoid": torch.sigmoid, "none": None}[activation]


def _softmax(rows: Tensor) -> Tensor:
    return rows.softmax(dim=1)


def checked_heatmaps(heatmaps: Heatmaps, inputs: Tensor) -> Tensor:
    """Heatmaps ``(B, h, w)`` at the size of inputs ``(B, C, H, W)``, ``float32`` ``(B, H, W)``.

    Raises
    ------
    TypeError, ValueError, FloatingPointError
        If they are no such maps, one for each input, or not finite.
    """
    if not isinstance(heatmaps, Tensor | np.ndarray):
        raise TypeError(
            f"heatmaps is a {type(heatmaps).__name__}; expected a tensor or array (B, H, W)"
        )
    maps = torch.as_tensor(heatmaps).detach().to(inputs.device, torch.float32)
    samples, _, *size = inputs.shape
    if maps.ndim != len(size) + 1 or len(maps) != samples:
        raise ValueError(
            f"heatmaps has the shape {tuple(maps.shape)}; expected one map for each of the "
            f"{samples} inputs, {(samples, *size)}"
        )
    if not maps.isfinite().all():
        raise FloatingPointError("heatmaps has NaN or infinite values")
    return upsample(maps, tuple(size))


def hottest_first(heatmaps: Tensor, seed: int = 0) -> Tensor:
    """The rank of each pixel, ``(B, pixels)``: 0 for the hottest. Equal pixels are ranked by chance, from the seed."""
    flat = heatmaps.flatten(1)
    chance = torch.randperm(flat.shape[1], generator=torch.Generator().manual_seed(seed))
    chance = chance.to(flat.device)
    order = chance[flat[:, chance].argsort(dim=1, descending=True, stable=True)]
    places = torch.arange(flat.shape[1], device=flat.device).expand_as(order)
    return torch.empty_like(order).scatter_(1, order, places)
