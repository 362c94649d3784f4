"""One recorded forward pass, and every gradient asked of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from .backward_rules import (
    BACKWARD_RULES,
    BackwardRule,
    ReluNodes,
    ShowInPlaceRelu,
    why_relus_are_hidden,
)
from .layouts import Layout, layout_of
from .model_state import checked_inputs, layer_outputs, model_lock, run, unwrapped
from .target_layers import module_named, target_layers
from .targets import Target, class_indices, logits_of, scores

# What a gradient is taken of: a layer's name, or None for the input.
Place = str | None


class ForwardPass:
    """A model's forward pass on a batch, run once, that answers every later question about gradients.

    Another class, another layer or another backward rule costs a partial backward pass at most; what was
    computed before, or came free with it, costs nothing. The model is left exactly as it was found. It is run in
    evaluation mode.

    Parameters
    ----------
    model
        Any `torch.nn.Module` that takes ``(B, C, H, W)`` and returns class scores.
    inputs
        ``(B, C, H, W)``, preprocessed; moved to the model's device and floating type. Samples must not
        influence each other, as in every network in evaluation mode.
    layers
        The names of the layers to keep. By default those that `target_layers` offers, which costs one more forward
        pass the first time a model is seen. A layer that is asked for later is recorded by running again.
    input_gradient
        Whether the graph reaches back to the input. If not, it starts at the earliest of `layers`, which saves
        the time and memory of everything before.
    cache_bytes
        How many bytes of gradients are kept for questions asked again.

    Raises
    ------
    TypeError, ValueError
        If model, inputs or layers do not fit; each names the value and what was expected.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.LazyLinear(2))
    >>> forward = ForwardPass(model, torch.rand(1, 3, 6, 8), ["1"])
    >>> forward.activation("1").shape
    torch.Size([1, 4, 4, 6])
    >>> forward.gradient(0, layer="1").shape, forward.gradient(0, rule="guided").shape
    (torch.Size([1, 4, 4, 6]), torch.Size([1, 3, 6, 8]))
    """

    def __init__(
        self,
        model: nn.Module,
        inputs: Tensor,
        layers: Sequence[str] | None = None,
        *,
        input_gradient: bool = True,
        cache_bytes: int = 256 * 2**20,
    ) -> None:
        self.inputs = checked_inputs(model, inputs)
        # Asked of the model as it was given: unwrapping takes the compiler's wrapper away.
        self._hidden = why_relus_are_hidden(model)
        self.model = unwrapped(model)
        self._input_gradient = input_gradient
        names = target_layers(self.model, self.inputs) if layers is None else layers
        self._layers = {name: module_named(self.model, name) for name in names}
        self._gradients = _GradientCache(cache_bytes)
        self._relus: ReluNodes | None = None
        self._record()

    @property
    def logits(self) -> Tensor:
        """``(B, classes)``, without graph."""
        return self._logits.detach()

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers kept, in the order in which the model ran them."""
        return tuple(self._kept)

    @property
    def relu_count(self) -> int:
        """How many ReLU calls lie in the graph; with none, all backward rules give the plain gradient."""
        return self._relu_nodes().count

    @property
    def bytes(self) -> int:
        """The bytes of the input, the kept activations and the kept gradients (the graph itself not counted)."""
        return sum(map(_size, [self.inputs, *self._kept.values()])) + self._gradients.bytes

    def scores(self, target: Target = None) -> Tensor:
        """Evaluate a target: one scalar a sample, ``(B,)``, without graph."""
        with torch.no_grad():
            return scores(target, self._output).detach()

    def activation(self, layer: str) -> Tensor:
        """What a layer returned, as maps ``(B, C, h, w)``, also where the model overwrote it later.

        Of a layer that the model calls more than once, the last call counts.

        Raises
        ------
        ValueError
            If there is no such layer, if it did not run, or if its output has no grid.
        """
        self._keep([layer])
        return self._layout(layer).maps(self._kept[layer]).detach()

    def gradient(self, target: Target = None, layer: Place = None, rule: BackwardRule = "plain") -> Tensor:
        """The gradient of a target with respect to a layer's output or the input.

        Goes only as far back as `layer`.

        Parameters
        ----------
        target
            A class index, one for each sample, a callable from the model's output to one scalar a sample, or
            None for each sample's predicted class.
        layer
            A layer's name; None is the input.
        rule
            How a ReLU passes the gradient back: ``plain``, ``guided`` or ``deconvnet``.

        Returns
        -------
        Tensor
            ``(B, C, h, w)`` for a layer, ``(B, C, H, W)`` for the input.

        Raises
        ------
        TypeError, ValueError
            If target, layer or rule do not fit, or if ReLUs are hidden from the rule (scripted or compiled models).
        RuntimeError
            If the graph was let go of.
        """
        return self.gradients(target, [layer], rule)[layer]

    def gradients(
        self,
        target: Target = None,
        layers: Iterable[Place] = (None,),
        rule: BackwardRule = "plain",
        *,
        release: bool = False,
    ) -> dict[Place, Tensor]:
        """The gradients with respect to several places, from one backward pass.

        Parameters
        ----------
        target, rule
            As in `gradient`.
        layers
            Names of layers; None is the input.
        release
            Let go of the graph while it runs: less memory, and no further question.

        Returns
        -------
        dict
            From each of `layers` to its gradient.
        """
        places = list(layers)
        if rule not in BACKWARD_RULES:
            raise ValueError(f"no backward rule {rule!r}; there are {', '.join(map(repr, BACKWARD_RULES))}")
        with model_lock(self.model):
            self._keep(place for place in places if place is not None)
            for place in places:
                self._check_reached(place)
            key = (None if callable(target) else class_indices(target, self.logits), rule)
            found = self._gradients.get(key)
            if any(place not in found for place in places):
                wanted = places if release else self._everything_after(places)
                found = self._go_back(target, wanted, rule, release)
                if key[0] is not None and not release:
                    self._gradients.add(key, found)
        return {place: self._as_maps(place, found[place]) for place in places}

    def close(self) -> None:
        """Let go of the graph, the activations and the gradients."""
        self._gradients.clear()
        self._release_graph()
        self._kept.clear()

    def __repr__(self) -> str:
        return f"ForwardPass({type(self.model).__name__}, {tuple(self.inputs.shape)}, layers={list(self._kept)})"

    def _record(self, showing_relus: AbstractContextManager[Any] | None = None) -> None:
        self._kept: dict[str, Tensor] = {}
        self._input: Tensor | None = None
        self._released = False
        self._relus = None
        with (
            model_lock(self.model),
            torch.inference_mode(False),
            torch.enable_grad(),
            layer_outputs(self._layers, self._keep_output),
            showing_relus or nullcontext(),
        ):
            given = self.inputs
            if self._input_gradient:
                self._input = given.detach().requires_grad_()
                # A copy, so that a model may write into its input.
                given = self._input.clone()
            self._output = run(self.model, given)
        self._logits = logits_of(self._output)
        for name in self._layers:
            if name not in self._kept:
                raise ValueError(
                    f"layer {name!r} returned no tensor in this forward pass, so there is nothing to explain; "
                    f"{_runs_instead(self.model, self.inputs)}"
                )

    def _keep_output(self, name: str, layer: nn.Module, args: tuple[Any, ...], output: Tensor) -> Tensor:
        if not output.requires_grad and not self._input_gradient and output.is_floating_point():
            output = output.detach().requires_grad_()
        # Asking again puts a layer that runs twice behind those that ran in between.
        self._kept.pop(name, None)
        self._kept[name] = output
        # The model goes on with a copy: it may write into what it is given.
        return output.clone()

    def _keep(self, names: Iterable[str]) -> None:
        missing = {name: module_named(self.model, name) for name in names if name not in self._layers}
        if missing:
            self._layers |= missing
            self._gradients.clear()
            self._record()

    def _layout(self, layer: str) -> Layout:
        output = self._kept[layer]
        layout = layout_of(output, self.inputs, self._layers[layer])
        if layout is None:
            raise ValueError(
                f"layer {layer!r} returns {tuple(output.shape)} for inputs of {tuple(self.inputs.shape)}: no maps "
                "(B, C, h, w), and no tokens that fill the picture's grid; "
                f"{_runs_instead(self.model, self.inputs)}"
            )
        return layout

    def _as_maps(self, place: Place, gradient: Tensor) -> Tensor:
        return gradient if place is None else self._layout(place).maps(gradient)

    def _check_reached(self, place: Place) -> None:
        if place is not None:
            self._layout(place)
        elif self._input is None:
            raise ValueError("this forward pass was recorded without the input's gradient: use input_gradient=True")

    def _everything_after(self, places: Sequence[Place]) -> list[Place]:
        # Going back as far as the earliest place passes all later ones: their gradients come free.
        order: list[Place] = [None, *self._kept]
        first = min(order.index(place) for place in places)
        return [place for place in order[first:] if place is not None or self._input is not None]

    def _go_back(
        self, target: Target, places: Sequence[Place], rule: BackwardRule, release: bool
    ) -> dict[Place, Tensor]:
        if self._released:
            raise RuntimeError("this forward pass has let go of its graph; make a new ForwardPass to ask more of it")
        if rule != "plain":
            self._require_visible_relus(rule)
        with torch.inference_mode(False), torch.enable_grad():
            score = scores(target, self._output)
            if not score.requires_grad:
                raise ValueError(
                    "the target does not depend on what is explained: the model's output, or what the callable made "
                    "of it, carries no gradient (is something detached, rounded or turned into NumPy on the way?)"
                )
            if self._relus is not None:
                self._relus.rule = rule
            places = list(dict.fromkeys(places))
            tensors = [self._input if place is None else self._kept[place] for place in places]
            gradients = torch.autograd.grad(
                score.sum(), tensors, retain_graph=not release, materialize_grads=True
            )
        if release:
            self._release_graph()
        return dict(zip(places, gradients, strict=True))

    def _relu_nodes(self) -> ReluNodes:
        if self._relus is None:
            self._relus = ReluNodes([self._logits])
        return self._relus

    def _require_visible_relus(self, rule: BackwardRule) -> None:
        hidden = self._hidden
        if hidden is None:
            if self._relu_nodes().written_into_views:
                self._gradients.clear()
                self._record(ShowInPlaceRelu())
            hidden = self._relu_nodes().hidden_by
        if hidden is not None:
            raise ValueError(
                f"the rule {rule!r} has to see every ReLU, and {hidden}, which hides them; "
                "explain the plain module instead (of a compiled model: model._orig_mod)"
            )

    def _release_graph(self) -> None:
        self._released = True
        self._output = self._logits = self._logits.detach()
        self._input = None if self._input is None else self._input.detach()
        self._kept = {name: output.detach() for name, output in self._kept.items()}
        self._relus = None


class _GradientCache:
    """Gradients by target and rule; the least recently used go first when they outgrow their bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[Any, dict[Place, Tensor]] = OrderedDict()

    @property
    def bytes(self) -> int:
        return sum(_size(gradient) for entry in self._entries.values() for gradient in entry.values())

    def get(self, key: Any) -> dict[Place, Tensor]:
        if key not in self._entries:
            return {}
        self._entries.move_to_end(key)
        return self._entries[key]

    def add(self, key: Any, gradients: dict[Place, Tensor]) -> None:
        self._entries[key] = {**self._entries.pop(key, {}), **gradients}
        while self.bytes > self._limit:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        self._entries.clear()


def _size(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _runs_instead(model: nn.Module, inputs: Tensor) -> str:
    offered = target_layers(model, inputs)
    if not offered:
        return "the model has no layer with a grid: only saliency, guided_backprop, deconvnet and occlusion apply"
    return f"choose one of {', '.join(map(repr, offered))}"
