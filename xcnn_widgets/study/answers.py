"""What a model's numbers are called and how they are read: classes, and targets of a person's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ..imaging import ClassNames, Names
from ..network import (
    Activation,
    AnswerEnd,
    Box,
    OutputChoice,
    Subject,
    TwoSided,
    box,
    class_indices,
    class_scores,
    detections_of,
    logits_of,
    scores,
)
from ..passes import ForwardPass
from .named_targets import NamedTargets, TargetFunction
from .predictions import Prediction
from .reading import Reading, reading_of

# A detector may find more, but nobody looks at them.
MOST_BOXES = 100


class Answers:
    """Names, scores and reads what a model answers.

    Behind the classes stand targets of a person's own, by further indices: of 10 classes and 2 targets, 10 and 11.
    Those given in the beginning are listed with their scores; those that are asked for later only have an index.

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
        self.targets = NamedTargets(targets)
        self._said_names = names if names_are_said else None
        self._said_activation = activation
        self._output = output
        self._found: tuple[int | None, AnswerEnd] | None = None
        self._reading: Reading | None = None
        self._boxes: dict[int, Box] = {}
        self._two_sided: TwoSided | None = None

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
        """How many classes, or of a detector boxes, there are; only once it is settled."""
        assert self._found is not None
        if self.reading.finds_boxes:
            return MOST_BOXES
        return 2 if self.reading.is_two_sided else self._found[0] or 0

    @property
    def count(self) -> int:
        """How many classes and listed targets there are."""
        return self.class_count + self.targets.listed

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
            return self.targets.names[beyond]
        if self.is_settled and self.reading.finds_boxes:
            return str(box(index))
        is_alone = self.is_settled and self.class_count == 1 and not len(self.class_names)
        return "score" if is_alone else self.class_names.name(index)

    def names(self, *, listed: bool = False) -> list[str]:
        """All that have a name, or those listed, by their indices; empty if no names are known."""
        if self.reading.finds_boxes:
            return []
        targets = self.targets.names[: self.targets.listed if listed else None]
        return [*self.class_names.as_list(self.class_count if targets else None), *targets]

    def index(self, target: object, likeliest: Sequence[int] = ()) -> int:
        """The index of a class or target given by index or name, or of a callable, which is added to the targets.

        Raises
        ------
        TypeError, ValueError
            If there is none.
        """
        if callable(target):
            return self.class_count + self.targets.add(target)
        if isinstance(target, str):
            if (number := self.targets.number(target)) is None:
                return self.class_names.index(target, likeliest)
            return self.class_count + number
        if isinstance(target, int) and 0 <= target - self.class_count < len(self.targets):
            return target
        if isinstance(target, Sequence) or target is None:
            raise TypeError("expected one class, by index or name")
        found = class_indices(target, torch.empty(1, self.class_count))  # type: ignore[arg-type]
        assert found is not None
        return found[0]

    def asked(self, index: int | None) -> int | TargetFunction | None:
        """What `explain` takes for a class or target; None is the predicted class."""
        if index is None and (
            self.reading.finds_boxes or (not self.class_count and len(self.targets))
        ):
            index = 0
        if index is None or index < self.class_count:
            return self._box(index) if index is not None and self.reading.finds_boxes else index
        return self.targets.functions[index - self.class_count]

    def _box(self, index: int) -> Box:
        # One object for each: what was found out about a target is remembered as long as it lives.
        return self._boxes.setdefault(index, box(index))

    def asked_of(self, indices: Sequence[int]) -> Sequence[int] | TargetFunction:
        """As `asked`, of one class or target a sample."""
        if max(indices) < self.class_count and not self.reading.finds_boxes:
            return indices
        first = self.asked(indices[0])
        if callable(first) and len(set(indices)) == 1:
            return first

        def each_its_own(output: Any) -> Tensor:
            rows = {index: self._column(index, output, len(indices)) for index in {*indices}}
            return torch.stack([rows[index][sample] for sample, index in enumerate(indices)])

        return each_its_own

    def scores(self, forward: ForwardPass) -> Tensor:
        """What a recorded pass gives each class and listed target, ``(B, count)``, without graph.

        Of a dense output a class has the share of the picture that is predicted as it, of a detector each box its
        score, and 0 where there is no such box.
        """
        regions, listed = forward.subject.regions, self.targets.functions[: self.targets.listed]
        columns = []
        if regions is not None and self.reading.tells_areas:
            columns = [_shares(regions.areas(), regions.predicted)]
        elif self.reading.finds_boxes:
            columns = [_box_scores(forward.output)]
        elif self.class_count or not listed:
            # Without classes and targets the error says what was looked for.
            columns = [class_scores(forward.logits)]
        columns += [forward.scores(target).unsqueeze(1) for target in listed]
        return torch.cat(columns, dim=1)

    def scores_in(self, subject: Subject, output: Any) -> Tensor:
        """The same of what a model returned for other inputs."""
        columns = []
        if self.reading.tells_areas:
            regions = subject.finding.regions_of(output)
            assert regions is not None
            columns = [_shares(regions.areas(), regions.predicted)]
        elif self.class_count:
            columns = [class_scores(subject.logits(output, len(subject.inputs)))]
        samples, listed = len(subject.inputs), self.targets.functions[: self.targets.listed]
        columns += [scores(target, output, samples).unsqueeze(1) for target in listed]
        return torch.cat(columns, dim=1)

    def values_of(
        self, indices: Sequence[int], forward: ForwardPass, values: Sequence[Tensor]
    ) -> list[float]:
        """What people read for one class or target a sample, of which a pass and what was read of it are known."""
        return [
            float(row[index]) if index < len(row) else float(self._score(index, forward)[sample])
            for sample, (index, row) in enumerate(zip(indices, values, strict=True))
        ]

    def _score(self, index: int, forward: ForwardPass) -> Tensor:
        target = self.asked(index)
        assert callable(target)
        return forward.scores(target)

    def _column(self, index: int, output: Any, samples: int) -> Tensor:
        target = self.asked(index)
        if callable(target):
            return scores(target, output, samples)
        return class_scores(logits_of(output, self.output))[:, index]

    def read(self, scores: Tensor) -> Tensor:
        """What people read for each class and listed target, ``(B, count)``, ``float32``."""
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
        best = values[: self.class_count].argsort(descending=True, stable=True)[:count].tolist()
        if self.reading.finds_boxes:
            best = [index for index in best if values[index] > 0]
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


def _box_scores(output: Any) -> Tensor:
    """The score of each box of each sample, ``(B, MOST_BOXES)``; 0 where there is none."""
    found = detections_of(output)
    rows = torch.zeros(len(found), MOST_BOXES)
    for row, each in zip(rows, found, strict=True):
        few = each.scores.detach()[:MOST_BOXES]
        row[: len(few)] = few
    return rows


def _shares(areas: Tensor, predicted: Tensor) -> Tensor:
    """The share of each picture that is predicted as each class."""
    return areas.float() / predicted[0].numel()
