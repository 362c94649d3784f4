"""Which maps of a gallery to compute ahead, and computing them: one forward pass a batch answers all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, product
from typing import Any

from torch import Tensor

from ..methods import explain_pass, known_methods, method_named
from ..metrics import disagreement
from ..network import Cancelled
from ..passes import ForwardPass
from ..study import (
    Ask,
    Beside,
    Sample,
    Target,
    Work,
    class_title,
    failed_row,
    indices_of,
    jpeg,
    judged_row,
    layer_title,
    map_state,
    prediction_state,
    tiles_of,
)
from .gallery_atlas import GalleryAtlas, View
from .gallery_beside import AtlasBeside
from .made_maps import factors_of
from .most_bytes import most_map_bytes

# As many as a comparison of classes has rows.
LIKELIEST = 5


@dataclass(frozen=True)
class GalleryPlan:
    """What to compute ahead; a target is ``predicted``, ``label``, ``likeliest`` or a class."""

    images: list[int]
    targets: list[Target]
    methods: list[str]
    layers: list[str]
    style: str | None = None

    @property
    def classes(self) -> int:
        """How many classes of one picture, at most."""
        return sum(LIKELIEST if target == "likeliest" else 1 for target in self.targets)

    @property
    def asks(self) -> Iterator[Ask]:
        """What is asked of each picture, to measure it: all methods, at each layer, for each class that has one name."""
        known = [target for target in self.targets if target != "likeliest"]
        layers: Sequence[str | None] = self.layers or [None]
        for target, layer in product(known, layers):
            yield Ask(tuple(self.methods), layer, target)

    @property
    def views(self) -> int:
        """How many maps, at most."""
        one_class = sum(
            len(self.layers) if method_named(name).uses_layer else 1 for name in self.methods
        )
        return len(self.images) * self.classes * one_class

    def most_bytes(self, work: Work, like: int, shapes: Mapping[str, tuple[int, ...]]) -> int:
        """Its size if all pictures are as large as the one given, for maps of layers ``(C, h, w)``, none of it packed."""
        prepared = work.exploration.prepared(like)
        grids = [shapes[name][1:] for name in self.layers]
        channels = len(prepared.input)
        maps = most_map_bytes(self.methods, grids, prepared.size, channels, self.style)
        return len(self.images) * (self.classes * maps + len(jpeg(prepared.picture)))

    def fill(
        self, atlas: GalleryAtlas, work: Work, cancelled: Callable[[], bool]
    ) -> Iterator[list[str]]:
        """Compute what the atlas does not hold, batch by batch.

        Yields
        ------
        list
            For each picture that is done why it failed, or nothing.
        """
        return _Filling(work, atlas, self, cancelled).run()


@dataclass(frozen=True, eq=False)
class _Recorded:
    """A batch, its forward pass, and what people read for each picture's classes and targets."""

    batch: list[Sample]
    forward: ForwardPass
    said: list[Tensor]


