"""The ways back through a recorded run: where each begins, and what it meets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.autograd.graph import Node

from .backward_pass import Start
from .backward_rules import BackwardRule, relus_behind, require_visible
from .model_state import evaluating
from .recorded_layers import RecordedLayers
from .recording import Place
from .targets import Resolved, scores


class WaysBack(RecordedLayers):
    """Goes back through the graph as often as it is asked, until it is let go of."""

    def _way_back(
        self,
        target: Resolved,
        places: Sequence[Place],
        rule: BackwardRule,
        *,
        release: bool,
        passing: Callable[[str, Tensor], None] | None,
    ) -> dict[Place, Tensor]:
        """Go back once, from a target to some places; `passing` as `Recording.gradients` takes it."""
        self._require_graph()
        with self._going_back():
            start, relus = self._start(target, rule)
            gradients = self._recording.gradients(
                start, places, rule, relus, release=release, passing=passing
            )
        if release:
            self._recording = self._recording.without_graph()
            self._end = "has let go of its graph"
        return gradients

    @contextmanager
    def _going_back(self) -> Iterator[None]:
        # A model that recomputes activations does so now, and has to find itself in evaluation.
        with torch.inference_mode(False), torch.enable_grad(), evaluating(self._modules):
            yield

    def _start(self, target: Resolved, rule: BackwardRule) -> tuple[Start, Sequence[Node]]:
        """Find where to begin for a target, and the ReLUs that a rule changes."""
        recording = self._recording
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

    def _has_no_relu(self) -> bool:
        """Whether all rules surely give the same; not asked of a graph that is gone."""
        relus = self._recording.relus
        unseen = self._end or self._hidden or relus.hidden_by or relus.written_into_views
        unseen = unseen or self._recording.unknown_relus
        return not relus.nodes and not unseen
