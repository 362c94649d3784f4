"""Where a gallery's answers come from: a model that is asked now, or what it said before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ..imaging import PreparedPictures
from ..network import Activation
from .asking import Ask, Request, Target
from .chosen import asked_of, class_in, class_names_of
from .files import explained_rows
from .filling import fill, known_matches, matching
from .page_screen import Screen
from .results import failures_by_name, table
from .rows import Row
from .summary import Summary
from .wire import reading_state
from .work import Work

if TYPE_CHECKING:
    import pandas as pd


class Source(Protocol):
    """What a gallery asks for its pages, and for what leaves it."""

    @property
    def count(self) -> int:
        """How many pictures there are."""

    @property
    def models(self) -> Sequence[str]:
        """The names of the models; empty of one alone."""

    @property
    def reading(self) -> Mapping[str, Any]:
        """How the model's scores are read, as the browser takes it."""

    @property
    def pictures(self) -> PreparedPictures | None:
        """The pictures as the model takes them; None where there are only those of the rows."""

    def class_names(self) -> tuple[list[str], Mapping[str, list[str]]]:
        """The names of the classes; and of other models those that have other ones, by model."""

    def class_index(self, target: Any, model: str | None = None) -> int:
        """The index of a class or target, of one of several models.

        Raises
        ------
        TypeError, ValueError
            If there is no such class.
        """

    def class_in(self, index: int, model: str | None, other: str | None) -> int | None:
        """The index that another of the models gives a class of one; None if it has no such class."""

    def name(self, index: int) -> str:
        """What a picture is called."""

    def first_target(self) -> Target:
        """What is explained at first."""

    def admit(self, name: str, value: Any, now: Request) -> None:
        """Refuse a choice that cannot be answered here, though there is such a thing.

        Raises
        ------
        ValueError
            The message tells why, and the way out.
        """

    def fill(self, request: Request, screen: Screen) -> None:
        """Work until a page is complete, or cancelled."""

    def matching(self, request: Request, screen: Screen) -> Sequence[int] | None:
        """The pictures that pass a request's filters, in its order, on all pages; None if it was cancelled."""

    def known_matches(self, request: Request) -> int | None:
        """How many they are, if no model need be asked for it; else None."""

    def explained(
        self, indices: Sequence[int], ask: Ask, cancelled: Callable[[], bool]
    ) -> Iterator[tuple[int, list[Row]]]:
        """The rows of pictures, some at a time, with how many have been done by then."""

    def failures(self, ask: Ask) -> dict[str, str]:
        """The pictures that could not be read, or not be explained as it is asked, by name, and why."""

    def table(self, model: str | None, ask: Ask, metrics: Sequence[str]) -> pd.DataFrame:
        """What is known of each picture."""

    def read_as(self, activation: Any) -> Activation:
        """Let scores be read in a way; None finds out how. Returns the way in which they are read now.

        Raises
        ------
        ValueError
            If they cannot be; the message names the activation.
        """

    def summary(self, ask: Ask) -> Summary:
        """How well the models do, by what is known of all pictures; how far methods disagree is of what is asked."""

    def reread(self) -> None:
        """Forget what the models said, which is read in another way from now on."""

    def forget(self) -> None:
        """Let go of what is large and can be found again."""

    def clear(self) -> None:
        """Forget all maps and pictures."""


class AskedSource:
    """Models that are asked now.

    Parameters
    ----------
    work
        The first model with the pictures, and the others beside it; it is opened.
    index
        A picture that all take.
    """

    def __init__(self, work: Work, index: int) -> None:
        self.work = work
        self._index = index

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.work.exploration.pictures)

    @property
    def models(self) -> Sequence[str]:
        """The names of the models; empty of one alone."""
        work = self.work
        return [work.name or "", *(other.name for other in work.others)] if work.others else []

    @property
    def reading(self) -> Mapping[str, Any]:
        """How the model's scores are read, as the browser takes it."""
        return reading_state(self.work.exploration.answers.reading)

    @property
    def pictures(self) -> PreparedPictures | None:
        """The pictures as the model takes them."""
        return self.work.exploration

    def class_names(self) -> tuple[list[str], Mapping[str, list[str]]]:
        """As `Source.class_names`."""
        return self.work.exploration.answers.names(), class_names_of(self.work)

    def class_index(self, target: Any, model: str | None = None) -> int:
        """As `Source.class_index`."""
        work, _ = asked_of(self.work, model, Ask((), None, "predicted"))
        return work.exploration.answers.index(target)

    def class_in(self, index: int, model: str | None, other: str | None) -> int | None:
        """As `Source.class_in`."""
        return class_in(self.work, index, model, other)

    def name(self, index: int) -> str:
        """What a picture is called."""
        return self.work.exploration.pictures.name(index)

    def first_target(self) -> Target:
        """Each picture's prediction; where no class of each holds, the likeliest of the first picture."""
        exploration = self.work.exploration
        if exploration.answers.reading.has_winner:
            return "predicted"
        return exploration.predictions(self._index, 1)[0].index

    def admit(self, name: str, value: Any, now: Request) -> None:
        """A model can be asked whatever there is."""

    def fill(self, request: Request, screen: Screen) -> None:
        """As `Source.fill`."""
        fill(self.work, request, screen)

    def matching(self, request: Request, screen: Screen) -> Sequence[int] | None:
        """As `Source.matching`."""
        return matching(self.work, request, screen)

    def known_matches(self, request: Request) -> int | None:
        """As `Source.known_matches`."""
        known = known_matches(self.work, request)
        return None if known is None else len(known)

    def explained(
        self, indices: Sequence[int], ask: Ask, cancelled: Callable[[], bool]
    ) -> Iterator[tuple[int, list[Row]]]:
        """As `Source.explained`."""
        return explained_rows(self.work, ask, indices, cancelled)

    def failures(self, ask: Ask) -> dict[str, str]:
        """As `Source.failures`."""
        return failures_by_name(self.work, ask)

    def table(self, model: str | None, ask: Ask, metrics: Sequence[str]) -> pd.DataFrame:
        """As `Source.table`."""
        return table(*asked_of(self.work, model, ask), metrics)

    def read_as(self, activation: Any) -> Activation:
        """As `Source.read_as`."""
        exploration = self.work.exploration
        if activation != exploration.answers_on(self._index).reading.activation:
            exploration.answers.say(activation)
        return exploration.answers_on(self._index).reading.activation

    def summary(self, ask: Ask) -> Summary:
        """As `Source.summary`."""
        return Summary.of(self.work, ask)

    def forget(self) -> None:
        """As `Source.forget`."""
        self.work.forget()

    def reread(self) -> None:
        """As `Source.reread`."""
        self.work.reread()

    def clear(self) -> None:
        """Forget all maps and pictures."""
        self.work.clear()
