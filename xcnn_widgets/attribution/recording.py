"""One run of a model, written down: its output, and what the kept layers returned."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, Node, get_gradient_edge
from torch.utils.checkpoint import CheckpointError
from torch.utils.hooks import RemovableHandle

from ..bounded_cache import tensor_bytes
from .backward_pass import BackwardPass, Start
from .backward_rules import BackwardRule, Relus, ShowInPlaceRelu, UnknownRelus, relus_behind
from .faster_layers import faster_layers
from .finite import is_finite
from .folding import Folding, is_folded, run_fast
from .kept_outputs import KeptOutputs
from .linear_layers import Linear, rows_of
from .model_parts import ModelParts
from .model_state import layer_outputs, run
from .stem import Stem, stem_before
from .targets import class_scores, logits_of
from .walk import Look, Walk
from .watching import Watching

# What a gradient is taken of: a layer's name, or None for the input.
Place = str | None


@dataclass(frozen=True, eq=False)
class Recording:
    """What is left of a forward pass, and the graph that hangs on it.

    Attributes
    ----------
    input
        The leaf ``(B, C, H, W)`` that the graph reaches back to, or None.
    output, logits
        What the model returned, and the logits in it.
    outputs
        What each kept layer returned, in the order in which the model ran them.
    versions
        Of each output; it rises when somebody writes into it.
    weights
        The identities of the model's weights, as they were in the run; empty if only autograd's engine knows its
        way back through this graph.
    unknown_relus
        What a ReLU module left in the graph instead of a node that is known for a ReLU's; None if all left one.
    """

    input: Tensor | None
    output: Any
    logits: Tensor
    outputs: Mapping[str, Tensor]
    versions: Mapping[str, int]
    weights: Collection[int] = ()
    unknown_relus: str | None = None

    def holds(self, layer: str) -> bool:
        """Whether a layer's output is kept, and still what the layer returned."""
        output = self.outputs.get(layer)
        return output is not None and output._version == self.versions[layer]

    @cached_property
    def is_finite(self) -> bool:
        """Whether no logit is NaN or infinite."""
        return is_finite(self.logits)

    @cached_property
    def relus(self) -> Relus:
        """The ReLUs that took part in computing the logits."""
        return relus_behind(self.logits)

    def gradients(
        self,
        start: Start,
        places: Iterable[Place],
        rule: BackwardRule,
        relus: Collection[Node],
        *,
        release: bool,
        passing: Callable[[str, Tensor], None] | None = None,
    ) -> dict[Place, Tensor]:
        """Go back from a start to the given places, with given ReLUs.

        `passing` is shown the gradient of each other layer on the way, which is not kept.
        """
        leaves = {place: self._leaf(place) for place in places}
        score = start.at
        detached = isinstance(score, Tensor) and not score.requires_grad
        if detached or not all(tensor.requires_grad for tensor in leaves.values()):
            raise ValueError(
                "the target does not depend on what is explained: the model's output, or what the "
                "callable made of it, carries no gradient (is something detached, rounded, "
                "computed under no_grad or turned into NumPy on the way?)"
            )
        try:
            walk = self._walk(start, leaves, release=release)
            looks = [] if passing is None else self._looks(passing, leaves)
            back = BackwardPass(start, rule, relus, looks, release, walk)
            return self._go_back(back, leaves)
        except CheckpointError as cause:
            raise RuntimeError(
                "the model recomputes activations in the backward pass (gradient checkpointing) "
                "in a way that cannot be followed; turn that off"
            ) from cause

    def _go_back(self, back: BackwardPass, leaves: Mapping[Place, Tensor]) -> dict[Place, Tensor]:
        stem = self._stem(back.start) if None in leaves else None
        ends: dict[Place, Tensor | GradientEdge] = dict(leaves)
        if stem is not None:
            ends[None] = stem.result
        gradients = dict(zip(ends, back.to([*ends.values()]), strict=True))
        if stem is not None:
            gradients[None] = stem.input_gradient(gradients[None])
            if not stem.is_fed_by(leaves[None]):
                (gradients[None],) = torch.autograd.grad(
                    stem.given, leaves[None], gradients[None], retain_graph=not back.release
                )
        return gradients

    def _walk(self, start: Start, leaves: Mapping[Place, Tensor], *, release: bool) -> Walk | None:
        """The walk from a start, where it takes less time than the engine: on the CPU, in float32."""
        at, gradient = start.at, start.gradient
        if not self.weights or isinstance(at, Tensor) or gradient is None:
            return None
        # Of a single way back, to look around takes what the walk saves; and the engine frees the graph as it goes.
        if release or gradient.dtype is not torch.float32 or not gradient.is_cpu:
            return None
        if at.node not in self._walks:
            self._walks[at.node] = Walk.behind(at.node, self.weights)
        walk = self._walks[at.node]
        ends = [*map(get_gradient_edge, leaves.values())]
        return walk if walk is not None and all(map(walk.reaches, ends)) else None

    @property
    def bytes(self) -> int:
        """The bytes of the outputs kept, and of gradients on a way that was left off."""
        walks = [walk for walk in self._walks.values() if walk is not None]
        return tensor_bytes(self.outputs.values()) + sum(walk.bytes for walk in walks)

    @cached_property
    def _walks(self) -> dict[Node, Walk | None]:
        return {}

    def _stem(self, start: Start) -> Stem | None:
        """The stem on the way to the input; that of the logits is looked for once."""
        if not self.logits.is_cpu:
            # Its way back is no faster there, and to look for it takes longer than many a layer.
            return None
        if isinstance(start.at, GradientEdge):
            return self._stem_of_logits
        return stem_before(start.at.grad_fn, self._leaf(None))

    @cached_property
    def _stem_of_logits(self) -> Stem | None:
        return stem_before(self.logits.grad_fn, self._leaf(None))

    def start_of(self, classes: Sequence[int]) -> Start:
        """Where to begin for the scores of one class a sample.

        The gradient of a linear layer's output is a row of its weights: to look it up is the same
        as to multiply all of them by a row of zeros and one 1, and five times faster.
        """
        head = self.head
        if head is not None:
            return Start(head.given, rows_of(head.weights, classes))
        indices = torch.tensor(classes, device=self.logits.device).unsqueeze(1)
        return Start(class_scores(self.logits).gather(1, indices).sum())

    @property
    def head(self) -> Linear | None:
        """The linear layer that computes the logits, if one does."""
        node = self.logits.grad_fn
        # A hook on the scores has to see, and may change, their gradient.
        if node is None or self.logits.ndim != 2 or self.logits._backward_hooks:
            return None
        return Linear.of(node)

    def arriving(self, start: Start, at: GradientEdge) -> Tensor:
        """The plain gradient at a place that has no name, on the way back from a start."""
        (gradient,) = torch.autograd.grad(
            start.at, [at], grad_outputs=start.gradient, retain_graph=True
        )
        return gradient

    def _looks(
        self, passing: Callable[[str, Tensor], None], places: Collection[Place]
    ) -> list[tuple[Tensor, Look]]:
        """Who is shown the gradients of layers behind the earliest of some places."""
        if not places:
            return []
        order: list[Place] = [None, *self.outputs]
        names = order[1 + min(map(order.index, places)) :]
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
        logits = self.logits.detach()
        kept = self.outputs if keep_outputs else {}
        outputs = {name: output.detach() for name, output in kept.items()}
        return Recording(None, logits, logits, outputs, self.versions)


