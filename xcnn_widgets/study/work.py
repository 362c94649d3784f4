"""The study of many pictures, in batches: what the model says of them, and how it is explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from torch import Tensor

from ..methods import Method, explain_pass, method_named
from ..metrics import disagreement
from ..network import Cancelled
from ..passes import ForwardPass
from .asking import Answer, Ask, Failure, Tiles
from .batch_size import BatchSize
from .exploration import Exploration
from .findings import Findings
from .first_picture import first_taken
from .labels import Labels
from .maps import tiles_of
from .order import Known
from .others import Answers, explained_by_all, known_to_all, with_change
from .others import Other as OtherModel
from .run_options import run_options, window_options
from .samples import Sample, Samples, indices_of, inputs_of
from .styles import Paint, shown_channels

NOT_FINITE = "the model's output has NaN or infinite values; its weights or the input may be broken"


def _never() -> bool:
    return False


class Other(OtherModel, Protocol):
    """One more model on the same pictures, with a work of its own."""

    @property
    def work(self) -> Work:
        """Its own."""


class Work:
    """Asks a model about many pictures, and remembers what it found.

    Parameters
    ----------
    exploration
        The model with its pictures.
    labels
        True labels, as `Labels` takes them.
    batch_size
        How many pictures go through the model at once; None chooses by memory.
    cache_bytes
        The most bytes of maps to keep; what was looked at longest ago is forgotten first.
    exact
        Whether batches run the model as it stands; see `ForwardPass`.
    """

    def __init__(
        self,
        exploration: Exploration,
        labels: Any = None,
        batch_size: int | None = None,
        cache_bytes: int = 128 * 2**20,
        *,
        exact: bool = False,
    ) -> None:
        self.exploration = exploration
        self.labels = Labels(exploration.pictures, exploration.class_names, labels)
        self.findings = Findings(exploration.answers, self.labels, cache_bytes)
        self.batch_size = BatchSize(batch_size)
        self._samples = Samples(exploration, self.labels, self.batch_size, self.findings.failures)
        self._exact = exact
        self._channels: tuple[int, ...] | None = None
        self.name: str | None = None
        """What the model is called where there are others."""
        self.others: Sequence[Other] = ()
        """More models on the same pictures; whatever is asked of this one is asked of them too."""

    def open(self, index: int = 0) -> int:
        """Find a picture, from `index` on and around, that can be read and that the model takes; errors as of `first_taken`."""
        return first_taken(self.exploration, index, self._take)

    def predict(
        self, indices: Iterable[int], cancelled: Callable[[], bool] = _never
    ) -> Iterator[list[int]]:
        """Find the model's answer on pictures, without any gradient; yields the indices of each batch that is done."""
        for done in self._samples.work_through(indices, self._predict, None, cancelled):
            for other in self.others:
                other.predict(done, cancelled)
            yield done

    def has_seen(self, index: int) -> bool:
        """Whether all models have answered on a picture, or the others could not."""
        others = all(other.has_seen(index) for other in self.others)
        return index in self.findings.verdicts and others

    def facts(self, ask: Ask) -> Callable[[int], Known]:
        """From a picture to what is known of it; of several models, what differs between the first and the last."""
        known = self.findings.known(ask)
        return with_change(known, self.others[-1], ask) if self.others else known

    def explain(
        self,
        indices: Iterable[int],
        ask: Ask,
        cancelled: Callable[[], bool] = _never,
        most: int | None = None,
    ) -> Iterator[dict[int, Answer | None]]:
        """Explain pictures, `most` at once; yields the answers of each batch that is done, None for what failed."""
        answers: dict[int, Answer] = {}
        explain = partial(self._explain, ask, answers, cancelled)
        if any(method_named(name).is_slow for name in ask.methods):
            # It makes batches of its own of each picture, and rows come one by one.
            most = 1
        for done in self.work_through(indices, explain, ask, cancelled, most):
            found: Answers = {index: answers.pop(index, None) for index in done}
            if self.others:
                found = explained_by_all(self.others, found, ask, cancelled, most)
                if cancelled():
                    return
            yield found

    def work_through(
        self,
        indices: Iterable[int],
        work: Callable[[list[Sample]], None],
        ask: Ask,
        cancelled: Callable[[], bool],
        most: int | None = None,
    ) -> Iterator[list[int]]:
        """Do other work on pictures, as `Samples.work_through` does."""
        return self._samples.work_through(indices, work, ask, cancelled, most)

    def known(self, indices: Sequence[int], ask: Ask, most: int) -> Iterator[dict[int, Answer]]:
        """The answers that are known already, for up to `most` of the pictures at a time."""
        for first in range(0, len(indices), most):
            some = self.findings.explainable(indices[first : first + most], ask)
            found = self._tiles(some, ask)
            complete = [index for index in some if len(found[index]) == len(ask.methods)]
            answers = {}
            targets = self.findings.targets(complete, ask)
            for index, target in zip(complete, targets, strict=True):
                # Who explains it reads it once more, and then tells why that fails.
                with suppress(Exception):
                    prepared = self.exploration.prepared(index)
                    answers[index] = Answer(prepared, target, found[index])
            yield known_to_all(self.others, answers, ask) if self.others else answers

    def forward(
        self, batch: list[Sample], layers: Sequence[str], *, input_gradient: bool
    ) -> ForwardPass:
        """Run the model on a batch."""
        return ForwardPass(
            self.exploration.model,
            inputs_of(batch),
            layers,
            input_gradient=input_gradient,
            copy_inputs=False,
            exact=self._exact,
            **self.exploration.call(indices_of(batch)),
        )

    def judge(self, batch: list[Sample], forward: ForwardPass) -> list[Tensor]:
        """Keep what the model said of each picture; returns what people read for its classes and targets, ``(count,)``.

        Raises
        ------
        FloatingPointError
            If one of them is not finite.
        """
        scores = self.exploration.answers.scores(forward)
        said = self.findings.judge(indices_of(batch), scores)
        finite = [values for values in said if values is not None]
        if len(finite) < len(batch):
            raise FloatingPointError(NOT_FINITE)
        return finite

    def paint(self, style: str | None) -> Paint:
        """How maps are painted, on pictures like the one that it opened with."""
        return Paint(style, self.exploration.dimensions, self._channels)

    def reread(self) -> None:
        """Forget what the models said, which is read in another way from now on."""
        self.findings.reread()
        activation = self.exploration.answers.reading.activation
        for other in self.others:
            other.reread(activation)

    def forget(self) -> None:
        """Let go of what is large and can be found again."""
        self.findings.forget()
        self.exploration.forget()
        for other in self.others:
            other.forget()

    def begin_anew(self) -> None:
        """Forget everything about every picture: there may be millions of them."""
        self.findings.begin_anew()
        self.labels.forget()
        self.exploration.forget()

    def clear(self) -> None:
        """Forget all maps and pictures."""
        self.findings.clear()
        self.exploration.close()
        for other in self.others:
            other.clear()

    def _take(self, index: int) -> None:
        self.exploration.scores(index)
        self.labels.class_count = self.exploration.answers.class_count
        self._channels = shown_channels(self.exploration, index)

    def _predict(self, batch: list[Sample]) -> None:
        forward, indices = self.forward(batch, [], input_gradient=False), indices_of(batch)
        scores = self.exploration.answers.scores(forward)
        for index, said in zip(indices, self.findings.judge(indices, scores), strict=True):
            if said is None:
                self.findings.failures[index] = Failure(NOT_FINITE)

    def asked_with(
        self, method: Method, batch: list[Sample], cancelled: Callable[[], bool]
    ) -> dict[str, Any]:
        """The options with which a method is asked about a batch; none for a quick one."""
        running = run_options(method, exact=self._exact, cancelled=cancelled)
        return running | window_options(method, batch[0].prepared.size)

    def _explain(
        self,
        ask: Ask,
        answers: dict[int, Answer],
        cancelled: Callable[[], bool],
        batch: list[Sample],
    ) -> None:
        able = self.findings.explainable(indices_of(batch), ask)
        batch = [sample for sample in batch if sample.index in able]
        found = self._tiles(able, ask)
        methods = self._lacking(ask, found)
        if methods:
            self._compute(batch, ask, methods, found, cancelled)
        for sample, target in zip(batch, self.findings.targets(able, ask), strict=True):
            tiles = {name: found[sample.index][name] for name in ask.methods}
            answers[sample.index] = Answer(sample.prepared, target, tiles)
            self.findings.failures.pop(sample.index, None)

    def _tiles(self, indices: Iterable[int], ask: Ask) -> dict[int, Tiles]:
        """The maps that are kept, of those with all that they are painted with."""
        paint, kept = self.paint(ask.style), self.findings.tiles(indices, ask)
        return {
            index: {name: tile for name, tile in tiles.items() if paint.suits(name, tile.parts)}
            for index, tiles in kept.items()
        }

    def _compute(
        self,
        batch: list[Sample],
        ask: Ask,
        methods: list[str],
        found: dict[int, Tiles],
        cancelled: Callable[[], bool],
    ) -> None:
        """Answer from one forward pass, and add each picture's maps to what was found of it."""
        # Those that need the whole graph come last, so that the last one can let go of it while it runs.
        methods.sort(key=lambda name: method_named(name).uses_input_gradient)
        to_input = method_named(methods[-1]).uses_input_gradient
        layers = {layer for name in methods if (layer := ask.layers[name]) is not None}
        forward = self.forward(batch, [*layers], input_gradient=to_input)
        said, indices = self.judge(batch, forward), indices_of(batch)
        targets = self.findings.targets(indices, ask)
        answers = self.exploration.answers
        values = answers.values_of(targets, forward, said)
        asked = answers.asked_of(targets)
        maps = {}
        for name in methods:
            layer = ask.layers[name]
            options = self.asked_with(method_named(name), batch, cancelled)
            last = name == methods[-1]
            answer = explain_pass(forward, name, asked, layer, release=last, **options)
            if options and cancelled():
                # An estimate that was stopped is no answer.
                raise Cancelled
            maps[name], tiles = answer.maps(), tiles_of(answer, values, self.paint(ask.style))
            self.findings.keep(indices, name, layer, targets, tiles, maps=maps[name])
            for index, tile in zip(indices, tiles, strict=True):
                found[index][name] = tile
        if ask.pair is not None and ask.pair[0] <= maps.keys():
            numbers = disagreement(*(maps[name] for name in ask.methods[:2])).tolist()
            self.findings.keep_disagreements(ask, zip(indices, numbers, strict=True))

    def _lacking(self, ask: Ask, found: Mapping[int, Tiles]) -> list[str]:
        """The methods to compute: those not found, and both of a pair whose disagreement is unknown."""
        lacking = {name for tiles in found.values() for name in ask.methods if name not in tiles}
        if ask.pair is not None and not found.keys() <= self.findings.disagreements(ask).keys():
            lacking |= ask.pair[0]
        return [name for name in ask.methods if name in lacking]
