"""Which of several models is asked what it says of pictures: in filters and orders, numbers and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .asking import Ask, column
from .matched import matched_class
from .measures import Numbers, numbers_of
from .order import Known
from .work import Other, Work


def asked_of(work: Work, model: str | None, ask: Ask) -> tuple[Work, Ask]:
    """The work of one of the models, and what is asked of it.

    Parameters
    ----------
    work
        The first model's.
    model
        A model's name; None, or the first one's, is the first.
    ask
        What is asked of the first.
    """
    other = _other(work, model)
    return (work, ask) if other is None else (other.work, other.ask(ask))


def facts_of(work: Work, model: str | None, ask: Ask) -> Callable[[int], Known]:
    """From a picture to what is known of it: the verdict, the label and the metrics are those of one of the models."""
    known, other = work.facts(ask), _other(work, model)
    if other is None:
        return known
    its = other.work.findings.known(other.ask(ask))

    def found(index: int) -> Known:
        own = its(index)
        return replace(known(index), verdict=own.verdict, label=own.label, numbers=own.numbers)

    return found


def numbers_in_columns(
    work: Work, model: str | None, indices: Sequence[int], ask: Ask, metrics: Sequence[str]
) -> dict[int, Numbers]:
    """What is known of a model's maps, by the names of its columns; None also where it has no such map."""
    other = _other(work, model)
    if other is None:
        return {index: numbers_of(work, index, ask, metrics) for index in indices}
    own, columns = other.ask(ask), {name: column(name, other.name) for name in ask.methods}
    found = {}
    for index in indices:
        failed = other.work.findings.failure(index, own) is not None
        none = {name: None for name in ask.methods if failed or name not in own.methods}
        told = numbers_of(other.work, index, own, metrics)
        by_metric = {metric: {**none, **told.get(metric, {})} for metric in metrics}
        found[index] = {
            metric: {columns[name]: number for name, number in numbers.items()}
            for metric, numbers in by_metric.items()
            if numbers
        }
    return found


def class_in(work: Work, index: int, model: str | None, other: str | None) -> int | None:
    """The index that another of the models gives a class of one; None if it has no such class."""
    here, there = (_other(work, name) for name in (model, other))
    answers = [(work if one is None else one.work).exploration.answers for one in (here, there)]
    return matched_class(index, *answers)


def class_names_of(work: Work) -> dict[str, list[str]]:
    """The class names of those models that have other ones than the first."""
    first = work.exploration.answers.names()
    named = {other.name: other.work.exploration.answers.names() for other in work.others}
    return {name: names for name, names in named.items() if names != first}


def _other(work: Work, model: str | None) -> Other | None:
    """The model of a name, unless it is the first."""
    return next((other for other in work.others if other.name == model), None)
