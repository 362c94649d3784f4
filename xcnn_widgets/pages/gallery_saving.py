"""Computing a gallery's maps ahead: one forward pass a batch answers all layers, classes and methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import torch
from torch import Tensor

from ..methods.explanation import explain_pass
from ..methods.table import METHODS
from ..metrics.agreement import disagreement
from ..network.targets import class_scores
from ..passes.forward_pass import ForwardPass
from ..study.asking import Ask, Target
from ..study.batched_runs import NOT_FINITE
from ..study.batches import Sample
from ..study.maps import tiles_of
from ..study.predictions import Prediction, probabilities_of
from ..study.rows import class_title, failed_row, judged_row, layer_title, map_state
from ..study.wire import prediction_state
from ..study.work import GalleryWork
from .atlas import most_map_bytes
from .gallery_atlas import GalleryAtlas, View

# As many as a comparison of classes has rows.
LIKELIEST = 5


@dataclass(frozen=True)
class Plan:
    """What to compute ahead; a target is ``predicted``, ``label``, ``likeliest`` or a class."""

    images: list[int]
    targets: list[Target]
    methods: list[str]
    layers: list[str]

    @property
    def classes(self) -> int:
        """How many classes of one picture, at most."""
        return sum(LIKELIEST if target == "likeliest" else 1 for target in self.targets)

    @property
    def views(self) -> int:
        """How many maps, at most."""
        one_class = sum(
            len(self.layers) if METHODS[name].uses_layer else 1 for name in self.methods
        )
        return len(self.images) * self.classes * one_class

    def most_bytes(
        self, size: tuple[int, int], grids: Mapping[str, tuple[int, int]], picture: int
    ) -> int:
        """The most bytes, if all pictures are ``(H, W)`` in `size` and take `picture` bytes, for grids of layers."""
        chosen = [grids[name] for name in self.layers]
        maps = sum(most_map_bytes(name, chosen, size) for name in self.methods)
        return len(self.images) * (self.classes * maps + picture)


@dataclass(frozen=True, eq=False)
class _Recorded:
    """A batch, and its forward pass."""

    batch: list[Sample]
    forward: ForwardPass


class Saving:
    """Carries a plan out; what is saved already is not computed again.

    Parameters
    ----------
    work
        Where pictures, labels and the model come from.
    atlas
        Where the maps go.
    plan
        What to compute.
    cancelled
        Whether to stop.
    """

    def __init__(
        self, work: GalleryWork, atlas: GalleryAtlas, plan: Plan, cancelled: Callable[[], bool]
    ) -> None:
        self._work, self._atlas, self._plan, self._cancelled = work, atlas, plan, cancelled

    def run(self) -> Iterator[list[str]]:
        """Work batch by batch; yields for each picture that is done why it failed, or nothing."""
        plan, work = self._plan, self._work
        ask = Ask(tuple(plan.methods), plan.layers[0] if plan.layers else None, "predicted")
        for batch, lost in work.batches(plan.images, self._cancelled, None):
            read = [sample.index for sample in batch]
            for index in read:
                work.failures.pop(index, None)
            work.attempt(batch, self._explain, ask)
            self._remember(read)
            yield [self._told(index, ask) for index in (*lost, *read)]

    def _remember(self, indices: Sequence[int]) -> None:
        """Let the gallery itself know how far methods disagree, so that it asks for none of this again."""
        targets = [
            "predicted" if target == "likeliest" else target for target in self._plan.targets
        ]
        for target, pair in product(dict.fromkeys(targets), combinations(self._plan.methods, 2)):
            layered = any(METHODS[name].uses_layer for name in pair)
            for layer in self._plan.layers if layered else [None]:
                one, other = ((n, layer if METHODS[n].uses_layer else None) for n in pair)
                numbers = {
                    index: self._atlas.disagreement(index, one, other, classes[0])
                    for index in indices
                    if (classes := self._resolved(index, [target]))
                }
                known = [(index, number) for index, number in numbers.items() if number is not None]
                self._work.keep_disagreements(Ask(pair, layer, target), known)

    def _told(self, index: int, ask: Ask) -> str:
        """Why a picture failed; if it did before the model said anything of it, its row says so on the page."""
        cause = self._work.failure(index, ask) or ""
        if cause and not self._atlas.likeliest(index):
            row, facts = failed_row(self._work, index, cause), _label_facts(self._work, index)
            self._atlas.add_picture(index, row, facts)
        return cause

    def _explain(self, batch: list[Sample]) -> None:
        if all(self._is_saved(sample.index) for sample in batch):
            return
        # What is there is asked for again beside what is new: how far two methods disagree needs both.
        views = [view for sample in batch for view in self._atlas.views(sample.index)]
        known = {method for method, _ in views}.union(self._plan.methods)
        methods = [name for name in METHODS if name in known]
        layers = list(dict.fromkeys([*self._plan.layers, *(layer for _, layer in views if layer)]))
        layered = [name for name in methods if METHODS[name].uses_layer]
        forward = ForwardPass(
            self._work.exploration.model,
            torch.stack([sample.prepared.input for sample in batch]),
            layers if layered else [],
            input_gradient=any(METHODS[name].uses_input_gradient for name in methods),
            copy_inputs=False,
            exact=self._work.exact,
        )
        recorded = _Recorded(batch, forward)
        self._add_pictures(recorded, layers if layered else [])
        for classes in self._columns(batch):
            plain = [name for name in methods if name not in layered]
            # The plain gradient of the input brings those of all layers with it.
            plain.sort(key=lambda name: name != "saliency")
            beside = self._save(recorded, classes, plain, None, {})
            for layer in layers if layered else []:
                if self._cancelled():
                    return
                self._save(recorded, classes, layered, layer, beside)

    def _add_pictures(self, recorded: _Recorded, layers: Sequence[str]) -> None:
        work, batch, forward = self._work, recorded.batch, recorded.forward
        logits = class_scores(forward.logits)
        if work.judge(batch, logits):
            raise FloatingPointError(NOT_FINITE)
        titles = {name: layer_title(name, forward.activation(name).shape[1:]) for name in layers}
        likelihoods = probabilities_of(logits)
        top = likelihoods.topk(min(LIKELIEST, likelihoods.shape[1]))
        for sample, indices, values in zip(
            batch, top.indices.tolist(), top.values.tolist(), strict=True
        ):
            facts = {
                "predictions": self._predictions(indices, values),
                "layer_titles": titles,
                **_label_facts(work, sample.index),
            }
            row = judged_row(work, sample.index, sample.prepared)
            self._atlas.add_picture(sample.index, row, facts)

    def _predictions(self, indices: Sequence[int], values: Sequence[float]) -> list[dict[str, Any]]:
        names = self._work.exploration.class_names
        found = [Prediction(i, names.name(i), p) for i, p in zip(indices, values, strict=True)]
        return [{**prediction_state(one), "title": class_title(one)} for one in found]

    def _columns(self, batch: list[Sample]) -> list[list[int]]:
        """The classes to explain, one a sample, as often as one of them has another class."""
        wanted = [self._classes(sample.index) for sample in batch]
        return [
            [classes[min(column, len(classes) - 1)] for classes in wanted]
            for column in range(max(map(len, wanted)))
        ]

    def _classes(self, index: int) -> list[int]:
        """The classes to explain on a picture of which the model's answer is known; there is always one."""
        return self._resolved(index, self._plan.targets) or [self._work.verdicts[index].index]

    def _resolved(self, index: int, targets: Sequence[Target]) -> list[int]:
        found: list[int] = []
        for target in targets:
            if target == "likeliest":
                found += self._atlas.likeliest(index) or []
                continue
            try:
                one = self._work.target_class(index, target)
            except ValueError:  # Its label is no class; its row says so on the page.
                continue
            found += [] if one is None else [one]
        return list(dict.fromkeys(found))

    def _is_saved(self, index: int) -> bool:
        if not self._atlas.likeliest(index):
            return False
        return all(
            self._atlas.holds(index, (name, layer), target)
            for target in self._classes(index)
            for name in self._plan.methods
            for layer in (self._plan.layers if METHODS[name].uses_layer else [None])
        )

    def _is_wanted(self, index: int, view: View, target: int) -> bool:
        method, layer = view
        planned = method in self._plan.methods and (layer is None or layer in self._plan.layers)
        return planned or self._atlas.holds(index, view, target)

    def _save(
        self,
        recorded: _Recorded,
        classes: list[int],
        methods: Sequence[str],
        layer: str | None,
        beside: dict[str, Tensor],
    ) -> dict[str, Tensor]:
        """Save the maps of some methods, and how far they disagree with each other and with those beside them."""
        names = self._work.exploration.class_names
        seen = dict(beside)
        for method in methods:
            explanation = explain_pass(recorded.forward, method, classes, layer)
            maps = explanation.maps()
            apart = {other: disagreement(maps, known).tolist() for other, known in seen.items()}
            seen[method] = maps
            for place, (sample, target, tile) in enumerate(
                zip(recorded.batch, classes, tiles_of(explanation), strict=True)
            ):
                if not self._is_wanted(sample.index, (method, layer), target):
                    continue
                about = Prediction(target, names.name(target), tile.probability)
                numbers = {other: values[place] for other, values in apart.items()}
                self._work.keep(sample.index, method, layer, target, tile)
                self._atlas.add_map(sample.index, method, map_state(tile, about, layer), numbers)
        return seen


def _label_facts(work: GalleryWork, index: int) -> dict[str, Any]:
    """The class of a picture's label, or why it has none."""
    try:
        return {"label_class": work.target_class(index, "label"), "label_failure": ""}
    except ValueError as error:
        return {"label_class": None, "label_failure": str(error)}
