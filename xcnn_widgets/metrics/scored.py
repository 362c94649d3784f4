"""What every metric asks: the score of a target on inputs that were changed, and which pixels are hottest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

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
from ..network import ACTIVATIONS, Activation, Subject, Target, at_least_float32, layers_of
from ..passes import ForwardPass

Heatmaps = Tensor | NDArray[Any]


# Of each kind of fill one, and some more.
_MOST_COMMON = 8


class Scored:
    """A model on a batch, asked for one number a sample: the probability of a class, or a target's score.

    Several metrics may ask the same object: inputs that they have in common go through the model once.

    Parameters
    ----------
    forward
        The forward pass of the untouched inputs ``(B, C, H, W)``. Its graph may go afterwards.
    target
        As of `explain`.
    activation
        What makes probabilities of class scores: ``softmax``, ``sigmoid``, or ``none`` for the scores as they are. None
        is what the model's graph says (see `answer_of`): the scores as they are where it ends in one of the two
        already or cannot be seen, else a softmax, or of a single score a sigmoid. A callable target is never changed.
    exact
        Whether changed inputs go through the model as it stands; see `ForwardPass`.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.
    """

    def __init__(
        self,
        forward: ForwardPass,
        target: Target = None,
        activation: Activation | None = None,
        *,
        exact: bool = False,
    ) -> None:
        self._forward = forward
        self.target = forward.resolved(target)
        read = None if callable(self.target) else _read(activation, forward.subject)
        self._scores = ManyScores(forward, self.target, exact=exact, read=read)
        self.untouched = self._of_untouched(read)
        """The number of each sample as it is, ``(B,)``."""
        self._untouched = _Common(forward.inputs, self.untouched)
        self._common: deque[_Common] = deque(maxlen=_MOST_COMMON)

    @classmethod
    def of_model(
        cls,
        model: nn.Module,
        inputs: Tensor,
        target: Target = None,
        activation: Activation | None = None,
        *,
        exact: bool = False,
        **call: Any,
    ) -> Self:
        """As the constructor, with a forward pass of its own; `call` as `explain` takes it."""
        subject = Subject.of(model, inputs, **call)
        forward = ForwardPass.of(
            subject, [], input_gradient=callable(target), copy_inputs=False, exact=exact
        )
        return cls(forward, target, activation, exact=exact)

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
        at_once = versions_at_once(self.inputs, count, batch_size)
        found: list[Tensor] = []
        for numbers in chunks(
            count, at_once, what, "steps", progress=progress, cancelled=cancelled
        ):
            found += self._of_versions([*map(version, numbers)])
        return torch.stack(found, dim=1)

    def keep(self, inputs: Tensor) -> None:
        """Remember from now on what is found of some inputs ``(B, C, H, W)``, for whoever asks about equal ones."""
        if self._known(inputs) is None:
            self._common.append(_Common(inputs))

    def _of_versions(self, versions: list[Tensor]) -> list[Tensor]:
        """The numbers ``(B,)`` of each; what is known is not asked again."""
        known = [self._known(each) for each in versions]
        new = [i for i, common in enumerate(known) if common is None or common.scores is None]
        found = self._scores(torch.stack([versions[i] for i in new])) if new else ()
        told = dict(zip(new, found, strict=True))
        for i, common in enumerate(known):
            if common is None:
                continue
            if common.scores is None:
                common.scores = told[i]
            told[i] = common.scores
        return [told[i] for i in range(len(versions))]

    def _known(self, inputs: Tensor) -> _Common | None:
        kept = (self._untouched, *self._common)
        return next((each for each in kept if torch.equal(each.inputs, inputs)), None)

    def _of_untouched(self, read: Read | None) -> Tensor:
        if read is None:
            return at_least_float32(self._forward.scores(self.target))
        assert not callable(self.target)
        rows = read(at_least_float32(self._forward.logits))
        return rows[torch.arange(len(rows)), list(self.target)]


@dataclass(eq=False)
class _Common:
    """Inputs that several metrics have in common, and their numbers ``(B,)`` once they are known."""

    inputs: Tensor
    scores: Tensor | None = None


def _read(activation: Activation | None, subject: Subject) -> Read | None:
    if activation is None:
        layers = layers_of(subject)
        if layers.ends_in != "scores" or layers.columns is None:
            return None
        return torch.sigmoid if layers.columns == 1 else _softmax
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
    """The rank of each pixel, ``(B, pixels)``: 0 for the hottest. Equal pixels are ranked by chance, from the seed.

    Parameters
    ----------
    heatmaps
        ``(B, H, W)``, in any unit.
    seed
        The same one ranks equal pixels alike.
    """
    flat = heatmaps.flatten(1)
    chance = torch.randperm(flat.shape[1], generator=torch.Generator().manual_seed(seed))
    chance = chance.to(flat.device)
    order = chance[flat[:, chance].argsort(dim=1, descending=True, stable=True)]
    places = torch.arange(flat.shape[1], device=flat.device).expand_as(order)
    return torch.empty_like(order).scatter_(1, order, places)
