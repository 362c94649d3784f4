"""A gallery's models together: the work of the first, with the others beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .beside import Beside
from .kept_numbers import Kept
from .labels import Label
from .models import Models
from .work import Work


def several(
    models: Models,
    labels: Any,
    batch_size: int | None,
    cache_bytes: int,
    *,
    exact: bool,
    image_index: int,
) -> tuple[Work, int]:
    """The work of the first model, with the others beside it, and a picture that all take.

    Raises
    ------
    TypeError, ValueError
        If a model does not fit; the message names it. Whatever a model raises on the pictures.
    """
    each = cache_bytes // len(models)
    first = Work(models.explored(models.names[0]), labels, batch_size, each, exact=exact)
    index = first.open(image_index)
    if len(models) == 1:
        return first, index
    first.name = models.names[0]
    first.findings.kept = Kept()
    beside = []
    for name in models.names[1:]:
        assert name is not None
        work = Work(models.explored(name), None, batch_size, each, exact=exact)
        work.labels.given = _FirstsLabels(first, work)
        try:
            work.open(index)
        except (TypeError, ValueError, RuntimeError) as error:
            if type(error) not in (TypeError, ValueError, RuntimeError):
                raise
            raise type(error)(f"model {name!r}: {error}") from error
        beside.append(Beside(name, first, work, index))
    first.others = tuple(beside)
    return first, index


class _FirstsLabels(Sequence[Label]):
    """The first model's labels, by name where both models have names."""

    def __init__(self, first: Work, work: Work) -> None:
        self._first, self._work = first, work

    def __len__(self) -> int:
        return len(self._first.exploration.pictures)

    def __getitem__(self, index: Any) -> Any:
        label = self._first.labels.of(index)
        if not isinstance(label, int):
            return label
        answers = self._first.exploration.answers, self._work.exploration.answers
        is_named = all(len(each.class_names) for each in answers)
        return answers[0].name(label) if is_named else label
