"""Pictures through the model in batches, and what goes wrong with one alone."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

import torch
from torch import Tensor

from ..network.targets import class_scores
from ..passes.forward_pass import ForwardPass
from ..widgets.live_view import in_words
from .asking import Ask, Failure
from .batches import BatchSize, Sample, out_of_memory
from .batches import batches as batches_of
from .exploration import Exploration
from .labels import Labels
from .order import Verdict
from .predictions import probabilities_of

# How many pictures a gallery tries before it says that it cannot show them.
_TRIES = 12
NOT_FINITE = "the model's output has NaN or infinite values; its weights or the input may be broken"


class BatchedRuns:
    """Runs the model on pictures, and remembers what it said of each and why one failed.

    Parameters
    ----------
    exploration
        The model with its pictures.
    labels
        As `Labels` takes them.
    batch_size
        How many pictures go through the model at once; None chooses by memory.
    exact
        Whether batches run the model as it stands; see `ForwardPass`.
    """

    def __init__(
        self, exploration: Exploration, labels: Any, batch_size: int | None, exact: bool
    ) -> None:
        self.exploration = exploration
        self.labels = Labels(exploration.pictures, exploration.class_names, labels)
        self.batch_size = BatchSize(batch_size)
        self.exact = exact
        self.verdicts: dict[int, Verdict] = {}
        self.failures: dict[int, Failure] = {}

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

    def predict(self, indices: Iterable[int], cancelled: Callable[[], bool]) -> Iterator[list[int]]:
        """Find the model's answer on pictures, without any gradient; yields the indices of each batch that is done."""
        for batch, lost in self.batches(indices, cancelled, None):
            self.attempt(batch, self._predict, None)
            yield [*lost, *(sample.index for sample in batch)]

    def batches(
        self, indices: Iterable[int], cancelled: Callable[[], bool], at_once: int | None
    ) -> Iterator[tuple[list[Sample], list[int]]]:
        """Read pictures in batches, of at most `at_once`; yields each, with the indices that cannot be read."""

        def size() -> int:
            most = self.batch_size.value
            return most if at_once is None or self.batch_size.chosen else min(most, at_once)

        def wanted() -> Iterator[int]:
            for index in indices:
                if cancelled():
                    return
                yield index

        for batch, lost in batches_of(wanted(), self._read, size):
            if cancelled():
                return
            yield batch, lost

    def attempt(
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
            self.attempt(batch[:half], work, ask)
            self.attempt(batch[half:], work, ask)
        else:
            for one in batch:
                self.attempt([one], work, ask)

    def judge(self, batch: list[Sample], logits: Tensor) -> list[int]:
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

    def _predict(self, batch: list[Sample]) -> None:
        forward = ForwardPass(
            self.exploration.model,
            inputs_of(batch),
            [],
            input_gradient=False,
            copy_inputs=False,
            exact=self.exact,
        )
        for index in self.judge(batch, class_scores(forward.logits)):
            self.failures[index] = Failure(NOT_FINITE)


def inputs_of(batch: list[Sample]) -> Tensor:
    """The inputs of a batch, ``(B, C, H, W)``."""
    return torch.stack([sample.prepared.input for sample in batch])
