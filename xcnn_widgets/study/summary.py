"""How well a model does on all pictures: how many it got right, and which classes it takes for which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from .asking import Ask
from .histogram import DISAGREEMENTS, PROBABILITIES, Histogram
from .predictions import percent
from .work import Work


@dataclass(frozen=True)
class Changes:
    """On how many pictures the last model names another class first, is right where the first was wrong, or the reverse."""

    changed: int
    fixed: int
    broken: int

    def __str__(self) -> str:
        return f"{self.changed} changed, {self.fixed} fixed, {self.broken} broken"


@dataclass(frozen=True)
class Summary:
    """What the model said about all pictures, held against their labels.

    Attributes
    ----------
    pictures
        How many there are.
    right, wrong
        How many it got right and wrong, of those that have a label among the classes.
    unlabelled
        How many of those that it has seen have no label among the classes.
    unread
        How many could not be read, or the model has no answer on.
    confusion
        How many pictures have a label and a prediction, by the indices ``(label, prediction)``; pairs that do not
        occur are left out. Empty where no one class of each picture holds.
    model
        What the model is called, of several.
    beside
        Those of the other models.
    changes
        How the last model differs from the first.
    values
        How what the model says of the class that it predicts is spread: of probabilities over [0, 1], of other values
        from the least to the greatest; None before it has seen any picture.
    disagreements
        How far the first two methods disagree, over [0, 2]; of several models those of the first one. None unless it is
        known of all pictures that the model has seen and that could be explained.

    Examples
    --------
    >>> print(Summary(8, 5, 2, 0, 1, {(0, 0): 5, (0, 1): 2}))
    accuracy 71.4% (5 of 7), 2 wrong, 1 not read
    """

    pictures: int
    right: int
    wrong: int
    unlabelled: int
    unread: int
    confusion: Mapping[tuple[int, int], int]
    model: str | None = None
    beside: tuple[Summary, ...] = ()
    changes: Changes | None = None
    values: Histogram | None = None
    disagreements: Histogram | None = None

    @property
    def accuracy(self) -> float | None:
        """The share of right ones among those with a label, 0 to 1; None where there is none."""
        judged = self.right + self.wrong
        return self.right / judged if judged else None

    @property
    def class_accuracy(self) -> dict[int, float]:
        """The same of each label that occurs, by its index; empty where `confusion` is."""
        counts: Counter[int] = Counter()
        for (label, _), count in self.confusion.items():
            counts[label] += count
        return {
            label: self.confusion.get((label, label), 0) / count for label, count in counts.items()
        }

    def __str__(self) -> str:
        judged = self.right + self.wrong
        known = (
            "no label is known"
            if self.accuracy is None
            else _rate(self.accuracy, self.right, judged)
        )
        parts = [known, f"{self.wrong} wrong", f"{self.unread} not read"]
        if self.unlabelled:
            parts.append(f"{self.unlabelled} without a label among the classes")
        text = ", ".join(parts)
        if self.model is not None:
            text = f"{self.model}: {text}"
        return "; ".join([text, *map(str, [*self.beside, *filter(None, [self.changes])])])

    @classmethod
    def of(cls, work: Work, ask: Ask | None = None) -> Summary:
        """What is known now; complete once the model has seen all pictures.

        Parameters
        ----------
        work
            The first model's.
        ask
            What is asked of each picture, for how far the first two methods disagree.
        """
        apart = {} if ask is None else _disagreements(work, ask)
        return replace(
            cls._of(work, apart),
            beside=tuple(
                replace(cls._of(other.work, apart), model=other.name) for other in work.others
            ),
            changes=_changes(work) if work.others else None,
        )

    @classmethod
    def _of(cls, work: Work, apart: Mapping[int, float]) -> Summary:
        verdicts, labels = work.findings.verdicts, work.labels
        judged = {i: verdict for i, verdict in verdicts.items() if verdict.right is not None}
        right = sum(verdict.right is True for verdict in judged.values())
        count = len(work.exploration.pictures)
        confusion: Counter[tuple[int, int]] = Counter()
        reading = work.exploration.answers.reading
        if reading.has_winner:
            for index, verdict in judged.items():
                label = labels.of(index)
                assert isinstance(label, int)
                confusion[label, verdict.index] += 1
        return cls(
            count,
            right,
            len(judged) - right,
            len(verdicts) - len(judged),
            count - len(verdicts),
            dict(sorted(confusion.items())),
            work.name,
            values=Histogram.of(
                {i: verdict.value for i, verdict in verdicts.items()},
                {i: verdict.right for i, verdict in verdicts.items()},
                PROBABILITIES if reading.gives_probabilities else None,
            ),
            disagreements=Histogram.of(
                {i: apart[i] for i in verdicts.keys() & apart.keys()},
                {i: verdict.right for i, verdict in verdicts.items()},
                DISAGREEMENTS,
            ),
        )

    def state(self) -> dict[str, Any]:
        """It as it goes to a page."""
        more: dict[str, Any] = {}
        if self.changes is not None:
            beside = [other.state() for other in self.beside]
            more = {"beside": beside, "changes": asdict(self.changes)}
        if self.model is not None:
            more["model"] = self.model
        return {
            **more,
            "pictures": self.pictures,
            "right": self.right,
            "wrong": self.wrong,
            "unlabelled": self.unlabelled,
            "unread": self.unread,
            "confusion": [[*pair, count] for pair, count in self.confusion.items()],
            "distributions": {
                "value": self.values and self.values.state(),
                "disagreement": self.disagreements and self.disagreements.state(),
            },
        }


def _disagreements(work: Work, ask: Ask) -> Mapping[int, float]:
    """How far the first two methods disagree on each picture; nothing unless it is known of all that could be explained."""
    findings, apart = work.findings, work.findings.disagreements(ask)
    unknown = findings.verdicts.keys() - apart.keys()
    return apart if all(findings.failure(index, ask) for index in unknown) else {}


def _changes(work: Work) -> Changes:
    verdicts, last = work.findings.verdicts, work.others[-1]
    ask = Ask((), None, "predicted")
    changes = [last.change(index, ask) for index in verdicts]
    moved = Counter(change.moved for change in changes)
    changed = sum(change.changed is True for change in changes)
    return Changes(changed, moved["fixed"], moved["broken"])


def _rate(accuracy: float, right: int, judged: int) -> str:
    return f"accuracy {percent(accuracy)} ({right} of {judged})"
