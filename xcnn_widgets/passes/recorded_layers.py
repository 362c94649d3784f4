"""A model's run on a batch: which layers are kept of it, and the backward passes through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node

from ..network.layers import module_named, no_maps, offered_layers, what_to_choose
from ..network.layouts import Layout, layout_of
from ..network.parts import ModelParts
from ..network.relu_rules import BackwardRule, relus_behind, require_visible
from ..network.running import evaluating, model_lock
from ..network.subject import Subject
from ..network.targets import Resolved, scores
from .backward_pass import Start
from .recording import Place, Recording, record


class RecordedLayers:
    """Runs the model once, and once more for a layer that is asked for later.

    Parameters
    ----------
    subject
        The model and the inputs.
    layers, input_gradient, copy_inputs, exact
        As of `ForwardPass`.

    Attributes
    ----------
    model, inputs
        What was run, and on what.
    lock
        The model's; held by whoever runs it or goes back through the graph.
    recording
        The last run.
    runs
        How many there were; what was answered about an earlier one is out of date.
    """

    recording: Recording

    def __init__(
        self,
        subject: Subject,
        layers: Sequence[str] | None,
        *,
        input_gradient: bool = True,
        copy_inputs: bool = True,
        exact: bool = True,
    ) -> None:
        self.model = subject.model
        with torch.inference_mode(False):
            self.inputs = subject.inputs.clone() if copy_inputs else subject.inputs
        self.lock = model_lock(self.model)
        self.runs = 0
        self._hidden = subject.hidden_relus
        self._modules = subject.parts.modules
        self._layouts: dict[str, Layout | None] = {}
        self._layers: Mapping[str, nn.Module] = {}
        self._input_gradient = input_gradient
        self._exact = exact
        self._show_in_place_relus = False
        self._end: str | None = None
        names = offered_layers(subject) if layers is None else layers
        self._record({name: module_named(self.model, name) for name in names}, subject.parts)

    def keep(self, names: Iterable[str]) -> None:
        """See to it that the outputs of some layers are kept, as they were returned."""
        # A model may also write later into what it still holds: when it is run on another picture.
        missing = [name for name in names if not self.recording.holds(name)]
        if missing:
            found = {name: module_named(self.model, name) for name in missing}
            self.require_graph()
            self._record({**self._layers, **found})

    def layout(self, layer: str) -> Layout:
        """How a kept layer's output lies over the picture.

        Raises
        ------
        ValueError
            If it has no grid.
        """
        layout = self.layout_if_any(layer)
        if layout is None:
            raise no_maps(layer, self.recording.outputs[layer], self.model, self.inputs)
        return layout

    def layout_if_any(self, layer: str) -> Layout | None:
        """As `layout`; None if the output has no grid."""
        if layer not in self._layouts:
            output = self.recording.outputs[layer]
            self._layouts[layer] = layout_of(output, self.inputs, self._layers[layer])
        return self._layouts[layer]

    def as_maps(self, place: Place, gradient: Tensor) -> Tensor:
        """A gradient at some place, as maps ``(B, C, h, w)``."""
        return gradient if place is None else self.layout(place).maps(gradient)

    def check_reached(self, places: Iterable[Place]) -> None:
        """Refuse places at which no gradient can be shown."""
        for place in places:
            if place is not None:
                self.layout(place)
            elif not self._input_gradient:
                raise ValueError(
                    "this forward pass was recorded without the input's gradient: "
                    "use input_gradient=True"
                )

    def has_no_relu(self) -> bool:
        """Whether all rules surely give the same; not asked of a graph that is gone."""
        relus = self.recording.relus
        unseen = (
            self._end
            or self._hidden
            or relus.hidden_by
            or relus.written_into_views
            or self.recording.unknown_relus
        )
        return not relus.nodes and not unseen

    def backward_pass(
        self,
        target: Resolved,
        places: Sequence[Place],
        rule: BackwardRule,
        *,
        release: bool,
        passing: Callable[[str, Tensor], None] | None = None,
    ) -> dict[Place, Tensor]:
        """The gradients of a target at some places; `passing` as `Recording.gradients` takes it."""
        self.require_graph()
        with self._going_back():
            start, relus = self._start(target, rule)
            gradients = self.recording.gradients(
                start, places, rule, relus, release=release, passing=passing
            )
        if release:
            self._let_go("has let go of its graph")
        return gradients

    def require_graph(self) -> None:
        """Refuse questions to a graph that is gone."""
        if self._end is not None:
            raise RuntimeError(f"this ForwardPass {self._end}; make a new one to ask more of it")

    def close(self) -> None:
        """Let go of the graph and of the activations."""
        self._let_go("was closed", keep_outputs=False)

    def _let_go(self, end: str, *, keep_outputs: bool = True) -> None:
        self.recording = self.recording.without_graph(keep_outputs=keep_outputs)
        self._end = end

    def _record(self, layers: Mapping[str, nn.Module], parts: ModelParts | None = None) -> None:
        with self.lock:
            recording = record(
                self.model,
                self.inputs,
                layers,
                input_gradient=self._input_gradient,
                show_in_place_relus=self._show_in_place_relus,
                exact=self._exact,
                parts=parts,
            )
        for name in layers:
            if name not in recording.outputs:
                raise ValueError(
                    f"layer {name!r} returned no tensor in this forward pass, so there is nothing "
                    f"to explain; {what_to_choose(self.model, self.inputs)}"
                )
        self.recording = recording
        self.runs += 1
        self._layers = layers
        self._layouts.clear()

    @contextmanager
    def _going_back(self) -> Iterator[None]:
        # A model that recomputes activations does so now, and has to find itself in evaluation.
        with torch.inference_mode(False), torch.enable_grad(), evaluating(self._modules):
            yield

    def _start(self, target: Resolved, rule: BackwardRule) -> tuple[Start, Sequence[Node]]:
        """Find where to begin for a target, and the ReLUs that a rule changes."""
        recording = self.recording
        if callable(target):
            score = scores(target, recording.output)
            start = Start(score.sum())
        else:
            start = recording.start_of(target)
        if rule == "plain":
            return start, ()
        relus = relus_behind(score) if callable(target) else recording.relus
        if relus.written_into_views and not self._show_in_place_relus:
            self._show_in_place_relus = True
            self._record(self._layers)
            return self._start(target, rule)
        require_visible(rule, self._hidden or relus.hidden_by or recording.unknown_relus)
        return start, relus.nodes
