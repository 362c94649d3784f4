"""What was found out about many pictures: answers of the model, maps within a number of bytes, failures."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from torch import Tensor

from ..bounded_cache import BoundedCache
from ..metrics import ROW_METRICS
from .answers import Answers
from .asking import Ask, Failure, Pair, Target, Tiles
from .kept_numbers import Kept
from .labels import Labels
from .maps import TileMap, tile_bytes
from .order import Known, Verdict

# Sorting needs a number for each picture; of ten thousand pictures these are those of ten pairs.
_NUMBERS = 100_000


class Keeper(Protocol):
    """Keeps more of what is found than a gallery of one model needs."""

    def hear(self, index: int, scores: Tensor, values: Tensor) -> None:
        """Take what a model said of a picture: the scores of its classes, and what people read for them, ``(count,)``."""

    def keep(
        self,
        indices: Sequence[int],
        method: str,
        layer: str | None,
        targets: Sequence[int],
        maps: Tensor,
    ) -> None:
        """Take the maps ``(B, h, w)`` of a method at a layer, one a picture and its class."""

    def clear(self) -> None:
        """Forget everything."""


class Findings:
    """Remembers what the model said of each picture, its maps, and why it failed.

    Parameters
    ----------
    answers
        Reads the model's scores.
    labels
        The true labels, which the model's answers are compared with.
    cache_bytes
        The most bytes of maps to keep; what was looked at longest ago is forgotten first.

    Attributes
    ----------
    verdicts
        What the model said of each picture that it has seen.
    unmeasured
        Why a metric of a method's maps could not be computed, by both their names.
    failures
        Why a picture could not be read or explained, of those that failed when they were last tried.
    """

    def __init__(self, answers: Answers, labels: Labels, cache_bytes: int) -> None:
        self._answers = answers
        self.labels = labels
        self.verdicts: dict[int, Verdict] = {}
        self.failures: dict[int, Failure] = {}
        self._tiles: BoundedCache[tuple[int, str, str | None, int], TileMap] = BoundedCache(
            cache_bytes, tile_bytes
        )
        self._disagreements: OrderedDict[Pair, dict[int, float]] = OrderedDict()
        self.resolve: Callable[[int, Target], int | None] | None = None
        """What finds the class to explain, where another model says which it is."""
        self.kept: Kept | None = None
        """What is kept to hold models against each other, where there are several."""
        self.keeper: Keeper | None = None
        """What else takes all that is found, such as the results of a whole data set."""
        self._numbers: dict[tuple[object, ...], float | None] = {}
        self.unmeasured: dict[tuple[str, str], str] = {}

    @property
    def bytes(self) -> int:
        """The bytes of the maps that are kept."""
        return self._tiles.bytes

    def target_class(self, index: int, target: Target) -> int | None:
        """The class to explain on a picture; None while its prediction is unknown.

        Raises
        ------
        ValueError
            If the true label is asked for and it is none of the model's classes.
        """
        if self.resolve is not None:
            return self.resolve(index, target)
        if target == "predicted":
            verdict = self.verdicts.get(index)
            return None if verdict is None else verdict.index
        if target != "label":
            return int(target)
        label = self.labels.of(index)
        if isinstance(label, int):
            return label
        what = (
            "it has no label"
            if label is None
            else f"its label is {label!r}, which is none of the model's classes"
        )
        raise ValueError(f"{what}; explain the prediction")

    def targets(self, indices: Iterable[int], ask: Ask) -> list[int]:
        """The class to explain on each of some pictures on which the model has answered."""
        found = [self.target_class(index, ask.target) for index in indices]
        return [target for target in found if target is not None]

    def explainable(self, indices: Iterable[int], ask: Ask) -> list[int]:
        """Those of the pictures that have the class asked for; of the others it is noted that they fail."""
        able = []
        for index in indices:
            try:
                self.target_class(index, ask.target)
            except ValueError as error:
                self.failures[index] = Failure(str(error), ask)
            else:
                able.append(index)
        return able

    def tiles(self, indices: Iterable[int], ask: Ask) -> dict[int, Tiles]:
        """The maps that are kept of explainable pictures, of those that were asked for."""
        found: dict[int, Tiles] = {}
        for index in indices:
            target = self.target_class(index, ask.target) if index in self.verdicts else None
            kept = {
                name: self._tiles.get((index, name, layer, target))
                for name, layer in ask.layers.items()
                if target is not None
            }
            found[index] = {name: tile for name, tile in kept.items() if tile is not None}
        return found

    def keep(
        self,
        indices: Sequence[int],
        method: str,
        layer: str | None,
        targets: Sequence[int],
        tiles: Sequence[TileMap],
        *,
        maps: Tensor,
    ) -> None:
        """Remember the maps ``(B, h, w)`` of a method at a layer, one a picture and its class, as tiles."""
        for keeper in self._keepers():
            keeper.keep(indices, method, layer, targets, maps)
        for index, target, tile in zip(indices, targets, tiles, strict=True):
            self._tiles.put((index, method, layer, target), tile)

    def disagreements(self, ask: Ask) -> Mapping[int, float]:
        """How far the first two methods disagree on each picture of which it is known."""
        return {} if ask.pair is None else self._disagreements.get(ask.pair, {})

    def keep_disagreements(self, ask: Ask, numbers: Iterable[tuple[int, float]]) -> None:
        """Remember how far the first two methods disagree on some pictures; the oldest pairs are forgotten first."""
        if ask.pair is None:
            return
        kept = self._disagreements
        kept.setdefault(ask.pair, {}).update(numbers)
        kept.move_to_end(ask.pair)
        while len(kept) > 1 and sum(map(len, kept.values())) > _NUMBERS:
            kept.popitem(last=False)

    def number(self, index: int, ask: Ask, metric: str, method: str) -> tuple[float | None] | None:
        """What a metric says of a picture's map, ``(None,)`` where it could not be measured; None if it is not known."""
        key = self._key(index, ask, metric, method)
        return (self._numbers[key],) if key in self._numbers else None

    def keep_number(
        self, index: int, ask: Ask, metric: str, method: str, number: float | None
    ) -> None:
        """Remember what a metric says of a picture's map; None where it could not be measured."""
        self._numbers[self._key(index, ask, metric, method)] = number

    def _key(self, index: int, ask: Ask, metric: str, method: str) -> tuple[object, ...]:
        target: Target | None = ask.target
        with suppress(ValueError):  # Its label is no class: there is no map of it.
            target = self.target_class(index, ask.target)
        return index, metric, method, ask.layers[method], target

    def known(self, ask: Ask) -> Callable[[int], Known]:
        """From a picture to what is known of it: nothing before the model has seen it, for its label may lie in it."""
        apart, verdicts = self.disagreements(ask), self.verdicts

        def known(index: int) -> Known:
            label = self.labels.of(index) if index in verdicts else None
            numbers = {
                metric: found[0]
                for metric in ROW_METRICS
                for method in ask.methods[:1]
                if (found := self.number(index, ask, metric, method)) is not None
                and found[0] is not None
            }
            return Known(verdicts.get(index), label, apart.get(index), numbers=numbers)

        return known

    def failure(self, index: int, ask: Ask) -> str | None:
        """Why a picture could not be explained as it is asked; None if it could, or was not tried."""
        found = self.failures.get(index)
        return found.cause if found is not None and found.ask in (None, ask) else None

    def judge(self, indices: Sequence[int], scores: Tensor) -> list[Tensor | None]:
        """Keep what the model said of each picture, by the scores of its classes and targets ``(B, count)``.

        What it said first stands, whatever batch a picture comes in later.

        Returns
        -------
        list
            What people read for each of them, ``(count,)``; None where a score is not finite.
        """
        said: list[Tensor | None] = []
        for index, row, values in zip(indices, scores, self._answers.read(scores), strict=True):
            if not row.isfinite().all():
                said.append(None)
                continue
            said.append(values)
            for keeper in self._keepers():
                keeper.hear(index, row, values)
            if index not in self.verdicts:
                self.verdicts[index] = self._verdict(index, self._answers.winner(row), values)
                self.failures.pop(index, None)
        return said

    def _verdict(self, index: int, winner: int, values: Tensor) -> Verdict:
        label, reading = self.labels.of(index), self._answers.reading
        answer, likely = (winner, float(values[winner])), values[: self._answers.class_count]
        if not reading.gives_probabilities:
            return Verdict(*answer, None)
        if reading.has_winner:
            return Verdict(*answer, label == winner if isinstance(label, int) else None)
        # Of labels each by itself, those hold that are likelier than not.
        held = [index for index in likely.argsort(descending=True).tolist() if likely[index] >= 0.5]
        others = tuple((index, float(values[index])) for index in held if index != winner)
        return Verdict(*answer, label in held if isinstance(label, int) else None, others)

    def reread(self) -> None:
        """Forget what the model said, which is read in another way from now on."""
        self.clear()
        self.verdicts.clear()
        for keeper in self._keepers():
            keeper.clear()

    def _keepers(self) -> list[Keeper]:
        return [keeper for keeper in (self.kept, self.keeper) if keeper is not None]

    def begin_anew(self) -> None:
        """Forget everything about every picture."""
        self.reread()
        self.failures.clear()

    def forget(self) -> None:
        """Let go of the maps, which are large and can be found again."""
        self._tiles.clear()

    def clear(self) -> None:
        """Let go of the maps and of what was compared."""
        self._tiles.clear()
        self._disagreements.clear()
        self._numbers.clear()
        self.unmeasured.clear()
