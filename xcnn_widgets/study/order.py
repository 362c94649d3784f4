"""Which pictures a gallery shows, and in which order: a row of a table for each order and filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..metrics import ROW_METRICS

# From a number on, up to and without another one; None is no upper end.
Range = tuple[float, float | None]
# From the first model to the last.
Moved = Literal["fixed", "broken"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the model said about a picture: its class, the probability or score of it, and whether it is right.

    `right` is None where the picture has no label among the classes.
    """

    index: int
    value: float
    right: bool | None
    others: tuple[tuple[int, float], ...] = ()
    """Where each label holds by itself: the other labels that hold, the likeliest first."""

    @property
    def held(self) -> tuple[int, ...]:
        """All classes that hold, the likeliest first."""
        return (self.index, *(index for index, _ in self.others))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a picture, as orders and filters see it."""

    verdict: Verdict | None = None
    label: int | str | None = None
    disagreement: float | None = None
    moved: Moved | None = None
    """How the last of several models differs from the first, as `Change` has it; and the next ones."""
    changed: bool | None = None
    value_change: float | None = None
    map_change: float | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Of the first method's map, by metric."""
    group: int | None = None
    """Which group of pictures with like maps it belongs to, where they were grouped."""


# What must be known of all pictures before they can be ordered or filtered.
Needs = Literal["nothing", "verdicts", "disagreements", "map changes", "metric"]
Rank = tuple[float, ...]


@dataclass(frozen=True)
class Order:
    """An order of the pictures: smaller ranks come first; None, where it is not known, comes last."""

    needs: Needs
    rank: Callable[[Known], Rank | None]


def _by_verdict(rank: Callable[[Verdict], Rank]) -> Order:
    return Order("verdicts", lambda known: None if known.verdict is None else rank(known.verdict))


def _worst_first(metric: str, *, higher_is_better: bool) -> Order:
    sign = 1 if higher_is_better else -1

    def rank(known: Known) -> Rank | None:
        number = known.numbers.get(metric)
        return None if number is None else (sign * number,)

    return Order("metric", rank)


ORDERS: Mapping[str, Order] = {
    "given": Order("nothing", lambda _: ()),
    "confidence": _by_verdict(lambda verdict: (-verdict.value,)),
    "least_confident": _by_verdict(lambda verdict: (verdict.value,)),
    "wrong": _by_verdict(lambda verdict: (verdict.right is not False, -verdict.value)),
    "disagreement": Order(
        "disagreements",
        lambda known: None if known.disagreement is None else (-known.disagreement,),
    ),
    "changed": Order(
        "verdicts",
        lambda known: (
            None if known.changed is None else (not known.changed, -abs(known.value_change or 0.0))
        ),
    ),
    "value_change": Order(
        "verdicts",
        lambda known: None if known.value_change is None else (-abs(known.value_change),),
    ),
    "map_change": Order(
        "map changes",
        lambda known: None if known.map_change is None else (-known.map_change,),
    ),
    **{
        name: _worst_first(name, higher_is_better=metric.higher_is_better)
        for name, metric in ROW_METRICS.items()
    },
}
# What makes sense only where there are several models.
BETWEEN_MODELS = ("changed", "value_change", "map_change", "fixed", "broken")


# Which pictures `show` lets through, of those that the model has seen.
SHOWN: Mapping[str, Callable[[Known, Verdict], bool]] = {
    "all": lambda _, __: True,
    "wrong": lambda _, verdict: verdict.right is False,
    "right": lambda _, verdict: verdict.right is True,
    "fixed": lambda known, _: known.moved == "fixed",
    "broken": lambda known, _: known.moved == "broken",
}

# By the selection's field: whether a picture that the model has seen passes a value of it that is not None.
FILTERS: Mapping[str, Callable[[Any, Known, Verdict], bool]] = {
    "show": lambda show, known, verdict: SHOWN[show](known, verdict),
    "show_class": lambda index, _, verdict: index in verdict.held,
    "show_label": lambda index, known, _: known.label == index,
    "show_value": lambda ends, _, verdict: _is_in(ends, verdict.value),
    "show_disagreement": lambda ends, known, _: _is_in(ends, known.disagreement),
    "show_group": lambda group, known, _: known.group == group,
}


def _is_in(ends: Range, number: float | None) -> bool:
    low, high = ends
    return number is not None and low <= number and (high is None or number < high)


@dataclass(frozen=True)
class Selection:
    """Filters and order of a gallery, as its traits say them."""

    order: str = "given"
    show: str = "all"
    show_class: int | None = None
    show_label: int | None = None
    show_text: str = ""
    model: str | None = None
    """Whose verdicts and metrics they go by, of several models; None is the first."""
    show_value: Range | None = None
    """What the model says of the class that it predicts: its probability, or its value."""
    show_disagreement: Range | None = None
    """How far the first two methods disagree."""
    show_group: int | None = None
    """A group of pictures with like maps."""

    @property
    def as_it_matters(self) -> Selection:
        """It without the model where nothing goes by what one says."""
        goes = self.needs_predictions or self.needs_metric
        return self if goes else replace(self, model=None)

    @property
    def filters(self) -> dict[str, Any]:
        """The filters that are set, by name, beside that of the pictures' names."""
        now = {name: getattr(self, name) for name in FILTERS}
        return {name: value for name, value in now.items() if value != getattr(_EVERYTHING, name)}

    @property
    def needs_predictions(self) -> bool:
        """Whether the model must have seen all pictures whose names pass."""
        return bool(self.filters) or ORDERS[self.order].needs == "verdicts"

    @property
    def needs_disagreements(self) -> bool:
        """Whether all pictures that pass the other filters must have been explained."""
        by_filter = self.show_disagreement is not None
        return by_filter or ORDERS[self.order].needs == "disagreements"

    @property
    def before_explaining(self) -> Selection:
        """It without the filter that needs explained pictures."""
        return replace(self, show_disagreement=None)

    @property
    def needs_map_changes(self) -> bool:
        """Whether all pictures that pass must have been explained with all models."""
        return ORDERS[self.order].needs == "map changes"

    @property
    def needs_metric(self) -> bool:
        """Whether the first method's maps of all pictures that pass must have been measured."""
        return ORDERS[self.order].needs == "metric"


_EVERYTHING = Selection()


def with_text(count: int, text: str, name: Callable[[int], str]) -> Sequence[int]:
    """The indices of the pictures, of `count`, that have a text in their names, whatever its case."""
    wanted = text.strip().casefold()
    return [i for i in range(count) if wanted in name(i).casefold()] if wanted else range(count)


def passing(
    indices: Sequence[int], selection: Selection, known: Callable[[int], Known]
) -> Sequence[int]:
    """Those of the pictures that pass the filters; without a verdict a picture passes none."""
    filters = selection.filters
    return [i for i in indices if _passes(known(i), filters)] if filters else indices


def in_order(indices: Sequence[int], order: str, known: Callable[[int], Known]) -> Sequence[int]:
    """The pictures in an order; equals stay as they were given, and those of which nothing is known come last."""
    if order == "given":
        return indices
    ranks = {index: ORDERS[order].rank(known(index)) for index in indices}
    return sorted(indices, key=lambda i: ((rank := ranks[i]) is None, rank or ()))


def _passes(known: Known, filters: Mapping[str, Any]) -> bool:
    verdict = known.verdict
    return verdict is not None and all(
        FILTERS[name](value, known, verdict) for name, value in filters.items()
    )
