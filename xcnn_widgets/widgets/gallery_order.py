"""Which pictures a gallery shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Selection:
    """Filters and order of a gallery, as its traits say them."""

    order: str = "given"
    show: str = "all"
    show_class: int | None = None
    show_text: str = ""

    @property
    def needs_predictions(self) -> bool:
        """Whether the model must have seen all pictures."""
        filters = self.show != "all" or self.show_class is not None
        return filters or self.order not in ("given", "disagreement")

    @property
    def needs_disagreements(self) -> bool:
        """Whether all pictures must have been explained."""
        return self.order == "disagreement"


@dataclass(frozen=True)
class Verdict:
    """What the model said about a picture: its class, how likely, and whether that is its label (None: no label)."""

    index: int
    probability: float
    right: bool | None


def selected_pictures(
    count: int,
    selection: Selection,
    name: Callable[[int], str],
    verdicts: Mapping[int, Verdict],
    disagreements: Mapping[int, float],
) -> range | list[int]:
    """The indices of the pictures to show, in order.

    A picture without a verdict could not be read: it passes no filter on predictions and comes last in every order but
    the given one.

    Parameters
    ----------
    count
        How many pictures there are.
    selection
        Filters and order.
    name
        From an index to the picture's name.
    verdicts, disagreements
        What is known of the pictures, by index.
    """
    if selection == Selection():
        return range(count)
    text = selection.show_text.casefold()
    chosen = [
        i
        for i in range(count)
        if (not text or text in name(i).casefold()) and _passes(verdicts.get(i), selection)
    ]
    if selection.order == "disagreement":
        return sorted(chosen, key=lambda i: -disagreements.get(i, -1.0))
    if selection.order == "given":
        return chosen
    rank = _RANKS[selection.order]
    # Sorting keeps the given order among equals.
    return sorted(chosen, key=lambda i: rank(verdicts[i]) if i in verdicts else (2, 0.0))


# Smaller comes first.
_RANKS: dict[str, Callable[[Verdict], tuple[int, float]]] = {
    "confidence": lambda verdict: (0, -verdict.probability),
    "least_confident": lambda verdict: (0, verdict.probability),
    "wrong": lambda verdict: (0 if verdict.right is False else 1, -verdict.probability),
}


def _passes(verdict: Verdict | None, selection: Selection) -> bool:
    if selection.show_class is not None and (
        verdict is None or verdict.index != selection.show_class
    ):
        return False
    if selection.show == "all":
        return True
    return verdict is not None and verdict.right is (selection.show == "right")
