"""What a model's numbers are called and how they are read: classes, and targets of a person's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ..imaging import ClassNames, Names
from ..network import (
    Activation,
    AnswerEnd,
    OutputChoice,
    Subject,
    TwoSided,
    class_indices,
    class_scores,
    logits_of,
    scores,
)
from ..passes import ForwardPass
from .predictions import Prediction
from .reading import Reading, reading_of

# From a model's whole output to one scalar a sample.
TargetFunction = Callable[[Any], Tensor]


class Answers:
    """Names, scores and reads what a model answers.

    Behind the classes stand targets of a person's own, by further indices: of 10 classes and 2 targets, 10 and 11.

    Parameters
    ----------
    names
        Of the classes; None if they are not known.
    names_are_said
        Whether somebody gave them for this model; if not, they hold only if it has as many classes.
    activation
        How scores are read, if somebody said so.
    targets
        From a name to a callable from the model's output to one scalar a sample.
    output
        Where the class scores are, as `logits_of` takes it.
    """

    def __init__(
        self,
        names: Names | None,
        *,
        names_are_said: bool,
        activation: Activation | None,
        targets: Mapping[str, TargetFunction] | None,
        output: OutputChoice,
    ) -> None:
        self.class_names = ClassNames(names)
        self.targets = _checked(targets)
        self._said_names = names if names_are_said else None
        self._said_activation = activation
        self._output = output
        self._found: tuple[int | None, AnswerEnd] | None = None
        self._reading: Reading | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it is known what the model answers with."""
        return self._found is not None

    @property
    def reading(self) -> Reading:
        """How scores are read; only once it is settled."""
        assert self._reading is not None
        return self._reading

    @property
    def class_count(self) -> int:
        """How many classes there are; only once it is settled."""
        assert self._found is not None
        return 2 if self.reading.is_two_sided else self._found[0] or 0

    @property
    def count(self) -> int:
        """How many classes and targets there are."""
        return self.class_count + len(self.targets)

    @property
    def output(self) -> OutputChoice:
        """Where the class scores are, of which one may stand for two classes; only once it is settled."""
        return self._two_sided or self._output

    def settle(self, columns: int | None, ends_in: AnswerEnd) -> None:
        """Take what was found out about the model.

        Raises
        ------
        ValueError
            If there are not as many names as classes, or the activation does not go with the model.
        """
        if columns is not None:
            self._check_names(columns)
        names = len(self.class_names) or None
        try:
            reading = reading_of(columns or 0, ends_in, names, self._said_activation)
        except ValueError as error:
            raise ValueError(f"activation = {error}") from error
        self._two_sided = (
            TwoSided(ends_in in ("softmax", "sigmoid"), self._output)
            if reading.is_two_sided
            else None
        )
        self._reading, self._found = reading, (columns, ends_in)

    def say(self, activation: Activation | None) -> None:
        """Read scores in another way from now on; None finds out how. Errors as of `settle`."""
        before, self._said_activation = self._said_activation, activation
        try:
            if self._found is not None:
                self.settle(*self._found)
        except ValueError:
            self._said_activation = before
            raise

    def name(self, index: int) -> str:
        """What a class or target is called."""
        beyond = index - self.class_count if self.is_settled else -1
        if beyond >= 0:
            return [*self.targets][beyond]
        is_alone = self.is_settled and self.class_count == 1 and not len(self.class_names)
        return "score" if is_alone else self.class_names.name(index)

    def names(self) -> list[str]:
        """All that have a name, by their indices; empty if no names are known."""
        if not self.targets:
            return self.class_names.as_list()
        return [*self.class_names.as_list(self.class_count), *self.targets]

    def index(self, target: object) -> int:
        """The index of a class or target given by index or name, or of a callable, which is added to the targets.

        Raises
        ------
        TypeError, ValueError
            If there is none.
        """
        if callable(target):
            return self.add(target)
        number = target
        if isinstance(target, str):
            if target in self.targets:
                return self.class_count + [*self.targets].index(target)
            number = self.class_names.index(target)
        beyond = number - self.class_count if isinstance(number, int) else -1
        if isinstance(number, int) and 0 <= beyond < len(self.targets):
            return number
        if isinstance(number, Sequence) or number is None:
            raise TypeError("expected one class, by index or name")
        found = class_indices(number, torch.empty(1, self.class_count))  # type: ignore[arg-type]
        assert found is not None
        return found[0]

    def add(self, target: TargetFunction) -> int:
        """Let a callable stand behind the classes, under its own name; returns its index."""
        for place, known in enumerate(self.targets.values()):
            if known is target:
                return self.class_count + place
        name = given = getattr(target, "__name__", None) or str(target)
        number = 1
        while name in self.targets:
            number += 1
            name = f"{given} ({number})"
        self.targets[name] = target
        return self.class_count + len(self.targets) - 1

    def asked(self, index: int | None) -> int | TargetFunction | None:
        """What `explain` takes for a class or target; None is the predicted class."""
        if index is None or index < self.class_count:
            return index
        return [*self.targets.values()][index - self.class_count]

    def asked_of(self, indices: Sequence[int]) -> Sequence[int] | TargetFunction:
        """As `asked`, of one class or target a sample."""
        if max(indices) < self.class_count:
            return indices
        first = self.asked(indices[0])
        if callable(first) and len(set(indices)) == 1:
            return first

        def each_its_own(output: Any) -> Tensor:
            rows = self._all_in(logits_of(output, self.output), output)
            return rows[torch.arange(len(indices)), list(indices)]

        return each_its_own

    def scores(self, forward: ForwardPass) -> Tensor:
        """What a recorded pass gives each class and target, ``(B, count)``, without graph."""
        # Without classes and targets the error says what was looked for.
        columns = [class_scores(forward.logits)] if self.class_count or not self.targets else []
        columns += [forward.scores(target).unsqueeze(1) for target in self.targets.values()]
        return torch.cat(columns, dim=1)

    def scores_in(self, subject: Subject, output: Any) -> Tensor:
        """The same of what a model returned for other inputs."""
        logits = subject.logits(output, len(subject.inputs)) if self.class_count else None
        return self._all_in(logits, output, len(subject.inputs))

    def _all_in(self, logits: Tensor | None, output: Any, samples: int | None = None) -> Tensor:
        rows = [] if logits is None else [class_scores(logits)]
        count = len(rows[0]) if samples is None else samples
        rows += [scores(target, output, count).unsqueeze(1) for target in self.targets.values()]
        return torch.cat(rows, dim=1)

    def read(self, scores: Tensor) -> Tensor:
        """What people read for each class and target, ``(B, count)``, ``float32``."""
        classes, targets = scores[:, : self.class_count], scores[:, self.class_count :]
        return torch.cat([self.reading.read(classes), targets.float()], dim=1)

    def winner(self, scores: Tensor) -> int:
        """The class with the highest score of a row ``(count,)``; of targets alone, the first of them."""
        return int(scores[: self.class_count or 1].argmax())

    def prediction(self, index: int, value: float) -> Prediction:
        """What is told of a class or target, of which people read a value."""
        is_probability = index < self.class_count and self.reading.gives_probabilities
        return Prediction(index, self.name(index), value, is_probability)

    def top(self, values: Tensor, count: int) -> list[Prediction]:
        """The classes with the highest values of a row ``(count,)``, the highest first; then all targets."""
        best = values[: self.class_count].topk(min(count, self.class_count)).indices.tolist()
        indices = [*best, *range(self.class_count, len(values))]
        return [self.prediction(index, float(values[index])) for index in indices]

    def _check_names(self, columns: int) -> None:
        names = self._said_names
        fits = len(self.class_names) == columns or (len(self.class_names) == 2 and columns == 1)
        if names is None:
            if not fits:
                self.class_names.forget()
        elif isinstance(names, Sequence) and not fits:
            raise ValueError(
                f"class_names has {len(names)} names, but the model has {columns} classes; "
                "give one name for each, or a dict from index to name for some"
            )

    _two_sided: TwoSided | None = None


def _checked(targets: Mapping[str, TargetFunction] | None) -> dict[str, TargetFunction]:
    if targets is None:
        return {}
    if not isinstance(targets, Mapping):
        raise TypeError(
            f"targets is a {type(targets).__name__}; expected a dict from a name to a callable from "
            "the model's output to one scalar a sample"
        )
    for name, target in targets.items():
        if not isinstance(name, str) or not callable(target):
            raise TypeError(
                f"targets[{name!r}] is a {type(target).__name__}; expected names and callables from "
                "the model's output to one scalar a sample"
            )
    return dict(targets)
