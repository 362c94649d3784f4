"""A model with its pictures, and everything that was found out about them so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ..bounded_cache import BoundedCache, tensor_bytes
from ..imaging import ClassNames, DisplayChoice, InputChannels, Names, PreparedPictures
from ..methods import Explanation, Method, explain_pass, method_named
from ..network import (
    Activation,
    Limits,
    OutputChoice,
    Reshape,
    Subject,
    answer_of,
)
from ..passes import ForwardPass
from .answers import Answers
from .calling import Calling
from .choice import Choice
from .kept_passes import GRAPH_BYTES, KeptPasses
from .model_facts import model_facts, trial_of
from .named_targets import TargetFunction
from .offered_layers import OfferedLayers
from .offered_methods import OfferedMethods
from .predictions import Prediction
from .references import References
from .run_options import run_options, tell_estimate
from .said import Said


class Exploration(PreparedPictures):
    """Answers choices; runs the model once for a picture, and computes nothing twice.

    Parameters
    ----------
    model
        A `torch.nn.Module`; or what holds one as ``.model``, with ``.class_names`` or ``.class_map`` and
        ``.transform`` if it has them: a `CNNExplainer`, the demo network.
    images
        Anything that `Pictures` takes.
    class_names, transform
        As `ClassNames` and `Preprocessing` take them; by default what `model_facts` finds.
    layers, methods
        Those to offer; by default what `target_layers` offers, and the usual methods that the model allows.
    also
        Methods to offer beside the usual ones.
    device
        Where to move the model; by default it stays where it is.
    cache_bytes
        The most bytes of pictures and of maps to keep.
    graph_bytes
        The most bytes of recorded forward passes to keep.
    exact
        Whether occlusion runs the model as it stands, as `occlusion` says.
    display
        How inputs are shown, as `Display` takes it: for models that take neither grey nor RGB.
    activation
        How the model's scores are read: ``softmax``, ``sigmoid`` or ``none``; by default as the
        model's last operation, its number of scores and the names tell.
    targets
        More to explain beside the classes: from a name to a callable from the model's output to one
        scalar a sample.
    output, reshape, additional_forward_args
        How the model is called, as `Calling` takes them.
    """

    def __init__(
        self,
        model: Any,
        images: Any,
        class_names: Names | None = None,
        *,
        transform: Callable[[Any], Any] | None = None,
        layers: Sequence[str] | None = None,
        methods: Sequence[str | Method] | None = None,
        also: Sequence[str | Method] = (),
        device: str | torch.device | None = None,
        cache_bytes: int = 128 * 2**20,
        graph_bytes: int = GRAPH_BYTES,
        exact: bool = False,
        display: DisplayChoice | None = None,
        activation: Activation | None = None,
        targets: Mapping[str, TargetFunction] | None = None,
        output: OutputChoice = None,
        reshape: Reshape | None = None,
        additional_forward_args: Any = None,
    ) -> None:
        self._exact = exact
        facts = model_facts(model)
        self._calling = Calling(output, reshape, additional_forward_args)
        self.model = facts.model
        if device is not None:
            self.model.to(device)
        super().__init__(
            images,
            facts.transform if transform is None else transform,
            cache_bytes // 2,
            display=display,
            channels=InputChannels(
                facts.channels,
                partial(trial_of, self.model, calling=self._calling),
                facts.dimensions,
            ),
            transform_note=facts.note if transform is None else "",
        )
        self._references = References(
            self.model, self._calling, lambda picture: self.prepare(picture).input
        )
        self.answers = Answers(
            facts.class_names if class_names is None else class_names,
            names_are_said=class_names is not None or facts.names_are_said,
            activation=facts.activation if activation is None else activation,
            targets=self._references.all_embedded(targets),
            output=output,
        )
        self._layers = OfferedLayers(self._asked_for_layers, layers)
        self._methods = OfferedMethods(methods, also)
        self._explained: BoundedCache[tuple[object, ...], Explanation] = BoundedCache(
            cache_bytes // 2, lambda explanation: tensor_bytes([explanation.values])
        )
        self._passes = KeptPasses(graph_bytes, self._record)
        self.said = Said(self.answers_on, self.forward)

    @property
    def class_names(self) -> ClassNames:
        """The names of the classes."""
        return self.answers.class_names

    def answers_on(self, index: int) -> Answers:
        """What the model answers with; found on the picture given, if it is not known yet."""
        if not self.answers.is_settled:
            self.answers.settle(*answer_of(*self._asked(index), **self._calling.on([index])))
        return self.answers

    def call(self, indices: Sequence[int]) -> dict[str, Any]:
        """How the model is called on some pictures: more arguments for `ForwardPass` and `target_layers`."""
        output = self.answers_on(indices[0]).output
        return {**self._calling.on(indices), "output": output}

    def subject(self, index: int, inputs: Tensor) -> Subject:
        """The model with other inputs ``(1, C, H, W)`` in the place of a picture's own."""
        return Subject.of(self.model, inputs, **self.call([index]))

    def layers(self, index: int) -> list[str]:
        """The layers to offer, found on the picture given; empty if the model has none with a grid."""
        return self._layers.names(index)

    def layer_shapes(self, index: int) -> dict[str, tuple[int, ...]]:
        """The shape ``(C, h, w)`` of each layer offered."""
        return self._layers.shapes(index)

    def default_layer(self, index: int) -> str | None:
        """The layer to look at first."""
        return self._layers.first(index)

    def methods(self, index: int) -> list[Method]:
        """The methods to offer, the first of them to begin with; see `OfferedMethods`."""
        model, inputs, call = self._asked_for_layers(index)
        return self._methods.of(self.layers(index), lambda: Limits.of(model, inputs, **call))

    def forward(self, index: int) -> ForwardPass:
        """The recorded forward pass of a picture."""
        return self._passes.obtain(index)

    def trim(self) -> None:
        """Let go of passes over the limit; to be called after what was asked of a `forward`."""
        self._passes.trim()

    def keeps(self, index: int) -> bool:
        """Whether a picture's pass is kept: one more question then runs nothing."""
        return self._passes.get(index) is not None

    @property
    def has_room(self) -> bool:
        """Whether one more picture's pass can be kept beside the last one."""
        return self._passes.has_room

    def explain(
        self,
        choice: Choice,
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        so_far: Callable[[Explanation], None] | None = None,
    ) -> Explanation:
        """Answer a choice; `progress` and `cancelled` are for slow methods, `so_far` takes estimates of one that makes them."""
        found = self.found(choice)
        if found is None:
            method = method_named(choice.method)
            options = dict(choice.options()) | run_options(
                method, exact=self._exact, progress=progress, cancelled=cancelled
            )
            layer = choice.layer if method.uses_layer else None
            forward = self.forward(choice.image_index)
            try:
                target = self.answers.asked(choice.target)
                if so_far is not None and "so_far" in method.options:
                    options["so_far"] = partial(tell_estimate, so_far, forward, method, target)
                found = explain_pass(forward, choice.method, target, layer, **options)
            finally:
                self._passes.trim()
            # What was stopped is an estimate; who asks again gets the whole answer.
            if cancelled is None or not cancelled():
                self._explained.put(self._question(choice), found)
        return found

    def found(self, choice: Choice) -> Explanation | None:
        """The answer, if it is known already."""
        return self._explained.get(self._question(choice))

    def predictions(self, index: int, count: int = 5) -> list[Prediction]:
        """The classes of a picture with the highest values, the highest first; then all listed targets."""
        return self.said.predictions(index, count)

    def scores(self, index: int) -> Tensor:
        """The scores of a picture's classes and listed targets, ``(1, count)``; no graph is recorded for them."""
        known = self.said.known(index)
        if known is not None:
            return known
        forward = self._passes.get(index) or ForwardPass(
            *self._asked(index), [], input_gradient=False, **self.call([index])
        )
        return self.said.keep(index, forward)

    def explained(self, choice: Choice, explanation: Explanation) -> Prediction:
        """The class or target that the answer to a choice is about, and what the model says of it."""
        target, index = choice.target, choice.image_index
        if target is None:
            target = 0 if callable(explanation.target) else explanation.target[0]
        return self.said.prediction(target, self.said.value(target, index), index)

    def class_index(self, target: object, index: int) -> int:
        """The index of a class or target given by index or name, or of a callable; errors as of `Answers.index`."""
        scores = self.said.known(index) if isinstance(target, str) else None
        likeliest = [] if scores is None else scores[0].argsort(descending=True).tolist()
        return self.answers_on(index).index(self._references.embedded(target), likeliest)

    def offer(self, layer: str, index: int) -> None:
        """Offer one more layer, at its place in the order of the forward pass."""
        self._layers.add(layer, index)

    def forget(self) -> None:
        """Let go of what is large and can be found again."""
        super().forget()
        self._passes.forget()
        self._explained.clear()

    def close(self) -> None:
        """Let go of everything found."""
        self._passes.close()
        self.said.clear()
        super().forget()
        self._explained.clear()

    def _question(self, choice: Choice) -> tuple[object, ...]:
        """A choice's question; where it is known which class is predicted, that class is asked for."""
        known = self.said.known(choice.image_index)
        if choice.target is None and known is not None:
            choice = replace(choice, target=self.answers.winner(known[0]))
        return choice.question

    def _record(self, index: int, gradient_bytes: int) -> ForwardPass:
        forward = ForwardPass(
            *self._asked(index),
            self.layers(index),
            cache_bytes=gradient_bytes,
            **self.call([index]),
        )
        self.said.keep(index, forward)
        return forward

    def _asked(self, index: int) -> tuple[torch.nn.Module, Tensor]:
        return self.model, self.prepared(index).input.unsqueeze(0)

    def _asked_for_layers(self, index: int) -> tuple[torch.nn.Module, Tensor, dict[str, Any]]:
        """Layers lie between the input and the classes, or where there are none, a target."""
        call, first = self.call([index]), self.answers.asked(None)
        if callable(first):
            call["target"] = first
        return *self._asked(index), call
