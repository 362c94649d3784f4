"""Each question about a recorded pass is answered once: gradients and their means are kept."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from torch import Tensor

from ..bounded_cache import BoundedCache, tensor_bytes
from ..network import BACKWARD_RULES, BackwardRule, Resolved, at_least_float32
from .recorded_layers import RecordedLayers
from .recording import Place

CACHE_BYTES = 256 * 2**20


class KeptGradients:
    """Makes a backward pass only for what is not known yet.

    What its methods return is what is kept: to be read only. Of a gradient at a layer Grad-CAM asks
    no more than the mean over the grid, which takes next to no memory: so each backward pass keeps
    the means of all layers on its way.

    Parameters
    ----------
    recorded
        The run that is asked.
    limit
        The most bytes of gradients, and of means, to keep.
    """

    def __init__(self, recorded: RecordedLayers, limit: int) -> None:
        self._recorded = recorded
        self._about_run = recorded.runs
        self._gradients: BoundedCache[Hashable, dict[Place, Tensor]] = BoundedCache(
            limit, lambda found: tensor_bytes(found.values())
        )
        self._means: BoundedCache[Hashable, dict[str, Tensor]] = BoundedCache(
            limit, lambda found: tensor_bytes(found.values())
        )

    @property
    def bytes(self) -> int:
        """The bytes kept now."""
        return self._gradients.bytes + self._means.bytes

    def gradients(
        self, asked: Resolved, places: Sequence[Place], rule: BackwardRule, *, release: bool
    ) -> dict[Place, Tensor]:
        """The gradients at several places, as maps; arguments and errors as of `ForwardPass.gradients`."""
        if rule not in BACKWARD_RULES:
            known = ", ".join(map(repr, BACKWARD_RULES))
            raise ValueError(f"no backward rule {rule!r}; there are {known}")
        recorded = self._recorded
        with recorded.lock:
            self._keep(*places)
            if rule != "plain" and not callable(asked) and recorded.has_no_relu():
                rule = "plain"
            # Callables that look alike need not be alike.
            question = None if callable(asked) else (asked, rule)
            found = self._gradients.get(question) or {}
            missing = [place for place in places if place not in found]
            if missing:
                found = found | self._computed(asked, missing, rule, release)
                if question is not None and not release:
                    self._gradients.put(question, found)
            return {place: recorded.as_maps(place, found[place]) for place in places}

    def mean_gradient(self, asked: Resolved, layer: str, *, release: bool) -> Tensor:
        """The plain gradient's mean over a layer's grid, ``(B, C)``."""
        with self._recorded.lock:
            self._keep(layer)
            question = None if callable(asked) else asked
            known = self._means.get(question) or {}
            if layer in known:
                return known[layer]
            gradient = (self._gradients.get((question, "plain")) or {}).get(layer)
            if gradient is None:
                gradient = self._computed(asked, [layer], "plain", release)[layer]
            mean = self._mean(layer, gradient)
            # They outlive the graph, for who asks why a map is zero.
            if not callable(asked):
                self._keep_means(asked, {layer: mean})
            return mean

    def clear(self) -> None:
        """Forget everything."""
        self._gradients.clear()
        self._means.clear()

    def _keep(self, *places: Place) -> None:
        """See to it that the run holds some layers; what was answered about another is forgotten."""
        self._recorded.keep(place for place in places if place is not None)
        if self._about_run != self._recorded.runs:
            self._about_run = self._recorded.runs
            self.clear()
        self._recorded.check_reached(places)

    def _computed(
        self, target: Resolved, places: Sequence[Place], rule: BackwardRule, release: bool
    ) -> dict[Place, Tensor]:
        """Make a backward pass to some places, and keep the means of what it comes by."""
        recorded, means = self._recorded, dict[str, Tensor]()

        def pass_by(layer: str, gradient: Tensor) -> None:
            if recorded.layout_if_any(layer) is not None:
                means[layer] = self._mean(layer, gradient)

        # Under another rule nobody asks at layers.
        is_kept = rule == "plain" and not release and not callable(target)
        passing = pass_by if is_kept else None
        found = recorded.backward_pass(target, places, rule, release=release, passing=passing)
        if not callable(target):
            self._keep_means(target, means)
        return found

    def _mean(self, layer: str, gradient: Tensor) -> Tensor:
        return at_least_float32(self._recorded.as_maps(layer, gradient)).flatten(2).mean(dim=2)

    def _keep_means(self, classes: tuple[int, ...], means: Mapping[str, Tensor]) -> None:
        if means:
            self._means.put(classes, {**(self._means.get(classes) or {}), **means})
