"""Who is held against whom, and the line of the table that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from .expected import expected
from .timing import Effort, duel

BARE = "bare torch"


@dataclass(frozen=True)
class Rival:
    """Somebody who answers the same question.

    Attributes
    ----------
    name
        As in the table.
    run
        What it does for one answer.
    is_limit
        Whether it is what no answer can do without, such as bare torch: the ratio is then ours over theirs, and how far
        above 1 counts. Of a peer it is theirs over ours: how many times as fast ours is.
    """

    name: str
    run: Callable[[], object]
    is_limit: bool = False


@dataclass(frozen=True)
class Race:
    """One question about one network, answered by ours and by rivals; to be closed."""

    ours: Callable[[], object]
    rivals: tuple[Rival, ...]
    close: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    question, network, rival
        What was asked of which network, and whom ours is held against.
    ratio, low, high
        The median of the ratios of each round, and their quartiles.
    at_most
        Whether the ratio is ours over theirs, so that little is good; otherwise theirs over ours.
    expected
        The limit that the ratio is expected to keep; None where nothing is.
    rounds
        How many ratios there are.
    ours, theirs
        Medians in `unit`.
    note
        Further figures.
    """

    question: str
    network: str
    rival: str
    ratio: float
    low: float
    high: float
    at_most: bool
    expected: float | None
    rounds: int
    ours: float
    theirs: float
    unit: str
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the ratio is as expected; None where nothing is."""
        if self.expected is None:
            return None
        return self.ratio <= self.expected if self.at_most else self.ratio >= self.expected


def bare(run: Callable[[], object]) -> Rival:
    """The torch calls that an answer cannot do without."""
    return Rival(BARE, run, is_limit=True)


def run(
    race: Race, question: str, network: str, effort: Effort, *, only_expected: bool
) -> Iterator[Row]:
    """Hold ours against one rival after the other, or only where a ratio is expected."""
    for rival in race.rivals:
        if not only_expected or expected(question, rival.name, network) is not None:
            ours, theirs = duel(race.ours, rival.run, effort)
            yield row(
                question,
                network,
                rival.name,
                [1e3 * seconds for seconds in ours],
                [1e3 * seconds for seconds in theirs],
                "ms",
                at_most=rival.is_limit,
            )


def row(
    question: str,
    network: str,
    rival: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    unit: str,
    *,
    at_most: bool,
    note: str = "",
) -> Row:
    """Hold samples of ours against those of a rival's that were taken in the same rounds."""
    pairs = zip(ours, theirs, strict=True)
    ratios = [mine / other if at_most else other / mine for mine, other in pairs]
    low, ratio, high = quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    return Row(
        question=question,
        network=network,
        rival=rival,
        ratio=ratio,
        low=low,
        high=high,
        at_most=at_most,
        expected=expected(question, rival, network),
        rounds=len(ratios),
        ours=median(ours),
        theirs=median(theirs),
        unit=unit,
        note=note,
    )
