"""Which pictures a gallery shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Selection:
    """Filters and order of a gallery, as its traits say them."""

    order: str = "given"
    show: str = "all"
    show_class: int | None = None
    show_text: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether all pictures are shown as they were given."""
        return self == Selection()

    @property
    def needs_predictions(self) -> bool:
        """Whether the model must have seen all pictures whose names pass."""
        filters = self.show != "all" or self.show_class is not None
        return filters or self.order not in ("given", "disagreement")

    @property
    def needs_disagreements(self) -> bool:
        """Whether all pictures that pass must have been explained."""
        return self.order == "disagreement"


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


def with_text(count: int, text: str, name: Callable[[int], str]) -> Sequence[int]:
    """The indices of the pictures, of `count`, that have a text in their names, whatever its case."""
    wanted = text.strip().casefold()
    return [i for i in range(count) if wanted in name(i).casefold()] if wanted else range(count)


def passing(
    indices: Sequence[int], selection: Selection, verdicts: Mapping[int, Verdict]
) -> Sequence[int]:
    """Those of the pictures whose verdicts pass the filters; without a verdict a picture passes none."""
    if selection.show == "all" and selection.show_class is None:
        return indices
    return [i for i in indices if i in verdicts and _passes(verdicts[i], selection)]


def in_order(
    indices: Sequence[int],
    order: str,
    verdicts: Mapping[int, Verdict],
    disagreements: Mapping[int, float],
) -> Sequence[int]:
    """The pictures in an order; equals stay as they were given, and those of which nothing is known come last."""
    if order == "given":
        return indices
    if order == "disagreement":
        return _ranked(indices, lambda i: -disagreements[i], disagreements)
    rank = _RANKS[order]
    return _ranked(indices, lambda i: rank(verdicts[i]), verdicts)


# Smaller comes first.
_RANKS: dict[str, Callable[[Verdict], tuple[int, float]]] = {
    "confidence": lambda verdict: (0, -verdict.value),
    "least_confident": lambda verdict: (0, verdict.value),
    "wrong": lambda verdict: (0 if verdict.right is False else 1, -verdict.value),
}


def _ranked(
    indices: Iterable[int], rank: Callable[[int], object], known: Mapping[int, object]
) -> list[int]:
    return sorted(indices, key=lambda i: (0, rank(i)) if i in known else (1,))


def _passes(verdict: Verdict, selection: Selection) -> bool:
    held = (verdict.index, *(index for index, _ in verdict.others))
    if selection.show_class not in (None, *held):
        return False
    return selection.show == "all" or verdict.right is (selection.show == "right")
