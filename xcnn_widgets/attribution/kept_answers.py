"""Each question about a recorded pass is answered once: gradients and their means are kept."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ..bounded_cache import BoundedCache, tensor_bytes
from .backward_rules import BACKWARD_RULES, BackwardRule
from .channelwise_head import channelwise_head
from .mean_gradients import MeanGradients
from .recording import Place
from .subject import Subject
from .targets import Resolved
from .ways_back import WaysBack

CACHE_BYTES = 256 * 2**20


class KeptAnswers(WaysBack):
    """Goes back through the graph only for what is not known yet.

    What its methods return is what is kept: to be read only.

    Parameters
    ----------
    subject, layers, **options
        As of `RecordedLayers`.
    cache_bytes
        As of `ForwardPass`.
    """

    def __init__(
        self,
        subject: Subject,
        layers: Sequence[str] | None,
        *,
        cache_bytes: int = CACHE_BYTES,
        **options: Any,
    ) -> None:
        self._gradients: BoundedCache[Hashable, dict[Place, Tensor]] = BoundedCache(
            cache_bytes, lambda found: tensor_bytes(found.values())
        )
        self._means = MeanGradients(cache_bytes)
        super().__init__(subject, layers, **options)

    def _answers(
        self, asked: Resolved, places: Sequence[Place], rule: BackwardRule, release: bool
    ) -> dict[Place, Tensor]:
        """The gradients with respect to several places; arguments and errors as of `ForwardPass.gradients`."""
        if rule not in BACKWARD_RULES:
            known = ", ".join(map(repr, BACKWARD_RULES))
            raise ValueError(f"no backward rule {rule!r}; there are {known}")
        with self._lock:
            self._keep(place for place in places if place is not None)
            self._check_reached(places)
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

    def _mean_gradient(self, asked: Resolved, layer: str, release: bool) -> Tensor:
        """The plain gradient's mean over a layer's grid, ``(B, C)``."""
        with self._lock:
            self._keep([layer])
            self._check_reached([layer])
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
