"""One more model on a gallery's pictures, asked what the first one is asked: the same class, the layer that is matched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..metrics import disagreement
from ..network import Activation
from .asking import Answer, Ask, Target
from .choice import Choice
from .comparison import layer_beside, same_pixels
from .kept_numbers import Kept
from .maps import tiles_of
from .matched import matched_class, matched_target
from .others import Answers, Change
from .rows import jpeg, map_state
from .run_options import first_window
from .wire import prediction_state
from .work import Work

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


class Beside:
    """A model that is held against the first one.

    Parameters
    ----------
    name
        What it is called.
    first
        The first model's work; it is opened.
    work
        Its own.
    index
        A picture that both take.

    Attributes
    ----------
    work
        Its own; it answers about the class that the first model is asked about.
    """

    def __init__(self, name: str, first: Work, work: Work, index: int) -> None:
        self.name, self.work = name, work
        self._first, self._index = first, index
        self._layers: dict[str | None, str | None] = {}
        work.findings.resolve = self._resolve
        work.findings.kept = Kept()

    def has_seen(self, index: int) -> bool:
        """Whether it has answered on a picture, or could not."""
        findings = self.work.findings
        return index in findings.verdicts or index in findings.failures

    def predict(self, indices: Iterable[int], cancelled: Callable[[], bool]) -> None:
        """Find its answer on pictures."""
        for _ in self.work.predict([i for i in indices if not self.has_seen(i)], cancelled):
            pass

    def explain(
        self, indices: Sequence[int], ask: Ask, cancelled: Callable[[], bool], most: int | None
    ) -> Answers:
        """Explain pictures that the first model has explained; None of one that cannot be."""
        found: Answers = {}
        for answers in self.work.explain(indices, self.ask(ask), cancelled, most):
            found |= answers
        return found

    def known(self, indices: Sequence[int], ask: Ask) -> Answers:
        """The answers that are known already."""
        found: Answers = {}
        for answers in self.work.known(indices, self.ask(ask), max(1, len(indices))):
            found |= answers
        return found

    def ask(self, ask: Ask) -> Ask:
        """What is asked of this model: the methods that it allows, at its own layer."""
        allowed = {method.name for method in self.work.exploration.methods(self._index)}
        layer = self.layer(ask.layer)
        methods = [name for name in ask.methods if name in allowed]
        usable = [name for name in methods if layer is not None or ask.layers[name] is None]
        return replace(ask, methods=tuple(usable), layer=layer)

    def layer(self, layer: str | None) -> str | None:
        """The layer that is held against one of the first model."""
        if layer not in self._layers:
            here, there = self._first.exploration, self.work.exploration
            self._layers[layer] = layer_beside(layer, here, there, self._index)
        return self._layers[layer]

    def target(self, target: int) -> int | None:
        """The class that is held against one of the first model; None if there is none."""
        here, there = self._first.exploration.answers, self.work.exploration.answers
        return matched_target(target, here, there)

    def target_of_first(self, target: int) -> int | None:
        """The class of the first model that is held against one of this one."""
        here, there = self._first.exploration.answers, self.work.exploration.answers
        return matched_class(target, there, here)

    def change(self, index: int, ask: Ask) -> Change:
        """How it differs from the first model on a picture."""
        first, own = self._first.findings, self.work.findings
        before, after = first.verdicts.get(index), own.verdicts.get(index)
        if before is None or after is None:
            return Change(before, after, compared=index in own.failures)
        changed = self.target(before.index) != after.index
        change = partial(Change, before, after, changed)
        try:
            target = first.target_class(index, ask.target)
        except ValueError:
            target = None
        there = None if target is None else self.target(target)
        if target is None or there is None or first.kept is None or own.kept is None:
            return change(compared=True)
        values = first.kept.value(index, target), own.kept.value(index, there)
        value = None if None in values else values[1] - values[0]  # type: ignore[operator]
        if not ask.methods:
            return change(value, compared=True)
        method = ask.methods[0]
        asked = self.ask(ask)
        if method not in asked.layers or self.pixels(index)[1] is not None:
            return change(value, compared=True)
        apart = self.apart(index, method, ask.layers[method], target)
        failed = own.failure(index, asked) is not None
        return change(value, apart, compared=failed or apart is not None)

    def apart(self, index: int, method: str, layer: str | None, target: int) -> float | None:
        """How far its map disagrees with the first model's, at a layer and for a class of that; None if it is not known."""
        there, kept = self.target(target), (self._first.findings.kept, self.work.findings.kept)
        own = None if layer is None else self.layer(layer)
        if there is None or kept[0] is None or kept[1] is None or self.pixels(index)[1] is not None:
            return None
        one = kept[0].map(index, method, layer, target)
        other = kept[1].map(index, method, own, there)
        if one is None or other is None:
            return None
        return float(disagreement(one.unsqueeze(0), other.unsqueeze(0)))

    def pixels(self, index: int) -> tuple[str, Pixels | None]:
        """Why its maps cannot be held against the first one's, and the picture that it is given; nothing where it is the same."""
        picture = self.work.exploration.prepared(index).picture
        if same_pixels(self._first.exploration.prepared(index).picture, picture):
            return "", None
        return "It is given another cut, size or colours of the picture.", picture

    def said(self, index: int) -> dict[str, Any]:
        """What it says of a picture as a row tells it, with the picture where it is given another one."""
        state: dict[str, Any] = {"model": self.name, "prediction": None, "right": None, "error": ""}
        findings, prediction = self.work.findings, self.work.exploration.answers.prediction
        verdict = findings.verdicts.get(index)
        if verdict is None:
            failure = findings.failures.get(index)
            return {**state, "error": failure.cause if failure else "it was not asked"}
        why, picture = self.pixels(index)
        more = {} if picture is None else {"picture": jpeg(picture), "size": [*picture.shape[:2]]}
        return {
            **state,
            **more,
            "why": why,
            "prediction": prediction_state(prediction(verdict.index, verdict.value)),
            "others": [prediction_state(prediction(*other)) for other in verdict.others],
            "right": verdict.right,
            "label": label if isinstance(label := self.work.labels.of(index), int) else None,
        }

    def why_no_maps(self, index: int, ask: Ask) -> str:
        """Why it has no map of a picture that the first model has explained; nothing where it has one."""
        asked = self.ask(ask)
        if not asked.methods:
            return "It allows none of these methods."
        return self.work.findings.failure(index, asked) or ""

    def maps(self, ask: Ask, answer: Answer) -> dict[str, dict[str, Any]]:
        """Its maps beside an answer of the first model, as a row has them, by method."""
        own = answer.beside.get(self.name)
        if own is None:
            return {}
        prediction = self.work.exploration.answers.prediction
        return {
            method: self.state(
                map_state(tile, prediction_state(prediction(own.target, tile.value)), None),
                ask.layers[method],
                answer.target,
            )
            for method, tile in own.tiles.items()
        }

    def state(self, state: Mapping[str, Any], layer: str | None, target: int) -> dict[str, Any]:
        """A map's state under the layer and the class of the first model, by which a page looks it up."""
        own = None if layer is None else self.layer(layer)
        other = {} if own == layer else {"own_layer": own}
        return {**state, **other, "layer": layer, "target": {**state["target"], "index": target}}

    def compared(
        self, index: int, method: str, layer: str | None, target: int
    ) -> dict[str, Any] | None:
        """Its map of one picture, held against one of the first model, as a row has it; None if it cannot be asked."""
        asked = self.ask(Ask((method,), layer, target))
        own = self.target(target)
        if own is None or not asked.methods:
            return None
        exploration = self.work.exploration
        patch, stride = first_window(exploration.prepared(index).size)
        choice = Choice(index, method, asked.layer, own, patch, stride)
        answer = exploration.explain(choice)
        about = exploration.explained(choice, answer)
        tile = tiles_of(answer, [about.value], self.work.paint(None))[0]
        return self.state(map_state(tile, prediction_state(about), None), layer, target)

    def reread(self, activation: Activation) -> None:
        """Read its scores in another way from now on."""
        answers = self.work.exploration.answers_on(self._index)
        if answers.reading.activation != activation:
            answers.say(activation)
        self.work.findings.reread()

    def forget(self) -> None:
        """Let go of what is large and can be found again."""
        self.work.forget()

    def clear(self) -> None:
        """Forget everything."""
        self.work.clear()

    def _resolve(self, index: int, target: Target) -> int | None:
        asked = self._first.findings.target_class(index, target)
        if asked is None:
            return None
        found = self.target(asked)
        if found is None:
            name = self._first.exploration.answers.name(asked)
            raise ValueError(f"{self.name} has no class {name!r}")
        return found
