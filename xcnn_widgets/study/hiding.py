"""What the network says of a picture of which a part is hidden."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.overrides import TorchFunctionMode

from ..imaging import (
    IN_INPUT_UNITS,
    Mask,
    fill_for,
    fill_picture,
    hide,
    normalisation_of,
)
from ..network import Cancelled, run
from .class_changes import ClassChange, Watched
from .exploration import Exploration

_NOT_FINITE = (
    "the model's answer to the masked picture has NaN or infinite values; choose another fill"
)


@dataclass(frozen=True, eq=False)
class Question:
    """What is hidden of which picture, behind what, and which class is watched.

    `target` None is the predicted class.
    """

    image_index: int
    mask: Mask
    fill: str
    target: int | None

    def is_as(self, attempt: dict[str, Any]) -> bool:
        """Whether an attempt of the history asked the same."""
        return bool(
            attempt["image_index"] == self.image_index
            and attempt["fill"] == self.fill
            and self.target in (None, attempt["target_index"])
            and np.array_equal(attempt["mask"], self.mask)
        )


@dataclass(frozen=True)
class Answer:
    """How the likeliest classes of the whole picture moved; the target is always told."""

    classes: tuple[ClassChange, ...]
    target: ClassChange
    hidden: float
    """The share of the picture that is hidden, 0 to 1."""


@dataclass(frozen=True, eq=False)
class Fill:
    """What stands in for hidden pixels: in the input's units ``(C, H, W)``, and as people see it ``(H, W, 3)``."""

    values: Tensor
    picture: NDArray[np.uint8]
    note: str
    """What a reader has to know of it; usually empty."""


class Hiding:
    """Hides parts of an exploration's pictures and asks its network.

    Examples
    --------
    >>> model = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    >>> picture = np.full((2, 4, 3), [255, 0, 0], np.uint8)
    >>> to_input = lambda picture: torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 255
    >>> hiding = Hiding(Exploration(model, picture, ["red", "green", "blue"], transform=to_input))
    >>> left = np.array([[True, True, False, False]] * 2)
    >>> answer = hiding.ask(Question(0, left, "black", None))
    >>> answer.target.name, answer.target.score_before, answer.target.score_after, answer.hidden
    ('red', 1.0, 0.5, 0.5)
    """

    def __init__(self, exploration: Exploration) -> None:
        self.exploration = exploration
        self._fills: dict[tuple[int, str], Fill] = {}

    def fill(self, index: int, name: str) -> Fill:
        """What stands in for hidden pixels of a picture; every move of a stroke asks for it."""
        key = (index, name)
        found = self._fills.get(key)
        if found is None:
            prepared = self.exploration.prepared(index)
            known = self.exploration.normalisation(index)
            normalisation = normalisation_of(prepared, [] if known is None else [known])
            note = IN_INPUT_UNITS if normalisation is None else ""
            values = fill_for(prepared, name, normalisation)
            found = Fill(values, fill_picture(prepared, name), note)
            # Those of one picture are enough: another picture begins anew.
            kept = {other: fill for other, fill in self._fills.items() if other[0] == index}
            self._fills = {**kept, key: found}
        return found

    def masked_input(self, index: int, mask: Mask, fill: str) -> Tensor:
        """The input ``(C, H, W)`` with the fill where the mask is True."""
        return hide(self.exploration.prepared(index).input, self.fill(index, fill).values, mask)

    def ask(self, question: Question, cancelled: Callable[[], bool] | None = None) -> Answer:
        """Run the network once on the masked input.

        Raises
        ------
        Cancelled
            As soon as `cancelled` says so, in the middle of the run.
        FloatingPointError
            If the network's answer has NaN or infinite values.
        """
        exploration, index = self.exploration, question.image_index
        watched = Watched(exploration, index, question.target)
        masked = self.masked_input(index, question.mask, question.fill).unsqueeze(0)
        subject = exploration.subject(index, masked)
        stopping = nullcontext() if cancelled is None else Stopping(cancelled)
        with torch.no_grad(), stopping:
            classes, told = watched.changes(subject, run(subject), _NOT_FINITE)
        return Answer(classes, told, float(np.mean(question.mask)))

    def start(self, index: int, target: int | None) -> float:
        """What people read of a class on the whole picture; None is the predicted one."""
        return Watched(self.exploration, index, target).start()

    def attempt(self, question: Question, answer: Answer) -> dict[str, Any]:
        """A question and its answer as one line of a history."""
        change = answer.target
        return {
            "image": self.exploration.pictures.name(question.image_index),
            "image_index": question.image_index,
            "mask": question.mask,
            "fill": question.fill,
            "target": change.name,
            "target_index": change.index,
            "hidden": answer.hidden,
            "before": change.before,
            "after": change.after,
            "drop": -change.points,
            "is_probability": change.is_probability,
            "score_drop": change.score_before - change.score_after,
        }

    def close(self) -> None:
        """Let go of everything found."""
        self._fills.clear()


class Stopping(TorchFunctionMode):
    """Looks before each operation of the network whether its answer is still wanted."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        super().__init__()
        self._cancelled = cancelled

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if self._cancelled():
            raise Cancelled
        return func(*args, **(kwargs or {}))
