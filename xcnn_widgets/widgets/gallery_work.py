"""The answers of a gallery: computed in batches, kept within a number of bytes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from typing import Any

import torch
from torch import Tensor

from ..attribution.agreement import disagreement
from ..attribution.forward_pass import ForwardPass
from ..attribution.methods import METHODS
from ..attribution.targets import class_scores
from ..bounded_cache import BoundedCache
from .batches import BatchQuestion, BatchSize, Sample, batches, explain_batch, out_of_memory
from .exploration import Exploration
from .gallery_ask import Answer, Ask, Failure, Target, Tiles
from .gallery_labels import Labels
from .gallery_order import Verdict
from .kept_disagreements import KeptDisagreements
from .live_view import in_words
from .predictions import probabilities_of
from .tile_maps import TileMap, tile_bytes, tiles_of

# How many pictures a gallery tries before it says that it cannot show them.
_TRIES = 12
NOT_FINITE = "the model's output has NaN or infinite values; its weights or the input may be broken"


class GalleryWork:
    """Explains pictures for a gallery, and remembers what it found.

    Parameters
    ----------
    exploration
        The model with its pictures.
    labels
        As `Labels` takes them.
    batch_size
        How many pictures go through the model at once; None chooses by memory.
    cache_bytes
        The most bytes of maps to keep.
    exact
        Whether batches run the model as it stands; see `ForwardPass`.
    """

    def __init__(
        self,
        exploration: Exploration,
        labels: Any,
        batch_size: int | None,
        cache_bytes: int,
        exact: bool,
    ) -> None:
        self.exploration = exploration
        self.labels = Labels(exploration.pictures, exploration.class_names, labels)
        self.batch_size = BatchSize(batch_size)
        self._exact = exact
        self.verdicts: dict[int, Verdict] = {}
        self.failures: dict[int, Failure] = {}
        self._tiles: BoundedCache[tuple[Any, ...], TileMap] = BoundedCache(cache_bytes, tile_bytes)
        self._disagreements = KeptDisagreements()

    def open(self, index: int) -> int:
        """Find a picture, from `index` on and around, that can be read and that the model takes.

        Raises
        ------
        Exception
            If there is none among the first: what the model raised, or a ValueError that tells why they cannot be read.
        """
        exploration, count = self.exploration, len(self.exploration.pictures)
        if not 0 <= index < count:
            raise ValueError(
                f"image_index = {index!r}: there are {count} pictures, 0 to {count - 1}"
            )
        unreadable: list[Exception] = []
        refused: list[Exception] = []
        for candidate in islice(chain(range(index, count), range(index)), _TRIES):
            try:
                exploration.prepared(candidate)
            except Exception as error:
                unreadable.append(error)
                continue
            try:
                self.labels.class_count = class_scores(exploration._logits(candidate)).shape[1]
            except Exception as error:
                refused.append(error)
            else:
                return candidate
        if refused or count == 1:
            raise [*refused, *unreadable][0]
        raise ValueError(
            f"none of the first {len(unreadable)} of {count} pictures can be read; "
            f"of the first: {in_words(unreadable[0])}"
        ) from unreadable[0]

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
        for batch, lost in self._batches(indices, cancelled, at_once):
            answers: dict[int, Answer | None] = dict.fromkeys(lost)
            answers |= {sample.index: None for sample in batch}
            explainable = [sample for sample in batch if self._has_class(sample.index, ask)]
            self._attempt(explainable, partial(self._explain, ask, answers), ask)
            yield answers

    def predict(self, indices: Iterable[int], cancelled: Callable[[], bool]) -> Iterator[list[int]]:
        """Find the model's answer on pictures, without any gradient; yields the indices of each batch that is done."""
        for batch, lost in self._batches(indices, cancelled, None):
            self._attempt(batch, self._predict, None)
            yield [*lost, *(sample.index for sample in batch)]

    def forget(self) -> None:
        """Let go of what is large and can be found again."""
        self._tiles.clear()
        self.exploration.forget()

    def clear(self) -> None:
        """Forget all maps and pictures."""
        self._tiles.clear()
        self._disagreements.clear()
        self.exploration.close()

    def _batches(
        self, indices: Iterable[int], cancelled: Callable[[], bool], at_once: int | None
    ) -> Iterator[tuple[list[Sample], list[int]]]:
        def size() -> int:
            most = self.batch_size.value
            return most if at_once is None or self.batch_size.chosen else min(most, at_once)

        def wanted() -> Iterator[int]:
            for index in indices:
                if cancelled():
                    return
                yield index

        for batch, lost in batches(wanted(), self._read, size):
            if cancelled():
                return
            yield batch, lost

    def _read(self, index: int) -> Sample | None:
        try:
            # A Dataset gives picture and label at one look, if nobody looks elsewhere in between.
            with self.exploration._reading:
                prepared = self.exploration.prepared(index)
                self.labels.of(index)
        except Exception as error:
            self.failures[index] = Failure(in_words(error))
            return None
        self.batch_size.measure(self.exploration.model, prepared.input.unsqueeze(0))
        return Sample(index, prepared)

    def _has_class(self, index: int, ask: Ask) -> bool:
        try:
            self.target_class(index, ask.target)
        except ValueError as error:
            self.failures[index] = Failure(str(error), ask)
            return False
        return True

    def _attempt(
        self, batch: list[Sample], work: Callable[[list[Sample]], None], ask: Ask | None
    ) -> None:
        """Do a batch; without memory for it, in halves; and where it fails, one by one, so that one fails alone."""
        if not batch:
            return
        try:
            work(batch)
        except Exception as error:
            cause, too_large = in_words(error), out_of_memory(error)
        else:
            return
        # Out here nothing holds on to the tensors of the attempt that failed.
        if len(batch) == 1:
            self.failures[batch[0].index] = Failure(cause, ask)
        elif too_large:
            gc.collect()
            self.batch_size.halve(len(batch))
            half = len(batch) // 2
            self._attempt(batch[:half], work, ask)
            self._attempt(batch[half:], work, ask)
        else:
            for one in batch:
                self._attempt([one], work, ask)

    def _predict(self, batch: list[Sample]) -> None:
        forward = ForwardPass(
            self.exploration.model,
            _inputs(batch),
            [],
            input_gradient=False,
            copy_inputs=False,
            exact=self._exact,
        )
        for index in self._judge(batch, class_scores(forward.logits)):
            self.failures[index] = Failure(NOT_FINITE)

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
            if self._judge(batch, logits):
                raise FloatingPointError(NOT_FINITE)
            return [int(self.target_class(s.index, ask.target) or 0) for s in batch]

        question = BatchQuestion(methods, ask.layer, targets, self._exact)
        _, explanations = explain_batch(self.exploration.model, _inputs(batch), question)
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

    def _judge(self, batch: list[Sample], logits: Tensor) -> list[int]:
        """Keep what the model said of each picture; returns those of which it said nothing finite.

        What it said first stands, whatever batch a picture comes in later.
        """
        broken = []
        for sample, row in zip(batch, logits, strict=True):
            if not row.isfinite().all():
                broken.append(sample.index)
            elif sample.index not in self.verdicts:
                likelihoods = probabilities_of(row.unsqueeze(0))[0]
                answer, label = int(likelihoods.argmax()), self.labels.of(sample.index)
                right = label == answer if isinstance(label, int) else None
                self.verdicts[sample.index] = Verdict(answer, float(likelihoods[answer]), right)
                self.failures.pop(sample.index, None)
        return broken

    def _key(self, index: int, method: str, ask: Ask) -> tuple[Any, ...]:
        layer = ask.layer if METHODS[method].uses_layer else None
        return index, method, layer, self.target_class(index, ask.target)


def _inputs(batch: list[Sample]) -> Tensor:
    return torch.stack([sample.prepared.input for sample in batch])
