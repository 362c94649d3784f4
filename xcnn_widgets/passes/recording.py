"""One run of a model, written down: its output, and what the kept layers returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge, Node

from ..bounded_cache import tensor_bytes
from ..network import (
    BackwardRule,
    Call,
    Relus,
    ShowInPlaceRelu,
    Subject,
    UnknownRelus,
    class_scores,
    has_hooks,
    is_finite,
    layer_outputs,
    linear_layer,
    relus_behind,
    run,
    saved_tensors,
    tensors_of,
    version_of,
)
from .backward_pass import Look, Start, backward_pass
from .fast.folding import Folding, is_folded, run_fast
from .fast.memory import keep_freed_memory
from .fast.watching import Watching
from .kept_outputs import KeptOutputs

# What a gradient is taken of: a layer's name, or None for the input.
Place = str | None


@dataclass(frozen=True, eq=False)
class Recording:
    """What is left of a forward pass, and the graph that hangs on it.

    Attributes
    ----------
    input
        The leaf ``(B, C, H, W)`` that the graph reaches back to, or None.
    output, answer
        What the model returned, and the class scores in it; or why they were not found.
    outputs
        What each kept layer returned, in the order in which the model ran them.
    versions
        Of each output; it rises when somebody writes into it.
    unknown_relus
        What a ReLU module left in the graph instead of a node that is known for a ReLU's; None if
        all left one.
    """

    input: Tensor | None
    output: Any
    answer: Tensor | Exception
    outputs: Mapping[str, Tensor]
    versions: Mapping[str, int]
    unknown_relus: str | None = None

    def holds(self, layer: str) -> bool:
        """Whether a layer's output is kept, and still what the layer returned."""
        output = self.outputs.get(layer)
        return output is not None and version_of(output) == self.versions[layer]

    @property
    def logits(self) -> Tensor:
        """The class scores, with their graph.

        Raises
        ------
        TypeError, ValueError
            If they were not found in what the model returned.
        """
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @cached_property
    def is_finite(self) -> bool:
        """Whether nothing that the model returned is NaN or infinite."""
        found = (
            tensors_of(self.output) if isinstance(self.answer, Exception) else [("", self.answer)]
        )
        return all(is_finite(tensor) for _, tensor in found)

    @cached_property
    def relus(self) -> Relus:
        """The ReLUs that took part in computing the class scores, or all that is known of the output."""
        if isinstance(self.answer, Exception):
            return relus_behind(*(tensor for _, tensor in tensors_of(self.output)))
        return relus_behind(self.answer)

    @property
    def bytes(self) -> int:
        """The bytes of the outputs kept."""
        return tensor_bytes(self.outputs.values())

    def graph_bytes(self, weights: Iterable[Tensor]) -> int | None:
        """The bytes that the graph keeps for backward passes, some weights not counted; None if torch does not tell."""
        own = {_storage(weight) for weight in weights}
        roots = [tensor.grad_fn for _, tensor in tensors_of(self.output)]
        try:
            saved = {_storage(tensor): tensor for root in roots for tensor in saved_tensors(root)}
        except AttributeError:
            return None
        return sum(t.untyped_storage().nbytes() for key, t in saved.items() if key not in own)

    def start_of(self, classes: Sequence[int]) -> Start:
        """Where to begin for the scores of one class a sample.

        The gradient of a linear layer's output is a row of its weights: to look it up is the same
        as to multiply all of them by a row of zeros and one 1, and five times faster.
        """
        head = self._head
        if head is not None:
            given, weights = head
            return Start(given, weights[list(classes)])
        indices = torch.tensor(classes, device=self.logits.device).unsqueeze(1)
        return Start(class_scores(self.logits).gather(1, indices).sum())

    @property
    def _head(self) -> tuple[GradientEdge, Tensor] | None:
        """The linear layer that computes the logits, if one does: its input, and its weights."""
        # A hook on the scores has to see, and may change, their gradient.
        if self.logits.ndim != 2 or has_hooks(self.logits):
            return None
        return linear_layer(self.logits.grad_fn)

    def gradients(
        self,
        start: Start,
        places: Iterable[Place],
        rule: BackwardRule,
        relus: Iterable[Node],
        *,
        release: bool,
        passing: Callable[[str, Tensor], None] | None = None,
    ) -> dict[Place, Tensor | None]:
        """The gradients at the given places, from one backward pass with given ReLUs; None off its path.

        `passing` is shown the gradient of each other layer on the way, which is not kept.
        """
        leaves = {place: self._leaf(place) for place in places}
        looks = [] if passing is None else self._looks(passing, leaves)
        found = backward_pass(
            start, [*leaves.values()], rule=rule, relus=relus, looks=looks, release=release
        )
        return dict(zip(leaves, found, strict=True))

    def _looks(
        self, passing: Callable[[str, Tensor], None], places: Iterable[Place]
    ) -> list[tuple[Tensor, Look]]:
        """Who is shown the gradients of the layers behind the earliest of some places."""
        order: list[Place] = [None, *self.outputs]
        names = order[1 + min(map(order.index, places), default=len(order)) :]
        return [
            (self.outputs[name], partial(passing, name))
            for name in names
            if name is not None and name not in places and self.outputs[name].requires_grad
        ]

    def _leaf(self, place: Place) -> Tensor:
        leaf = self.input if place is None else self.outputs[place]
        assert leaf is not None
        return leaf

    def without_graph(self, *, keep_outputs: bool = True) -> Recording:
        """The same values, from which no gradient can be asked."""
        answer = self.answer if isinstance(self.answer, Exception) else self.answer.detach()
        kept = self.outputs if keep_outputs else {}
        outputs = {name: output.detach() for name, output in kept.items()}
        output = [tensor.detach() for _, tensor in tensors_of(self.output)]
        return Recording(None, output, answer, outputs, self.versions)


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def record(
    subject: Subject,
    calls: Mapping[str, Call],
    *,
    input_gradient: bool,
    show_in_place_relus: bool = False,
    exact: bool = True,
) -> Recording:
    """Run a model once and keep what the given layers return.

    Parameters
    ----------
    subject
        The model and the batch.
    calls
        The calls of layers whose outputs are kept, by name.
    input_gradient
        Whether the graph reaches back to the input; if not, it starts at the earliest layer.
    show_in_place_relus
        Whether ReLUs that the model writes into views get nodes of their own.
    exact
        Whether the model is run as it stands; if not, with what can be folded, folded.
    """
    keep_freed_memory()
    once = partial(_record, subject, calls, input_gradient)
    with ShowInPlaceRelu() if show_in_place_relus else nullcontext():
        return run_fast(subject, once) if is_folded(subject.inputs, exact=exact) else once()


