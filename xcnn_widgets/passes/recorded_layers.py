"""A model's run on a batch: which layers are kept of it, and the backward passes through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import Tensor
from torch.autograd.graph import Node

from ..network import (
    BackwardRule,
    Call,
    Layout,
    ModelParts,
    Relus,
    Reshaped,
    Resolved,
    Subject,
    evaluating,
    layers_of,
    model_lock,
    relus_behind,
    require_visible,
    scores,
)
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
    subject
        Both, and how the model is called.
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
        # What the model takes may be written into; of what it is made may change.
        self.subject = replace(subject, inputs=self.inputs)
        # Of inputs that are changed copies of others, the regions are those of the others.
        self._regions = subject.regions
        self._layouts: dict[str, Layout | Reshaped | None] = {}
        self._calls: Mapping[str, Call] = {}
        self._input_gradient = input_gradient
        self._exact = exact
        self._show_in_place_relus = False
        self._end: str | None = None
        names = layers_of(subject).offered if layers is None else layers
        self._record({name: layers_of(subject).call(name) for name in names})

    def keep(self, names: Iterable[str]) -> None:
        """See to it that the outputs of some layers are kept, as they were returned."""
        # A model may also write later into what it still holds: when it is run on another picture.
        missing = [name for name in names if not self.recording.holds(name)]
        if missing:
            found = {name: layers_of(self.subject).call(name) for name in missing}
            self.require_graph()
            # The model may have got other parts since.
            self.subject = replace(
                self.subject, parts=ModelParts(self.model), regions=self._regions
            )
            self._record({**self._calls, **found})

    def layout(self, layer: str) -> Layout | Reshaped:
        """How a kept layer's output lies over the picture.

        Raises
        ------
        ValueError
            If it has no grid.
        """
        layout = self.layout_if_any(layer)
        if layout is None:
            raise layers_of(self.subject).no_maps(layer)
        return layout

    def layout_if_any(self, layer: str) -> Layout | Reshaped | None:
        """As `layout`; None if the output has no grid."""
        if layer not in self._layouts:
            reshape, output = self.subject.reshape, self.recording.outputs[layer]
            self._layouts[layer] = (
                self._calls[layer].layout
                if reshape is None
                else Reshaped.of(reshape, output.detach(), self.inputs)
            )
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

    @property
    def relus(self) -> Relus:
        """The ReLUs behind the class scores."""
        self._show_written_relus(self.recording.relus)
        return self.recording.relus

    def _show_written_relus(self, relus: Relus) -> bool:
        """Run once more to show ReLUs that the model writes into views; whether that was done."""
        if not relus.written_into_views or self._show_in_place_relus or self._end is not None:
            return False
        self._show_in_place_relus = True
        self._record(self._calls)
        return True

    def has_no_relu(self) -> bool:
        """Whether all rules surely give the same; not asked of a graph that is gone."""
        relus = self.recording.relus
        unseen = (
            self._end
            or self.subject.hidden_relus
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
        if not callable(target):
            self._require_on_path(places)
        with self._going_back():
            start, relus = self._start(target, rule)
            found = self.recording.gradients(
                start, places, rule, relus, release=release, passing=passing
            )
        if release:
            self._let_go("has let go of its graph")
        return {place: self._reached(place, gradient) for place, gradient in found.items()}

    def _require_on_path(self, places: Sequence[Place]) -> None:
        """Refuse layers that have no part in the class scores."""
        for place in places:
            if place is not None and not self._calls[place].on_path:
                raise layers_of(self.subject).no_maps(place)

    def _reached(self, place: Place, gradient: Tensor | None) -> Tensor:
        if gradient is not None:
            return gradient
        layers = layers_of(self.subject)
        if place is not None:
            raise ValueError(
                f"layer {place!r} does not lie between the input and what is explained: no gradient "
                f"comes back to it; {layers.what_to_choose()}"
            )
        raise ValueError(
            "what is explained does not depend on the input"
            + (f": no gradient comes back behind module {layers.cut!r}" if layers.cut else "")
        )

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

    def _record(self, calls: Mapping[str, Call]) -> None:
        with self.lock:
            recording = record(
                self.subject,
                calls,
                input_gradient=self._input_gradient,
                show_in_place_relus=self._show_in_place_relus,
                exact=self._exact,
            )
        for name in calls:
            if name not in recording.outputs:
                raise ValueError(
                    f"layer {name!r} returned no tensor in this forward pass, so there is nothing "
                    f"to explain; {layers_of(self.subject).what_to_choose()}"
                )
        self.recording = recording
        if self.subject.regions is None and not isinstance(recording.answer, Exception):
            # A class keeps its pixels when it is asked about changed inputs.
            regions = self.subject.finding.regions_of(recording.output)
            self.subject = replace(self.subject, regions=regions)
        self.runs += 1
        self._calls = calls
        self._layouts.clear()

    @contextmanager
    def _going_back(self) -> Iterator[None]:
        # A model that recomputes activations does so now, and has to find itself in evaluation.
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            evaluating(self.subject.parts.modules),
        ):
            yield

    def _start(self, target: Resolved, rule: BackwardRule) -> tuple[Start, Sequence[Node]]:
        """Find where to begin for a target, and the ReLUs that a rule changes."""
        recording = self.recording
        if callable(target):
            score = scores(target, recording.output, len(self.inputs))
            start = Start(score.sum())
        else:
            start = recording.start_of(target)
        if rule == "plain":
            return start, ()
        relus = relus_behind(score) if callable(target) else recording.relus
        if self._show_written_relus(relus):
            return self._start(target, rule)
        require_visible(
            rule, self.subject.hidden_relus or relus.hidden_by or recording.unknown_relus
        )
        return start, relus.nodes
