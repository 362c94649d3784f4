"""Pictures read for the model, and worked on batch by batch; one that fails, fails alone."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ..imaging import Prepared
from ..network import Cancelled
from ..passes import out_of_memory
from .asking import Ask, Failure
from .batch_size import BatchSize
from .exploration import Exploration
from .labels import Labels
from .words import in_words


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture that was read: its index, and what became of it."""

    index: int
    prepared: Prepared


BatchWork = Callable[[list[Sample]], None]


class Samples:
    """Reads pictures, and has work done on them in batches of one shape, as large as memory allows.

    Parameters
    ----------
    exploration, labels
        Where pictures and their labels come from.
    batch_size
        How many go at once.
    failures
        Takes why a picture could not be read, or the work on it failed.
    """

    def __init__(
        self,
        exploration: Exploration,
        labels: Labels,
        batch_size: BatchSize,
        failures: dict[int, Failure],
    ) -> None:
        self._exploration, self._labels = exploration, labels
        self._size, self._failures = batch_size, failures

    def work_through(
        self,
        indices: Iterable[int],
        work: BatchWork,
        ask: Ask | None,
        cancelled: Callable[[], bool],
        most: int | None = None,
    ) -> Iterator[list[int]]:
        """Do some work on pictures; yields the indices of each batch that is done.

        Parameters
        ----------
        indices
            The pictures.
        work
            Does a batch; it is called again with less where it fails.
        ask
            What a failure is about; None is any question.
        cancelled
            Whether to stop before the next picture or batch.
        most
            The most pictures at once, unless a person chose how many.
        """
        for batch, lost in self._batches(indices, cancelled, most):
            if cancelled():
                return
            try:
                self._attempt(batch, work, ask)
            except Cancelled:
                return
            yield [*lost, *indices_of(batch)]

    def _batches(
        self, indices: Iterable[int], cancelled: Callable[[], bool], most: int | None
    ) -> Iterator[tuple[list[Sample], list[int]]]:
        """Neighbours of one shape; with each batch come the indices that could not be read."""
        batch: list[Sample] = []
        lost: list[int] = []
        for index in indices:
            if cancelled():
                return
            sample = self._read(index)
            if sample is None:
                lost.append(index)
            else:
                if batch and batch[0].prepared.input.shape != sample.prepared.input.shape:
                    yield batch, lost
                    batch, lost = [], []
                batch.append(sample)
            size = self._size.value
            if most is not None and not self._size.chosen:
                size = min(size, most)
            if len(batch) + len(lost) >= size:
                yield batch, lost
                batch, lost = [], []
        if batch or lost:
            yield batch, lost

    def _read(self, index: int) -> Sample | None:
        try:
            # A Dataset gives picture and label at one look, if nobody looks elsewhere in between.
            with self._exploration.reading:
                prepared = self._exploration.prepared(index)
                self._labels.of(index)
        except Exception as error:
            self._failures[index] = Failure(in_words(error))
            return None
        if not self._size.is_measured:
            self._size.measure(self._exploration.model, prepared.input.unsqueeze(0))
        return Sample(index, prepared)

    def _attempt(self, batch: list[Sample], work: BatchWork, ask: Ask | None) -> None:
        """Do a batch; without memory for it, in halves; and where it fails, one by one."""
        if not batch:
            return
        try:
            work(batch)
        except Cancelled:
            raise
        except Exception as error:
            cause, too_large = in_words(error), out_of_memory(error)
        else:
            return
        # Out here nothing holds on to the tensors of the attempt that failed.
        if len(batch) == 1:
            self._failures[batch[0].index] = Failure(cause, ask)
        elif too_large:
            gc.collect()
            self._size.halve(len(batch))
            half = len(batch) // 2
            self._attempt(batch[:half], work, ask)
            self._attempt(batch[half:], work, ask)
        else:
            for one in batch:
                self._attempt([one], work, ask)


def indices_of(batch: list[Sample]) -> list[int]:
    """The indices of a batch."""
    return [sample.index for sample in batch]


def inputs_of(batch: list[Sample]) -> Tensor:
    """The inputs of a batch, ``(B, C, H, W)``."""
    return torch.stack([sample.prepared.input for sample in batch])