def _record(
    subject: Subject,
    calls: Mapping[str, Call],
    input_gradient: bool,
    way: Watching | Folding | None = None,
    *,
    again: bool = False,
) -> Recording:
    # A run that is watched, or held to one that was, is better not made again.
    layers = {
        name: (subject.model.get_submodule(call.name), call.number) for name, call in calls.items()
    }
    kept = KeptOutputs(
        {name: module for name, (module, _) in layers.items()},
        input_gradient=input_gradient,
        pass_copies=again or way is not None,
        keep_copies=again,
    )
    # Before the hooks of the layers, one of which may be a ReLU.
    relus = UnknownRelus(subject.parts.modules)
    kept_layers = layer_outputs(subject.model, layers, kept.keep)
    with torch.inference_mode(False), torch.enable_grad(), relus, kept_layers:
        given = subject.inputs.detach()
        given = given if way is None else way.given(given)
        leaf = given.requires_grad_() if input_gradient else None
        output = run(subject, given)
    if not (kept.are_intact() or again):
        del output, leaf, given, kept
        return _record(subject, calls, input_gradient, way, again=True)
    if way is not None:
        way.finish(output)
    answer: Tensor | Exception
    try:
        answer = subject.logits(output, len(subject.inputs))
    except (TypeError, ValueError) as error:
        # Of a callable target it need not be known.
        answer = error.with_traceback(None)
    return Recording(leaf, output, answer, kept.outputs, kept.versions, relus.found)
