"""Other models on a gallery's pictures, as the first one's work knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..network import Activation
from .asking import Answer, Ask
from .order import Known, Moved, Verdict

Answers = dict[int, Answer | None]


@dataclass(frozen=True, slots=True)
class Change:
    """How another model differs from the first on a picture; None is what is not known, or cannot be told."""

    before: Verdict | None = None
    after: Verdict | None = None
    changed: bool | None = None
    """Whether it names another class first."""
    value: float | None = None
    """By how much it says more of the class explained."""
    maps: float | None = None
    """How far its map disagrees with the first one's, of the first method."""
    compared: bool = False
    """Whether the maps were held against each other, whatever came of it."""

    @property
    def moved(self) -> Moved | None:
        """Whether it is right where the first was wrong, or the reverse; None of neither."""
        if self.before is None or self.after is None:
            return None
        moves: dict[object, Moved] = {(False, True): "fixed", (True, False): "broken"}
        return moves.get((self.before.right, self.after.right))


class Other(Protocol):
    """One more model on the same pictures."""

    @property
    def name(self) -> str:
        """What it is called."""

    def ask(self, ask: Ask) -> Ask:
        """What is asked of this model: the methods that it allows, at its own layer."""

    def has_seen(self, index: int) -> bool:
        """Whether it has answered on a picture, or could not."""

    def predict(self, indices: Iterable[int], cancelled: Callable[[], bool]) -> None:
        """Find its answer on pictures."""

    def explain(
        self, indices: Sequence[int], ask: Ask, cancelled: Callable[[], bool], most: int | None
    ) -> Answers:
        """Explain pictures that the first model has explained; None of one that cannot be."""

    def known(self, indices: Sequence[int], ask: Ask) -> Answers:
        """The answers that are known already."""

    def said(self, index: int) -> dict[str, Any]:
        """What it says of a picture as a row tells it, with the picture where it is given another one."""

    def why_no_maps(self, index: int, ask: Ask) -> str:
        """Why it has no map of a picture that the first model has explained; nothing where it has one."""

    def maps(self, ask: Ask, answer: Answer) -> dict[str, dict[str, Any]]:
        """Its maps beside an answer of the first model, as a row has them, by method."""

    def compared(
        self, index: int, method: str, layer: str | None, target: int
    ) -> dict[str, Any] | None:
        """Its map of one picture, held against one of the first model, as a row has it; None if it cannot be asked.

        Raises
        ------
        Exception
            Whatever explaining raises.
        """

    def change(self, index: int, ask: Ask) -> Change:
        """How it differs from the first model on a picture."""

    def reread(self, activation: Activation) -> None:
        """Read its scores in another way from now on."""

    def forget(self) -> None:
        """Let go of what is large and can be found again."""

    def clear(self) -> None:
        """Forget everything."""


def explained_by_all(
    others: Sequence[Other],
    answers: Answers,
    ask: Ask,
    cancelled: Callable[[], bool],
    most: int | None,
) -> Answers:
    """Answers of the first model, with those of the others beside them."""
    good = [index for index, answer in answers.items() if answer is not None]
    beside = {other.name: other.explain(good, ask, cancelled, most) for other in others}
    return {
        index: answer and replace(answer, beside=_of(beside, index))
        for index, answer in answers.items()
    }


def known_to_all(
    others: Sequence[Other], answers: Mapping[int, Answer], ask: Ask
) -> dict[int, Answer]:
    """Those of the answers that the others know too."""
    beside = {other.name: other.known([*answers], ask) for other in others}
    return {
        index: replace(answer, beside=_of(beside, index))
        for index, answer in answers.items()
        if all(index in found for found in beside.values())
    }


def with_change(known: Callable[[int], Known], last: Other, ask: Ask) -> Callable[[int], Known]:
    """What is known of pictures, with what differs between the first model and the last."""

    def found(index: int) -> Known:
        change = last.change(index, ask)
        return replace(
            known(index),
            moved=change.moved,
            changed=change.changed,
            value_change=change.value,
            map_change=change.maps,
        )

    return found


def _of(beside: Mapping[str, Answers], index: int) -> dict[str, Answer | None]:
    return {name: found.get(index) for name, found in beside.items()}
