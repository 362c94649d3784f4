"""What is asked of everybody, and how fast the answer must come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from statistics import median
from typing import Any, Literal

from .timing import Effort, Ratio, interleaved


@dataclass(frozen=True)
class Bound:
    """What a ratio must reach, and what it should.

    Attributes
    ----------
    must, aim
        The limit that has to hold, and a stricter one; None where there is none.
    side
        ``at_most`` for our time over theirs, ``at_least`` for theirs over ours.
    """

    side: Literal["at_most", "at_least"]
    must: float | None = None
    aim: float | None = None

    def keeps(self, value: float, limit: float | None) -> bool | None:
        """Whether a ratio keeps within a limit."""
        if limit is None:
            return None
        return value <= limit if self.side == "at_most" else value >= limit


@dataclass(frozen=True)
class Contender:
    """Somebody who answers: who, what is called, and the call."""

    name: str
    called: str
    run: Callable[[], Any]


@dataclass(frozen=True)
class Rival:
    """A contender whom ours is held against."""

    contender: Contender
    bound: Bound


@dataclass(frozen=True)
class Race:
    """One question about one network, answered by ours and by rivals in turn."""

    question: str
    network: str
    ours: Contender
    rivals: tuple[Rival, ...]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    `ratio` is ours over theirs where it must be at most something, theirs over ours where at least; `ours` and
    `theirs` are medians in `unit`. `details` are further figures, each under its name.
    """

    question: str
    network: str
    rival: str
    ratio: float
    low: float
    high: float
    side: str
    must: float | None
    aim: float | None
    met: bool | None
    reached: bool | None
    ours: float
    theirs: float
    unit: str
    ours_called: str
    rival_called: str
    samples: int
    details: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def without_the_unable(race: Race) -> tuple[Race, list[str]]:
    """The race without the rivals that raise an error, and why each of them is left out."""
    able, complaints = [], []
    for rival in race.rivals:
        try:
            rival.contender.run()
        except Exception as error:
            cause = str(error).partition("\n")[0]
            complaints.append(
                f"{race.question}: {rival.contender.name}: {type(error).__name__}: {cause}"
            )
        else:
            able.append(rival)
    return replace(race, rivals=tuple(able)), complaints


def run(race: Race, effort: Effort) -> list[Row]:
    """Measure one race."""
    contenders = [race.ours, *(rival.contender for rival in race.rivals)]
    samples = interleaved({contender.name: contender.run for contender in contenders}, effort)
    ours = samples[race.ours.name]
    return [
        row(
            race.question,
            race.network,
            race.ours,
            rival,
            ours,
            samples[rival.contender.name],
            "ms",
            1e3,
        )
        for rival in race.rivals
    ]


def row(
    question: str,
    network: str,
    ours: Contender,
    rival: Rival,
    our_samples: list[float],
    their_samples: list[float],
    unit: str,
    scale: float = 1.0,
) -> Row:
    """Hold samples of ours against samples of a rival's."""
    bound = rival.bound
    pair = (our_samples, their_samples) if bound.side == "at_most" else (their_samples, our_samples)
    ratio = Ratio.of(*pair)
    return Row(
        question=question,
        network=network,
        rival=rival.contender.name,
        ratio=ratio.value,
        low=ratio.low,
        high=ratio.high,
        side=bound.side,
        must=bound.must,
        aim=bound.aim,
        met=bound.keeps(ratio.value, bound.must),
        reached=bound.keeps(ratio.value, bound.aim),
        ours=median(our_samples) * scale,
        theirs=median(their_samples) * scale,
        unit=unit,
        ours_called=ours.called,
        rival_called=rival.contender.called,
        samples=len(our_samples),
    )
