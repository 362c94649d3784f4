"""The answers of a gallery: computed in batches, kept within a number of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from torch import Tensor

from ..bounded_cache import BoundedCache
from ..methods.table import METHODS
from ..metrics.agreement import disagreement
from .asking import Answer, Ask, Failure, Target, Tiles
from .batched_runs import NOT_FINITE, BatchedRuns, inputs_of
from .batches import BatchQuestion, Sample, explain_batch
from .exploration import Exploration
from .kept_disagreements import KeptDisagreements
from .maps import TileMap, tile_bytes, tiles_of


class GalleryWork(BatchedRuns):
    """Explains pictures for a gallery, and remembers what it found, within `cache_bytes` of maps."""

    def __init__(
        self,
        exploration: Exploration,
        labels: Any,
        batch_size: int | None,
        cache_bytes: int,
        exact: bool,
    ) -> None:
        super().__init__(exploration, labels, batch_size, exact)
        self._tiles: BoundedCache[tuple[Any, ...], TileMap] = BoundedCache(cache_bytes, tile_bytes)
        self._disagreements = KeptDisagreements()

    def target_class(self, index: int, target: Target) -> int | None:
        """The class to explain on a picture; None while its prediction is unknown.

        Raises
        ------
        ValueError
            If the true label is asked for and it is none of the model's classes.
        """
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

    def tiles(self, index: int, ask: Ask) -> Tiles | None:
        """The maps of a picture, if all that are asked for are known."""
        if index not in self.verdicts or not self._has_class(index, ask):
            return None
        found = self._found(index, ask)
        return found if len(found) == len(ask.methods) else None

    def disagreements(self, ask: Ask) -> Mapping[int, float]:
        """How far the first two methods disagree on each picture of which it is known."""
        return {} if ask.pair is None else self._disagreements.of(ask.pair)

    def keep(self, index: int, method: str, layer: str | None, target: int, tile: TileMap) -> None:
        """Remember a map."""
        self._tiles.put((index, method, layer, target), tile)

    def keep_disagreements(self, ask: Ask, numbers: Iterable[tuple[int, float]]) -> None:
        """Remember how far the first two methods disagree on some pictures."""
        if ask.pair is not None:
            self._disagreements.add(ask.pair, numbers)

    def failure(self, index: int, ask: Ask) -> str | None:
        """Why a picture could not be explained as it is asked; None if it could, or was not tried."""
        found = self.failures.get(index)
        return found.cause if found is not None and found.ask in (None, ask) else None

    def explain(
        self,
        indices: Iterable[int],
        ask: Ask,
        cancelled: Callable[[], bool],
        at_once: int | None = None,
    ) -> Iterator[dict[int, Answer | None]]:
        """Explain pictures; yields the answers of each batch that is done, None for what failed."""
        for batch, lost in self.batches(indices, cancelled, at_once):
            answers: dict[int, Answer | None] = dict.fromkeys(lost)
            answers |= {sample.index: None for sample in batch}
            explainable = [sample for sample in batch if self._has_class(sample.index, ask)]
            self.attempt(explainable, partial(self._explain, ask, answers), ask)
            yield answers

    def forget(self) -> None:
        """Let go of what is large and can be found again."""
        self._tiles.clear()
        self.exploration.forget()

    def clear(self) -> None:
        """Forget all maps and pictures."""
        self._tiles.clear()
        self._disagreements.clear()
        self.exploration.close()

    def _has_class(self, index: int, ask: Ask) -> bool:
        try:
            self.target_class(index, ask.target)
        except ValueError as error:
            self.failures[index] = Failure(str(error), ask)
            return False
        return True

    def _explain(self, ask: Ask, answers: dict[int, Answer | None], batch: list[Sample]) -> None:
        found = {sample.index: self._found(sample.index, ask) for sample in batch}
        lacking = {name for sample in batch for name in self._lacking(sample.index, ask, found)}
        methods = tuple(name for name in ask.methods if name in lacking)
        if methods:
            for index, tiles in self._computed(batch, ask, methods).items():
                found[index].update(tiles)
        for sample in batch:
            tiles = {name: found[sample.index][name] for name in ask.methods}
            answers[sample.index] = Answer(sample.prepared, tiles)
            self.failures.pop(sample.index, None)

    def _computed(
        self, batch: list[Sample], ask: Ask, methods: tuple[str, ...]
    ) -> dict[int, Tiles]:
        def targets(logits: Tensor) -> list[int]:
            if self.judge(batch, logits):
                raise FloatingPointError(NOT_FINITE)
            return [int(self.target_class(s.index, ask.target) or 0) for s in batch]

        question = BatchQuestion(methods, ask.layer, targets, self.exact)
        _, explanations = explain_batch(self.exploration.model, inputs_of(batch), question)
        if ask.pair is not None and set(ask.methods[:2]) <= set(methods):
            first, second = (explanations[name].maps() for name in ask.methods[:2])
            numbers = disagreement(first, second).tolist()
            indices = (sample.index for sample in batch)
            self.keep_disagreements(ask, zip(indices, numbers, strict=True))
        rows: dict[int, Tiles] = {sample.index: {} for sample in batch}
        for name, explanation in explanations.items():
            for sample, tile in zip(batch, tiles_of(explanation), strict=True):
                rows[sample.index][name] = tile
                self._tiles.put(self._key(sample.index, name, ask), tile)
        return rows

    def _found(self, index: int, ask: Ask) -> Tiles:
        if index not in self.verdicts:
            return {}
        tiles = {name: self._tiles.get(self._key(index, name, ask)) for name in ask.methods}
        return {name: tile for name, tile in tiles.items() if tile is not None}

    def _lacking(self, index: int, ask: Ask, found: dict[int, Tiles]) -> set[str]:
        """The methods to compute: those not found, and both of a pair whose disagreement is unknown."""
        lacking = set(ask.methods) - set(found[index])
        if ask.pair is not None and index not in self.disagreements(ask):
            lacking |= set(ask.methods[:2])
        return lacking

    def _key(self, index: int, method: str, ask: Ask) -> tuple[Any, ...]:
        layer = ask.layer if METHODS[method].uses_layer else None
        return index, method, layer, self.target_class(index, ask.target)