def record(
    model: nn.Module,
    inputs: Tensor,
    layers: Mapping[str, nn.Module],
    *,
    input_gradient: bool,
    show_in_place_relus: bool = False,
    exact: bool | None = True,
    parts: ModelParts | None = None,
) -> Recording:
    """Run a model once and keep what the given layers return.

    Parameters
    ----------
    model, inputs, parts
        As `run` takes them.
    layers
        The layers to keep, by name.
    input_gradient
        Whether the graph reaches back to the input; if not, it starts at the earliest layer.
    show_in_place_relus
        Whether ReLUs that the model writes into views get nodes of their own.
    exact
        Whether the model is run as it stands; if not, with what can be folded, folded. None runs it as it
        stands, but for 1 x 1 convolutions of one picture that no gradient goes back through; see `faster_layers`.

    Raises
    ------
    TypeError, ValueError
        If no logits ``(B, classes)`` are found in what the model returned.
    """
    relus = ShowInPlaceRelu if show_in_place_relus else nullcontext
    with relus():
        if not is_folded(inputs, exact=exact):
            return _record(model, inputs, layers, input_gradient, parts=parts, exact=exact)
        return run_fast(
            model, lambda way: _record(model, inputs, layers, input_gradient, parts=parts, way=way)
        )


def _record(
    model: nn.Module,
    inputs: Tensor,
    layers: Mapping[str, nn.Module],
    input_gradient: bool,
    *,
    parts: ModelParts | None,
    exact: bool | None = True,
    way: Watching | Folding | None = None,
    again: bool = False,
) -> Recording:
    # A run that is watched, or held to one that was, is better not made again.
    kept = KeptOutputs(
        layers,
        input_gradient=input_gradient,
        pass_copies=again or way is not None,
        keep_copies=again,
    )
    parts = parts or ModelParts(model)
    # What is folded runs in ways of its own; scripted and compiled code takes no others.
    fits = way is None and not parts.hides_code
    faster = faster_layers(parts.modules if fits and inputs.is_cpu else [], rounded=exact is None)
    # First of the hooks, so that what a layer's own adds to a result is not taken for the ReLU's.
    relus = UnknownRelus(parts.modules)
    watched = torch.inference_mode(False), torch.enable_grad(), relus
    with ExitStack() as open_while_run:
        for each in (*watched, layer_outputs(layers, kept.keep), faster):
            open_while_run.enter_context(each)
        given = inputs.detach() if way is None else way.given(inputs.detach())
        leaf = given.requires_grad_() if input_gradient else None
        handles = RemovableHandle.next_id
        output = run(model, given, parts)
        # Of hooks on tensors only autograd's engine knows.
        is_hooked = RemovableHandle.next_id != handles
    if not (kept.are_intact() or again):
        del output, leaf, given, kept
        return _record(
            model, inputs, layers, input_gradient, parts=parts, exact=exact, way=way, again=True
        )
    if way is not None:
        way.finish(output)
    logits = logits_of(output)
    if logits.ndim == 0 or len(logits) != len(inputs):
        raise ValueError(
            f"the model returned the shape {tuple(logits.shape)} for {len(inputs)} inputs; "
            "expected one row a sample, (B, classes): wrap the model in one that returns them so"
        )
    weights = frozenset(map(id, parts.weights)) if fits and not is_hooked else ()
    return Recording(leaf, output, logits, kept.outputs, kept.versions, weights, relus.found)
