"""The answers of a gallery: computed in batches, kept within a number of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..attribution.agreement import disagreement
from ..attribution.forward_pass import ForwardPass
from ..attribution.methods import METHODS, Explanation
from ..bounded_cache import BoundedCache
from .batches import BatchQuestion, BatchSize, explain_batch, out_of_memory, same_shapes
from .exploration import Exploration, probabilities_of
from .gallery_order import Verdict
from .live_view import in_words
from .presentation import quantised

Target = int | str


@dataclass(frozen=True)
class Ask:
    """What is asked of each picture; `target` is ``predicted``, ``label`` or a class index."""

    methods: tuple[str, ...]
    layer: str | None
    target: Target


@dataclass(frozen=True, slots=True)
class TileMap:
    """One map as it goes to the browser: grey levels, their shape, and the values of the least and the greatest."""

    data: bytes
    shape: tuple[int, int]
    low: float
    high: float

    def values(self) -> Tensor:
        """The map again, ``(1, h, w)``."""
        levels = np.frombuffer(self.data, np.uint8).reshape(1, *self.shape).astype(np.float32)
        return torch.from_numpy(self.low + levels / 255 * (self.high - self.low))


class GalleryWork:
    """Explains pictures for a gallery, and remembers what it found.

    Parameters
    ----------
    exploration
        The model with its pictures.
    labels
        True labels, by index or by the picture's name; None takes those that come with the pictures.
    batch_size
        How many pictures go through the model at once; None chooses by memory.
    cache_bytes
        The most bytes of maps to keep.
    """

    def __init__(
        self,
        exploration: Exploration,
        labels: Sequence[Any] | Mapping[Any, Any] | None,
        batch_size: int | None,
        cache_bytes: int,
    ) -> None:
        self.exploration = exploration
        self.batch_size = BatchSize(batch_size)
        self.verdicts: dict[int, Verdict] = {}
        self.failures: dict[int, str] = {}
        self._labels = _checked_labels(labels, len(exploration.pictures))
        self._tiles: BoundedCache[tuple[Any, ...], TileMap] = BoundedCache(
            cache_bytes, lambda t: len(t.data)
        )
        self._disagreements: dict[tuple[Any, ...], float] = {}

    def label(self, index: int) -> int | str | None:
        """The true class of a picture: its index if it is known, else the label as it was given."""
        pictures = self.exploration.pictures
        if self._labels is None:
            given = pictures.label(index)
        elif isinstance(self._labels, Mapping):
            given = self._labels.get(pictures.name(index))
        else:
            given = self._labels[index]
        if isinstance(given, str):
            try:
                return self.exploration.class_names.index(given)
            except ValueError:
                return given
        return None if given is None else int(given)

    def has_labels(self) -> bool:
        """Whether the first picture has a label."""
        try:
            return self.label(0) is not None
        except (OSError, TypeError, ValueError):
            return self._labels is not None

    def target_class(self, index: int, target: Target) -> int | None:
        """The class to explain on a picture; None while its prediction is unknown.

        Raises
        ------
        ValueError
            If the true label is asked for and it is no class of the model.
        """
        if target == "predicted":
            verdict = self.verdicts.get(index)
            return None if verdict is None else verdict.index
        if target == "label":
            label = self.label(index)
            if not isinstance(label, int):
                raise ValueError(
                    f"its label is {label!r}, which is none of the model's classes; explain the prediction"
                )
            return label
        return int(target)

    def tiles(self, index: int, ask: Ask) -> dict[str, TileMap] | None:
        """The maps of a picture, if all that are asked for are known."""
        if index not in self.verdicts:
            return None
        target = self.target_class(index, ask.target)
        found = {
            name: self._tiles.get(_key(index, name, ask.layer, target)) for name in ask.methods
        }
        known = {name: tile for name, tile in found.items() if tile is not None}
        return known if len(known) == len(ask.methods) else None

    def disagreement(self, index: int, ask: Ask) -> float | None:
        """How far the first two methods disagree on a picture, if it is known."""
        if len(ask.methods) < 2 or index not in self.verdicts:
            return None
        return self._disagreements.get(_pair(index, ask, self.target_class(index, ask.target)))

    def explain(
        self,
        indices: Iterable[int],
        ask: Ask,
        cancelled: Callable[[], bool],
        at_once: int | None = None,
    ) -> Iterator[list[int]]:
        """Explain pictures; yields the indices of each batch that is done, failed ones included."""
        for batch in self._batches(indices, cancelled, at_once):
            self._explain(batch, ask)
            yield [index for index, _ in batch]

    def predict(self, indices: Iterable[int], cancelled: Callable[[], bool]) -> Iterator[list[int]]:
        """Find the model's answer on pictures, without any gradient; yields as `explain`."""
        for batch in self._batches(indices, cancelled, None):
            self._attempt(batch, self._predict)
            yield [index for index, _ in batch]

    def clear(self) -> None:
        """Forget all maps."""
        self._tiles.clear()
        self._disagreements.clear()
        self.exploration.close()

    def _batches(
        self, indices: Iterable[int], cancelled: Callable[[], bool], at_once: int | None
    ) -> Iterator[list[tuple[int, Tensor]]]:
        def size() -> int:
            return min(self.batch_size.value, at_once or self.batch_size.value)

        def readable() -> Iterator[tuple[int, Tensor]]:
            for index in indices:
                if cancelled():
                    return
                try:
                    sample = self.exploration.prepared(index).input
                except (OSError, TypeError, ValueError) as error:
                    self.failures[index] = str(error)
                    continue
                self.batch_size.measure(self.exploration.model, sample.unsqueeze(0))
                yield index, sample

        for batch in same_shapes(readable(), size):
            if cancelled():
                return
            yield batch

    def _explain(self, batch: list[tuple[int, Tensor]], ask: Ask) -> None:
        if ask.target == "label":
            batch = [(index, sample) for index, sample in batch if self._has_class(index)]
        if batch:
            self._attempt(batch, lambda part: self._explain_at_once(part, ask))

    def _has_class(self, index: int) -> bool:
        try:
            self.target_class(index, "label")
        except ValueError as error:
            self.failures[index] = str(error)
            return False
        return True

    def _attempt(
        self, batch: list[tuple[int, Tensor]], work: Callable[[list[tuple[int, Tensor]]], None]
    ) -> None:
        """Do a batch; without memory for it, in halves; and where it fails, one by one, so that one fails alone."""
        try:
            work(batch)
        except Exception as error:
            smaller = len(batch) // 2
            if out_of_memory(error) and smaller and self.batch_size.halve():
                self._attempt(batch[:smaller], work)
                self._attempt(batch[smaller:], work)
            elif len(batch) > 1:
                for one in batch:
                    self._attempt([one], work)
            else:
                self.failures[batch[0][0]] = in_words(error)

    def _predict(self, batch: list[tuple[int, Tensor]]) -> None:
        inputs = torch.stack([sample for _, sample in batch])
        self._judge(
            batch, ForwardPass(self.exploration.model, inputs, [], input_gradient=False).logits
        )

    def _explain_at_once(self, batch: list[tuple[int, Tensor]], ask: Ask) -> None:
        def targets(logits: Tensor) -> list[int]:
            self._judge(batch, logits)
            return [int(self.target_class(index, ask.target) or 0) for index, _ in batch]

        question = BatchQuestion(ask.methods, ask.layer, targets)
        inputs = torch.stack([sample for _, sample in batch])
        _, found = explain_batch(self.exploration.model, inputs, question)
        for position, (index, _) in enumerate(batch):
            target = self.target_class(index, ask.target)
            tiles = {name: tile_of(explanation, position) for name, explanation in found.items()}
            for name, tile in tiles.items():
                self._tiles.put(_key(index, name, ask.layer, target), tile)
            if len(ask.methods) > 1:
                first, second = (tiles[name].values() for name in ask.methods[:2])
                self._disagreements[_pair(index, ask, target)] = float(disagreement(first, second))

    def _judge(self, batch: list[tuple[int, Tensor]], logits: Tensor) -> None:
        if not logits.isfinite().all():
            raise FloatingPointError(
                "the model's output has NaN or infinite values; its weights or the input may be broken"
            )
        likeliest = probabilities_of(logits).max(dim=1)
        for position, (index, _) in enumerate(batch):
            answer, label = int(likeliest.indices[position]), self.label(index)
            right = None if label is None else label == answer
            self.verdicts[index] = Verdict(answer, float(likeliest.values[position]), right)
            self.failures.pop(index, None)


def tile_of(explanation: Explanation, position: int) -> TileMap:
    """One sample's map of an explanation, as grey levels."""
    values = explanation.maps()[position].float().cpu().numpy()
    low, high = explanation.ranges()[position]
    return TileMap(
        quantised(values, low, high).tobytes(), (values.shape[0], values.shape[1]), low, high
    )


def _key(index: int, method: str, layer: str | None, target: int | None) -> tuple[Any, ...]:
    return index, method, layer if METHODS[method].uses_layer else None, target


def _pair(index: int, ask: Ask, target: int | None) -> tuple[Any, ...]:
    return index, frozenset(ask.methods[:2]), ask.layer, target


def _checked_labels(labels: Any, count: int) -> Sequence[Any] | Mapping[Any, Any] | None:
    if labels is None or isinstance(labels, Mapping):
        return labels
    if isinstance(labels, Tensor | np.ndarray):
        labels = labels.tolist()
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise TypeError(
            f"labels is a {type(labels).__name__}; expected one label for each picture, or a dict from names to labels"
        )
    if len(labels) != count:
        raise ValueError(
            f"{len(labels)} labels for {count} pictures; give one for each, or a dict from names to labels"
        )
    return labels
