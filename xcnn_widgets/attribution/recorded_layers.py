"""A model's run on a batch: which layers are kept of it, and how their outputs lie over the picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

from .heatmaps import at_least_float32
from .layouts import Layout, layout_of
from .model_parts import ModelParts
from .model_state import model_lock
from .recording import Place, Recording, record
from .subject import Subject
from .target_layers import module_named, no_maps, offered_layers, what_to_choose


class RecordedLayers:
    """Runs the model once, and once more for a layer that is asked for later.

    Parameters
    ----------
    subject
        The model and the inputs.
    layers, input_gradient, copy_inputs, exact
        As of `ForwardPass`.
    """

    inputs: Tensor
    model: nn.Module
    _recording: Recording
    _layers: Mapping[str, nn.Module]

    def __init__(
        self,
        subject: Subject,
        layers: Sequence[str] | None,
        *,
        input_gradient: bool = True,
        copy_inputs: bool = True,
        exact: bool | None = True,
    ) -> None:
        self.model = subject.model
        with torch.inference_mode(False):
            self.inputs = subject.inputs.clone() if copy_inputs else subject.inputs
        self._hidden = subject.hidden_relus
        self._lock = model_lock(self.model)
        self._modules = subject.parts.modules
        self._layouts: dict[str, Layout | None] = {}
        self._input_gradient = input_gradient
        self._exact = exact
        self._show_in_place_relus = False
        self._end: str | None = None
        names = offered_layers(subject) if layers is None else layers
        found = {name: module_named(self.model, name) for name in names}
        self._record(found, subject.parts)

    @property
    def logits(self) -> Tensor:
        """``(B, classes)``, without graph."""
        return self._recording.logits.detach().clone()

    @property
    def is_finite(self) -> bool:
        """Whether no logit is NaN or infinite."""
        return self._recording.is_finite

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers kept, in the order in which the model ran them."""
        return tuple(self._recording.outputs)

    def _record(self, layers: Mapping[str, nn.Module], parts: ModelParts | None = None) -> None:
        with self._lock:
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
        self._recording = recording
        self._layers = layers
        self._layouts.clear()
        self._forget()

    def _forget(self) -> None:
        """Forget what was answered about another run."""
        raise NotImplementedError

    def _keep(self, names: Iterable[str]) -> None:
        # A model may also write later into what it still holds: when it is run on another picture.
        missing = [name for name in names if not self._recording.holds(name)]
        if missing:
            found = {name: module_named(self.model, name) for name in missing}
            self._require_graph()
            self._record({**self._layers, **found})

    def _layout(self, layer: str) -> Layout:
        layout = self._layout_if_any(layer)
        if layout is None:
            raise no_maps(layer, self._recording.outputs[layer], self.model, self.inputs)
        return layout

    def _layout_if_any(self, layer: str) -> Layout | None:
        if layer not in self._layouts:
            output = self._recording.outputs[layer]
            self._layouts[layer] = layout_of(output, self.inputs, self._layers[layer])
        return self._layouts[layer]

    def _as_maps(self, place: Place, gradient: Tensor) -> Tensor:
        return gradient if place is None else self._layout(place).maps(gradient)

    def _mean(self, layer: str, gradient: Tensor) -> Tensor:
        return at_least_float32(self._as_maps(layer, gradient)).mean(dim=(2, 3))

    def _check_reached(self, places: Iterable[Place]) -> None:
        for place in places:
            if place is not None:
                self._layout(place)
            elif not self._input_gradient:
                raise ValueError(
                    "this forward pass was recorded without the input's gradient: "
                    "use input_gradient=True"
                )

    def _require_graph(self) -> None:
        if self._end is not None:
            raise RuntimeError(f"this ForwardPass {self._end}; make a new one to ask more of it")
