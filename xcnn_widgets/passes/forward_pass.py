"""One recorded forward pass, and every gradient asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn

from ..bounded_cache import tensor_bytes
from ..network import (
    BackwardRule,
    Resolved,
    Subject,
    Target,
    anchored,
    class_scores,
    resolved,
    scores,
)
from .kept_gradients import CACHE_BYTES, KeptGradients
from .recorded_layers import RecordedLayers
from .recording import Place


class ForwardPass:
    """A model's forward pass on a batch, run once, that answers every later question about it.

    Another class, another layer or another backward rule costs a partial backward pass at most;
    what was asked for before costs nothing, and neither does a Grad-CAM at a layer that an earlier
    backward pass came by. The model is left exactly as it was found. It is run in evaluation mode.

    Parameters
    ----------
    model
        Any `torch.nn.Module` that takes ``(B, C, H, W)`` and returns class scores.
    inputs
        ``(B, C, H, W)``, preprocessed; moved to the model's device and floating type. Also signals
        ``(B, C, L)`` and volumes ``(B, C, D, H, W)``, or a tuple of several inputs. Samples must not
        influence each other, as in every network in evaluation mode.
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
        digits.
    **call
        `additional_forward_args`, `of`, `output` and `reshape`, as `explain` takes them.

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
        inputs: Tensor | tuple[Tensor, ...],
        layers: Sequence[str] | None = None,
        *,
        input_gradient: bool = True,
        cache_bytes: int = CACHE_BYTES,
        copy_inputs: bool = True,
        exact: bool = True,
        **call: Any,
    ) -> None:
        self._answer(
            Subject.of(model, inputs, **call),
            layers,
            cache_bytes,
            input_gradient=input_gradient,
            copy_inputs=copy_inputs,
            exact=exact,
        )

    @classmethod
    def of(
        cls,
        subject: Subject,
        layers: Sequence[str] | None = None,
        *,
        cache_bytes: int = CACHE_BYTES,
        **options: bool,
    ) -> Self:
        """As the constructor, of what was checked before."""
        forward = cls.__new__(cls)
        forward._answer(subject, layers, cache_bytes, **options)
        return forward

    def _answer(
        self, subject: Subject, layers: Sequence[str] | None, cache_bytes: int, **options: bool
    ) -> None:
        self._recorded = RecordedLayers(subject, layers, **options)
        self._kept = KeptGradients(self._recorded, cache_bytes)

    @property
    def subject(self) -> Subject:
        """The model, its inputs, and how it is called."""
        return self._recorded.subject

    @property
    def model(self) -> nn.Module:
        """The model, out of its wrapper."""
        return self._recorded.model

    @property
    def inputs(self) -> Tensor:
        """``(B, C, H, W)``, on the model's device and of its floating type."""
        return self._recorded.inputs

    @property
    def logits(self) -> Tensor:
        """The class scores ``(B, classes)``, without graph; of a segmentation network, see `class_areas`."""
        return self._recorded.recording.logits.detach().clone()

    @property
    def logits_if_any(self) -> Tensor | None:
        """As `logits`; None where it is not known which part of the model's output they are."""
        answer = self._recorded.recording.answer
        return None if isinstance(answer, Exception) else answer.detach().clone()

    @property
    def output(self) -> Any:
        """Whatever the model returned, with its graph; to be read only."""
        return self._recorded.recording.output

    @property
    def is_finite(self) -> bool:
        """Whether no logit is NaN or infinite."""
        return self._recorded.recording.is_finite

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers kept, in the order in which the model ran them."""
        return tuple(self._recorded.recording.outputs)

    @property
    def relu_count(self) -> int:
        """How many ReLU calls lie in the graph; with none, all rules give the plain gradient."""
        return len(self._recorded.relus.nodes)

    @property
    def bytes(self) -> int:
        """The bytes of the input, the kept activations and gradients (without the graph)."""
        held = tensor_bytes([self.inputs]) + self._recorded.recording.bytes
        return held + self._kept.bytes

    @property
    def graph_bytes(self) -> int | None:
        """The bytes that the graph keeps for backward passes, weights not counted; None if torch does not tell."""
        return self._recorded.recording.graph_bytes(
            [*self.model.parameters(), *self.model.buffers()]
        )

    def scores(self, target: Target = None) -> Tensor:
        """Evaluate a target: one scalar a sample, ``(B,)``, without graph."""
        recorded = self._recorded.recording
        with torch.no_grad():
            asked = self.resolved(target)
            if callable(asked):
                return scores(asked, recorded.output, len(self.inputs)).detach()
            rows = class_scores(recorded.logits)
            return rows[torch.arange(len(rows)), list(asked)].detach()

    def resolved(self, target: Target = None) -> Resolved:
        """Settle a target on these inputs: one class index a sample, or a callable.

        None is the predicted class of each sample; of a segmentation network, the class that most
        pixels are predicted as. Errors as of `gradient`.
        """
        recorded, regions = self._recorded.recording, self.subject.regions
        if callable(target):
            self._recorded.require_graph()
            return anchored(target, recorded.output, self.subject)
        if target is None and regions is not None:
            return regions.largest()
        return resolved(target, recorded.logits)

    def activation(self, layer: str) -> Tensor:
        """What a layer returned, as maps ``(B, C, h, w)``, also where the model overwrote it later.

        Of a layer that the model calls more than once, the last call counts.

        Raises
        ------
        ValueError
            If there is no such layer, if it did not run, or if its output has no grid.
        """
        return self.maps(layer).clone()

    def maps(self, layer: str) -> Tensor:
        """As `activation`, but what is returned is what is kept: to be read only."""
        with self._recorded.lock:
            self._recorded.keep([layer])
            output = self._recorded.recording.outputs[layer]
            return self._recorded.layout(layer).maps(output).detach()

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
        asked = self.resolved(target)
        found = self._kept.gradients(asked, list(layers), rule, release=release)
        return {place: gradient.clone() for place, gradient in found.items()}

    def mean_gradient(self, target: Target, layer: str, *, release: bool = False) -> Tensor:
        """The plain gradient's mean over a layer's grid, ``(B, C)``: the weights of Grad-CAM.

        Parameters and errors as of `gradients`; what is returned is to be read only.
        """
        asked = self.resolved(target)
        return self._kept.mean_gradient(asked, layer, release=release)

    def close(self) -> None:
        """Let go of the graph, the activations and the gradients; the logits stay."""
        with self._recorded.lock:
            self._kept.clear()
            self._recorded.close()

    def __repr__(self) -> str:
        name, shape = type(self.model).__name__, tuple(self.inputs.shape)
        return f"ForwardPass({name}, {shape}, layers={list(self.layers)})"
