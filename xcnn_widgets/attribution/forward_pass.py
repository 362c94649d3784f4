"""One recorded forward pass, and every gradient asked of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import partial
from typing import Any, Self

import torch
from torch import Tensor, nn

from ..bounded_cache import BoundedCache, tensor_bytes
from .backward_rules import BACKWARD_RULES, BackwardRule
from .channelwise_head import channelwise_head
from .mean_gradients import MeanGradients
from .recording import Place
from .subject import Subject
from .targets import Resolved, Target, resolved, scores
from .ways_back import WaysBack

_CACHE_BYTES = 256 * 2**20


class ForwardPass(WaysBack):
    """A model's forward pass on a batch, run once, that answers every later question about it.

    Another class, another layer or another backward rule costs a partial backward pass at most;
    what was asked for before costs nothing, and neither does a Grad-CAM at a layer that the way
    back led past; of a third class little more than nothing, where each channel reaches a linear
    layer by itself. The model is left exactly as it was found. It is run in evaluation mode.

    Parameters
    ----------
    model
        Any `torch.nn.Module` that takes ``(B, C, H, W)`` and returns class scores.
    inputs
        ``(B, C, H, W)``, preprocessed; moved to the model's device and floating type. Samples must
        not influence each other, as in every network in evaluation mode.
    layers
        The names of the layers to keep. By default those that `target_layers` offers, which costs
        one more forward pass the first time a model is seen. A layer that is asked for later is
        recorded by running again.
    input_gradient
        Whether the graph reaches back to the input. If not, it starts at the earliest of `layers`,
        which saves the time and memory of everything before.
    cache_bytes
        How many bytes of gradients are kept for questions asked again.
    copy_inputs
        Whether to keep a copy of `inputs`. Needless if nobody writes into them before the last
        question is asked.
    exact
        Whether the model is run as it stands. If not, on a processor and from the second run of a
        model on, each BatchNorm is folded into the convolution before it and maps are kept channels
        last: for many samples up to three times faster, with numbers that differ in their last
        digits. With None it is run as it stands, but for 1 x 1 convolutions of one picture that no
        gradient goes back through: the numbers of those may differ in their last digits.

    Raises
    ------
    TypeError, ValueError
        If model, inputs or layers do not fit; each names the value and what was expected.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(96, 2))
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
        cache_bytes: int = _CACHE_BYTES,
        copy_inputs: bool = True,
        exact: bool | None = True,
    ) -> None:
        self._begin(
            Subject.of(model, inputs),
            layers,
            input_gradient=input_gradient,
            cache_bytes=cache_bytes,
            copy_inputs=copy_inputs,
            exact=exact,
        )

    @classmethod
    def of(cls, subject: Subject, layers: Sequence[str] | None = None, **options: Any) -> Self:
        """As the constructor, of what was checked before."""
        forward = cls.__new__(cls)
        forward._begin(subject, layers, **options)
        return forward

    def _begin(
        self,
        subject: Subject,
        layers: Sequence[str] | None,
        *,
        cache_bytes: int = _CACHE_BYTES,
        **options: Any,
    ) -> None:
        self._gradients: BoundedCache[Hashable, dict[Place, Tensor]] = BoundedCache(
            cache_bytes, lambda found: tensor_bytes(found.values())
        )
        self._means = MeanGradients(cache_bytes)
        super().__init__(subject, layers, **options)

    @property
    def relu_count(self) -> int:
        """How many ReLU calls lie in the graph; with none, all rules give the plain gradient."""
        return len(self._recording.relus.nodes)

    @property
    def bytes(self) -> int:
        """The bytes of the input, the kept activations and gradients (without the graph)."""
        kept = self._gradients.bytes + self._means.bytes
        return tensor_bytes([self.inputs]) + self._recording.bytes + kept

    def scores(self, target: Target = None) -> Tensor:
        """Evaluate a target: one scalar a sample, ``(B,)``, without graph."""
        if callable(target):
            self._require_graph()
        with torch.no_grad():
            return scores(target, self._recording.output).detach()

    def activation(self, layer: str) -> Tensor:
        """What a layer returned, as maps ``(B, C, h, w)``, also where the model overwrote it later.

        Of a layer that the model calls more than once, the last call counts.

        Raises
        ------
        ValueError
            If there is no such layer, if it did not run, or if its output has no grid.
        """
        return self._activation(layer).clone()

    def gradient(
        self, target: Target = None, layer: Place = None, rule: BackwardRule = "plain"
    ) -> Tensor:
        """The gradient of a target with respect to a layer's output or the input.

        Goes only as far back as `layer`.

        Parameters
        ----------
        target
            A class index, one for each sample, a callable from the model's output to one scalar a
            sample, or None for each sample's predicted class.
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
            If target, layer or rule do not fit, or if ReLUs are hidden from the rule (scripted or
            compiled models).
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
        # Copies, so that nobody writes into what is kept for the next question.
        found = self._answers(target, list(layers), rule, release)
        return {place: gradient.clone() for place, gradient in found.items()}

    def close(self) -> None:
        """Let go of the graph, the activations and the gradients; the logits stay."""
        with self._lock:
            self._forget()
            self._recording = self._recording.without_graph(keep_outputs=False)
            self._end = "was closed"

    def __repr__(self) -> str:
        name, shape = type(self.model).__name__, tuple(self.inputs.shape)
        return f"ForwardPass({name}, {shape}, layers={list(self.layers)})"

    def _activation(self, layer: str) -> Tensor:
        """As `activation`, but to be read only: what is returned is what is kept."""
        with self._lock:
            self._keep([layer])
            return self._layout(layer).maps(self._recording.outputs[layer]).detach()

    def _answers(
        self, target: Target, places: Sequence[Place], rule: BackwardRule, release: bool
    ) -> dict[Place, Tensor]:
        """As `gradients`, but to be read only: what is returned is what is kept."""
        if rule not in BACKWARD_RULES:
            known = ", ".join(map(repr, BACKWARD_RULES))
            raise ValueError(f"no backward rule {rule!r}; there are {known}")
        with self._lock:
            self._keep(place for place in places if place is not None)
            self._check_reached(places)
            asked = resolved(target, self._recording.logits)
            if rule != "plain" and not callable(asked) and self._has_no_relu():
                rule = "plain"
            # Callables that look alike need not be alike.
            question = None if callable(asked) else (asked, rule)
            found = self._gradients.get(question) or {}
            missing = [place for place in places if place not in found]
            if missing:
                found = found | self._go_back(asked, missing, rule, release)
                if question is not None and not release:
                    self._gradients.put(question, found)
            return {place: self._as_maps(place, found[place]) for place in places}

    def _mean_gradient(self, target: Target, layer: str, release: bool) -> Tensor:
        """The plain gradient's mean over a layer's grid, ``(B, C)``, to be read only."""
        with self._lock:
            self._keep([layer])
            self._check_reached([layer])
            asked = resolved(target, self._recording.logits)
            known = None if callable(asked) else self._known_mean(asked, layer)
            if known is not None:
                return known
            gradient = (self._gradients.get((asked, "plain")) or {}).get(layer)
            if gradient is None:
                gradient = self._go_back(asked, [layer], "plain", release)[layer]
            mean = self._mean(layer, gradient)
            if not (callable(asked) or release):
                self._means.keep(asked, {layer: mean})
                if self._means.asked_again(layer):
                    with self._going_back():
                        head = channelwise_head(
                            self._recording, layer, partial(self._mean, layer), asked, mean
                        )
                    self._means.set_head(layer, head)
            return mean

    def _known_mean(self, classes: tuple[int, ...], layer: str) -> Tensor | None:
        """The mean gradient that is kept, or that a head gives."""
        kept, head = self._means.get(classes, layer), self._means.head(layer)
        if kept is not None or head is None:
            return kept
        self._require_graph()
        # Where nothing is gone back through, the model is left alone.
        nothing = head.is_head_of(self._recording)
        with torch.inference_mode(False) if nothing else self._going_back():
            mean = head.mean_gradient(self._recording, classes)
        self._means.keep(classes, {layer: mean})
        return mean

    def _forget(self) -> None:
        self._gradients.clear()
        self._means.clear()

    def _go_back(
        self, target: Resolved, places: Sequence[Place], rule: BackwardRule, release: bool
    ) -> dict[Place, Tensor]:
        """Go back to some places, and keep the means of what is passed on the way."""
        means: dict[str, Tensor] = {}

        def pass_by(layer: str, gradient: Tensor) -> None:
            if self._layout_if_any(layer) is not None:
                means[layer] = self._mean(layer, gradient)

        # Under another rule nobody asks at layers.
        free = rule == "plain" and not release and not callable(target)
        passing = pass_by if free else None
        try:
            return self._way_back(target, places, rule, release=release, passing=passing)
        finally:
            # Also of a way that was left off, which does not come by once more when it is taken up.
            if means and not callable(target):
                self._means.keep(target, means)
