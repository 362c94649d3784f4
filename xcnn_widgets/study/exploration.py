"""A model with its pictures, and everything that was found out about them so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor

from ..bounded_cache import BoundedCache, tensor_bytes
from ..imaging import ClassNames, DisplayChoice, InputChannels, PreparedPictures
from ..methods import METHODS, Explanation, Method, explain_pass, method_named
from ..network import (
    Target,
    class_indices,
    class_scores,
    default_layer,
    layer_shapes,
    target_layers,
)
from ..passes import ForwardPass
from .choice import Choice
from .kept_passes import GRAPH_BYTES, KeptPasses
from .model_facts import model_facts, trial_of
from .predictions import Prediction, probabilities_of

# A thousand classes are 4 KB a picture.
_SCORES_BYTES = 4 * 2**20


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
        Those to offer; by default what `target_layers` offers, and every method that the model allows.
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
    """

    def __init__(
        self,
        model: Any,
        images: Any,
        class_names: Sequence[str] | Mapping[int, str] | None = None,
        *,
        transform: Callable[[Any], Any] | None = None,
        layers: Sequence[str] | None = None,
        methods: Sequence[str] | None = None,
        device: str | torch.device | None = None,
        cache_bytes: int = 128 * 2**20,
        graph_bytes: int = GRAPH_BYTES,
        exact: bool = False,
        display: DisplayChoice | None = None,
    ) -> None:
        self._exact = exact
        facts = model_facts(model)
        self.model = facts.model
        if device is not None:
            self.model.to(device)
        super().__init__(
            images,
            facts.transform if transform is None else transform,
            cache_bytes // 2,
            display=display,
            channels=InputChannels(facts.channels, partial(trial_of, self.model)),
            transform_note=facts.note if transform is None else "",
        )
        names = facts.class_names if class_names is None else class_names
        self.class_names = ClassNames(names)
        self._names_are_said = class_names is not None or facts.names_are_said
        self._name_count = len(names) if isinstance(names, Sequence) else None
        self._chosen_layers = None if layers is None else list(layers)
        self._methods = None if methods is None else [method_named(name) for name in methods]
        if methods is not None and not methods:
            raise ValueError(f"methods is empty; choose from {', '.join(map(repr, METHODS))}")
        self._layers: list[str] | None = None
        self._explained: BoundedCache[tuple[object, ...], Explanation] = BoundedCache(
            cache_bytes // 2, lambda explanation: tensor_bytes([explanation.values])
        )
        self._passes = KeptPasses(graph_bytes, self._record)
        # They outlive the passes: what a picture shows is told without another run.
        self._scored: BoundedCache[int, Tensor] = BoundedCache(
            _SCORES_BYTES, lambda logits: tensor_bytes([logits])
        )

    def layers(self, index: int) -> list[str]:
        """The layers to offer, found on the picture given; empty if the model has none with a grid."""
        if self._layers is None:
            inputs = self.prepared(index).input.unsqueeze(0)
            if self._chosen_layers is not None:
                layer_shapes(self.model, inputs, self._chosen_layers)
                self._layers = self._chosen_layers
            else:
                self._layers = target_layers(self.model, inputs)
        return self._layers

    def layer_shapes(self, index: int) -> dict[str, tuple[int, ...]]:
        """The shape ``(C, h, w)`` of each layer offered."""
        return layer_shapes(self.model, self.prepared(index).input.unsqueeze(0), self.layers(index))

    def default_layer(self, index: int) -> str | None:
        """The layer to look at first."""
        layers = self.layers(index)
        if not layers:
            return None
        first = default_layer(self.model, self.prepared(index).input.unsqueeze(0))
        return first if first in layers else layers[-1]

    def methods(self, index: int) -> list[Method]:
        """The methods to offer: without a layer to explain, those that need none."""
        if self._methods is not None:
            return self._methods
        return [
            method for method in METHODS.values() if self.layers(index) or not method.uses_layer
        ]

    def forward(self, index: int) -> ForwardPass:
        """The recorded forward pass of a picture."""
        return self._passes.obtain(index)

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
    ) -> Explanation:
        """Answer a choice; `progress` and `cancelled` are for slow methods."""
        found = self.found(choice)
        if found is None:
            method = METHODS[choice.method]
            options: dict[str, Any] = dict(choice.options())
            if "exact" in method.options:
                options["exact"] = self._exact
            if method.is_slow:
                options |= {"progress": progress, "cancelled": cancelled}
            layer = choice.layer if method.uses_layer else None
            forward = self.forward(choice.image_index)
            try:
                found = explain_pass(forward, choice.method, choice.target, layer, **options)
            finally:
                self._passes.trim()
            self._explained.put(self._question(choice), found)
        return found

    def found(self, choice: Choice) -> Explanation | None:
        """The answer, if it is known already."""
        return self._explained.get(self._question(choice))

    def predictions(self, index: int, count: int = 5) -> list[Prediction]:
        """The likeliest classes of a picture, the likeliest first."""
        known = self._scored.get(index)
        logits = self.forward(index).logits if known is None else known
        probabilities = probabilities_of(logits)[0]
        top = probabilities.topk(min(count, len(probabilities)))
        return [
            self._prediction(i, p)
            for i, p in zip(top.indices.tolist(), top.values.tolist(), strict=True)
        ]

    def logits(self, index: int) -> Tensor:
        """The logits of a picture, ``(1, classes)``; no graph is recorded for them."""
        found = self._scored.get(index)
        if found is None:
            forward = ForwardPass(
                self.model, self.prepared(index).input.unsqueeze(0), [], input_gradient=False
            )
            self._check_names(forward)
            found = forward.logits
            self._scored.put(index, found)
        return found

    def explained(self, explanation: Explanation) -> Prediction:
        """The class that an explanation is about, and how likely it is on the picture."""
        assert not callable(explanation.target)
        target = explanation.target[0]
        assert explanation.logits is not None
        return self._prediction(target, float(probabilities_of(explanation.logits)[0, target]))

    def class_index(self, target: object, index: int) -> int:
        """The index of a class given by index or name, checked against the model's classes."""
        if callable(target):
            raise TypeError(
                "a callable is explained by xcnn_widgets.explain and ForwardPass; here one class is, "
                "by its index or name"
            )
        number = self.class_names.index(target) if isinstance(target, str) else target
        found = class_indices(cast("Target", number), self.logits(index))
        assert found is not None
        return found[0]

    def offer(self, layer: str, index: int) -> None:
        """Offer one more layer, at its place in the order of the forward pass."""
        inputs = self.prepared(index).input.unsqueeze(0)
        layer_shapes(self.model, inputs, [layer])
        order = target_layers(self.model, inputs, which="all")
        self._layers = sorted({*self.layers(index), layer}, key=order.index)

    def forget(self) -> None:
        """Let go of what is large and can be found again."""
        super().forget()
        self._passes.forget()
        self._explained.clear()

    def close(self) -> None:
        """Let go of everything found."""
        self._passes.close()
        self._scored.clear()
        super().forget()
        self._explained.clear()

    def _question(self, choice: Choice) -> tuple[object, ...]:
        """A choice's question; where it is known which class is predicted, that class is asked for."""
        known = self._scored.get(choice.image_index)
        if choice.target is None and known is not None:
            choice = replace(choice, target=int(class_scores(known)[0].argmax()))
        return choice.question

    def _record(self, index: int, gradient_bytes: int) -> ForwardPass:
        forward = ForwardPass(
            self.model,
            self.prepared(index).input.unsqueeze(0),
            self.layers(index),
            cache_bytes=gradient_bytes,
        )
        self._check_names(forward)
        self._scored.put(index, forward.logits)
        return forward

    def _prediction(self, index: int, probability: float) -> Prediction:
        return Prediction(index, self.class_names.name(index), probability)

    def _check_names(self, forward: ForwardPass) -> None:
        classes = class_scores(forward.logits).shape[1]
        if not self._names_are_said:
            if len(self.class_names) != classes:
                self.class_names.forget()
            return
        if self._name_count is not None and self._name_count != classes:
            raise ValueError(
                f"class_names has {self._name_count} names, but the model has {classes} classes; "
                "give one name for each, or a dict from index to name for some"
            )
