"""The choices a person can make, checked against the model and the pictures at hand."""

from __future__ import annotations

from typing import Any

import traitlets

from ...methods.table import METHODS
from ...study.choice import Choice
from ...study.exploration import Exploration
from ...study.wire import layer_states
from ..checked_choices import checked_index, checked_target
from .view import ExplainerView

CHOICES = ("image_index", "method", "layer", "target", "patch", "stride")
LOOKS = ("opacity", "threshold", "wipe", "colormap", "display")


class ExplainerChoices(ExplainerView):
    """Traits that take only what the exploration can answer; an error names the trait and the value."""

    _exploration: Exploration

    def _choice(self) -> Choice:
        return Choice(**{name: getattr(self, name) for name in CHOICES})

    @traitlets.validate("image_index")
    def _valid_index(self, proposal: Any) -> int:
        return checked_index(self._exploration, proposal.value)

    @traitlets.validate("method")
    def _valid_method(self, proposal: Any) -> str:
        offered = [method["name"] for method in self._methods] or list(METHODS)
        if proposal.value not in offered:
            raise traitlets.TraitError(
                f"method = {proposal.value!r}: choose one of {', '.join(map(repr, offered))}"
            )
        return str(proposal.value)

    @traitlets.validate("layer")
    def _valid_layer(self, proposal: Any) -> str | None:
        layer = proposal.value
        if layer is None:
            return self._exploration.default_layer(self.image_index)
        if layer not in [known["name"] for known in self._layers]:
            try:
                self._exploration.offer(layer, self.image_index)
            except (TypeError, ValueError) as error:
                raise traitlets.TraitError(f"layer = {layer!r}: {error}") from error
            self._layers = layer_states(self._exploration.layer_shapes(self.image_index))
        return str(layer)

    @traitlets.validate("target")
    def _valid_target(self, proposal: Any) -> int | None:
        return checked_target(self._exploration, proposal.value, self.image_index)

    @traitlets.validate("patch", "stride")
    def _valid_pixels(self, proposal: Any) -> int:
        if proposal.value < 1:
            raise traitlets.TraitError(
                f"{proposal.trait.name} = {proposal.value}: expected at least 1 pixel"
            )
        return int(proposal.value)