@dataclass(frozen=True)
class _Filling:
    """A plan on its way; what is saved already is not computed again."""

    work: Work
    atlas: GalleryAtlas | AtlasBeside
    plan: GalleryPlan
    cancelled: Callable[[], bool]

    def run(self) -> Iterator[list[str]]:
        plan = self.plan
        ask = Ask(tuple(plan.methods), plan.layers[0] if plan.layers else None, "predicted")
        most = 1 if any(method_named(name).is_slow for name in plan.methods) else None
        for done in self.work.work_through(plan.images, self._explain, ask, self.cancelled, most):
            self._remember(done)
            for other in self.work.others:
                assert isinstance(other, Beside)
                self._fill_beside(other, done)
            yield [self._told(index, ask) for index in done]

    def _fill_beside(self, other: Beside, indices: list[int]) -> None:
        """Save what another model answers about pictures that are done."""
        assert isinstance(self.atlas, GalleryAtlas)
        beside = AtlasBeside(self.atlas, self.work, other, self.plan.layers)
        layer = self.plan.layers[0] if self.plan.layers else None
        methods = other.ask(Ask(tuple(self.plan.methods), layer, "predicted")).methods
        if not methods:
            return
        plan = replace(self.plan, images=indices, methods=[*methods], layers=beside.layers)
        for _ in _Filling(other.work, beside, plan, self.cancelled).run():
            pass
        for index in indices:
            beside.add_picture(index, {}, {})

    def _remember(self, indices: Sequence[int]) -> None:
        """Let the gallery itself know how far methods disagree, so that it asks for none of this again."""
        targets = ["predicted" if target == "likeliest" else target for target in self.plan.targets]
        for target, pair in product(dict.fromkeys(targets), combinations(self.plan.methods, 2)):
            layered = any(method_named(name).uses_layer for name in pair)
            for layer in self.plan.layers if layered else [None]:
                ask = Ask(pair, layer, target)
                one, other = ask.layers.items()
                numbers = {
                    index: self.atlas.disagreement(index, one, other, classes[0])
                    for index in indices
                    if (classes := self._resolved(index, [target]))
                }
                known = [(index, number) for index, number in numbers.items() if number is not None]
                self.work.findings.keep_disagreements(ask, known)

    def _told(self, index: int, ask: Ask) -> str:
        """Why a picture failed; if it did before the model said anything of it, its row says so on the page."""
        cause = self.work.findings.failure(index, ask) or ""
        if cause and not self.atlas.likeliest(index):
            row = failed_row(self.work, index, cause)
            self.atlas.add_picture(index, row, self._label_facts(index))
        return cause

    def _explain(self, batch: list[Sample]) -> None:
        for index in indices_of(batch):
            # It gets another chance.
            self.work.findings.failures.pop(index, None)
        if all(self._is_saved(sample.index) for sample in batch):
            return
        # What is there is asked for again beside what is new: how far two methods disagree needs both.
        views = [view for sample in batch for view in self.atlas.views(sample.index)]
        known = {method for method, _ in views}.union(self.plan.methods)
        methods = [name for name in known_methods() if name in known]
        layered = [name for name in methods if method_named(name).uses_layer]
        plain = [name for name in methods if name not in layered]
        # The plain gradient of the input brings those of all layers with it.
        plain.sort(key=lambda name: name != "saliency")
        layers = [*self.plan.layers, *(layer for _, layer in views if layer)] if layered else []
        layers = list(dict.fromkeys(layers))
        to_input = any(method_named(name).uses_input_gradient for name in methods)
        forward = self.work.forward(batch, layers, input_gradient=to_input)
        recorded = _Recorded(batch, forward, self.work.judge(batch, forward))
        self._add_pictures(recorded, layers)
        for classes in self._columns(batch):
            beside = self._save(recorded, classes, plain, None, {})
            for layer in layers:
                if self.cancelled():
                    return
                self._save(recorded, classes, layered, layer, beside)

    def _add_pictures(self, recorded: _Recorded, layers: Sequence[str]) -> None:
        answers = self.work.exploration.answers
        shapes = {name: recorded.forward.activation(name).shape[1:] for name in layers}
        titles = {name: layer_title(name, shape) for name, shape in shapes.items()}
        for sample, said in zip(recorded.batch, recorded.said, strict=True):
            likeliest = answers.top(said, LIKELIEST)
            facts = {
                "predictions": [
                    {**prediction_state(one), "title": class_title(one)} for one in likeliest
                ],
                "layer_titles": titles,
                **self._label_facts(sample.index),
            }
            row = judged_row(self.work, sample.index, sample.prepared)
            self.atlas.add_picture(sample.index, row, facts)

    def _label_facts(self, index: int) -> dict[str, Any]:
        """The class of a picture's label, or why it has none."""
        try:
            label = self.work.findings.target_class(index, "label")
        except ValueError as error:
            return {"label_class": None, "label_failure": str(error)}
        return {"label_class": label, "label_failure": ""}

    def _columns(self, batch: list[Sample]) -> list[list[int]]:
        """The classes to explain, one a sample, as often as one of them has another class."""
        wanted = [self._classes(sample.index) for sample in batch]
        return [
            [classes[min(column, len(classes) - 1)] for classes in wanted]
            for column in range(max(map(len, wanted)))
        ]

    def _classes(self, index: int) -> list[int]:
        """The classes to explain on a picture of which the model's answer is known; there is always one."""
        found = self._resolved(index, self.plan.targets)
        return found or [self.work.findings.verdicts[index].index]

    def _resolved(self, index: int, targets: Sequence[Target]) -> list[int]:
        found: list[int] = []
        for target in targets:
            if target == "likeliest":
                found += self.atlas.likeliest(index) or []
                continue
            try:
                one = self.work.findings.target_class(index, target)
            except ValueError:  # Its label is no class; its row says so on the page.
                continue
            found += [] if one is None else [one]
        return list(dict.fromkeys(found))

    def _is_saved(self, index: int) -> bool:
        if not self.atlas.likeliest(index):
            return False
        return all(
            self.atlas.holds(index, (name, layer), target)
            for target in self._classes(index)
            for name in self.plan.methods
            for layer in (self.plan.layers if method_named(name).uses_layer else [None])
        )

    def _is_wanted(self, index: int, view: View, target: int) -> bool:
        method, layer = view
        planned = method in self.plan.methods and (layer is None or layer in self.plan.layers)
        return planned or self.atlas.holds(index, view, target)

    def _save(
        self,
        recorded: _Recorded,
        classes: list[int],
        methods: Sequence[str],
        layer: str | None,
        beside: dict[str, Tensor],
    ) -> dict[str, Tensor]:
        """Save the maps of some methods, and how far they disagree with each other and with those beside them."""
        indices, answers = indices_of(recorded.batch), self.work.exploration.answers
        values = answers.values_of(classes, recorded.forward, recorded.said)
        about = [
            prediction_state(answers.prediction(target, value))
            for target, value in zip(classes, values, strict=True)
        ]
        asked = answers.asked_of(classes)
        paint = self.work.paint(self.plan.style)
        explained = partial(explain_pass, recorded.forward, target=asked, layer=layer)
        seen = dict(beside)
        for method in methods:
            options = self.work.asked_with(method_named(method), recorded.batch, self.cancelled)
            explanation = explained(method, **options)
            if options and self.cancelled():
                raise Cancelled
            maps = explanation.maps()
            apart = {other: disagreement(maps, known).tolist() for other, known in seen.items()}
            seen[method] = maps
            tiles = tiles_of(explanation, values, paint)
            self.work.findings.keep(indices, method, layer, classes, tiles, maps=maps)
            for place, (index, tile) in enumerate(zip(indices, tiles, strict=True)):
                if self._is_wanted(index, (method, layer), classes[place]):
                    numbers = {other: values[place] for other, values in apart.items()}
                    state = map_state(tile, about[place], layer)
                    factors = factors_of(explanation, place, state, paint.channels, explained)
                    self.atlas.add_map(index, method, state, numbers, factors)
        return seen
