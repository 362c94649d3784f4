"""The brush's traits, checked against the model and the pictures at hand."""

from __future__ import annotations

from typing import Any

import ipywidgets
import numpy as np
import traitlets
from torch import Tensor
from traitlets import TraitError

from ...imaging import FILLS
from ...methods import METHODS
from ...network import layer_shapes
from ...study import Exploration
from ..checks import checked_index, checked_target
from .hand import TOOLS

CHOICES = (
    "image_index",
    "mask",
    "fill",
    "method",
    "layer",
    "opacity",
    "fraction",
    "tool",
    "size",
    "goal",
    "seed",
)


class BrushTraits(ipywidgets.VBox):  # type: ignore[misc]
    """Takes only what can be answered; an error names the trait and the value."""

    _exploration: Exploration

    heatmap: Any = None
    """The heatmap under the strokes, ``float32`` ``(H, W)`` in [0, 1]; None without a `method`."""

    image_index = traitlets.Int(0)
    """Which picture is shown."""

    mask: Any = traitlets.Any()
    """What is hidden: ``bool`` ``(H, W)``, aligned with the input; not to be written into."""

    fill = traitlets.Unicode("mean")
    """What stands in for what is hidden: one of "mean", "blur", "noise", "black"."""

    target: Any = traitlets.Any(None, allow_none=True)
    """The class watched, by index (set it by index or name); None is the predicted class."""

    method: Any = traitlets.Unicode(None, allow_none=True)
    """The method of the heatmap under the strokes; None shows none."""

    layer: Any = traitlets.Unicode(None, allow_none=True)
    """The heatmap's layer; None is the model's default."""

    opacity = traitlets.Float(0.5, min=0.0, max=1.0)
    """How strongly the heatmap covers the picture, 0 to 1."""

    fraction = traitlets.Float(0.1, min=0.0, max=1.0)
    """The share of the picture that `paint_map` hides, 0 to 1."""

    tool = traitlets.Enum(TOOLS, "brush")
    """What the mouse draws with: one of "brush", "eraser", "rectangle", "ellipse"."""

    size = traitlets.Int(12, min=1, max=1000)
    """How wide brush and eraser are, in pixels of the picture."""

    goal: Any = traitlets.Float(None, allow_none=True)
    """The challenge: bring the target's probability below it, hiding as little as you can; None is no challenge."""

    seed = traitlets.Int(0, min=0)
    """Which region by chance the challenge compares with; the same one gives the same region everywhere."""

    status = traitlets.Unicode("")
    """One line that says what is shown."""

    error = traitlets.Unicode("")
    """What went wrong and the way out; empty when nothing did."""

    note = traitlets.Unicode("")
    """What a reader has to know about what is shown; usually empty."""

    answer: Any = traitlets.Any(None, allow_none=True)
    """The network's last answer: `answer.target` and each of `answer.classes` with ``before`` and ``after``."""

    challenge: Any = traitlets.Any(None, allow_none=True)
    """How the last answer does against the `goal`, a `Challenge`; None without a goal."""

    history: Any = traitlets.Any(())
    """The attempts so far, oldest first: dicts with ``image``, ``mask``, ``fill``, ``target``, ``hidden`` (share),
    ``before``, ``after`` (probabilities, or values), ``is_probability``, ``drop`` (points, or the difference of
    the values) and ``score_drop``."""

    @traitlets.validate("image_index")
    def _valid_index(self, proposal: Any) -> int:
        index = checked_index(self._exploration, proposal.value)
        try:
            self._exploration.prepared(index)
        except (OSError, TypeError, ValueError) as error:
            raise TraitError(f"image_index = {index!r}: {error}") from error
        return index

    @traitlets.validate("mask")
    def _valid_mask(self, proposal: Any) -> Any:
        given = proposal.value
        mask = given.detach().cpu().numpy() if isinstance(given, Tensor) else np.asarray(given)
        size = self._exploration.prepared(self.image_index).picture.shape[:2]
        if mask.dtype != np.bool_:
            raise TraitError(
                f"mask holds {mask.dtype}; expected bool (H, W), such as heatmap > 0.5"
            )
        if mask.shape != size:
            raise TraitError(f"mask has the shape {mask.shape}; expected that of the input, {size}")
        kept = mask.copy()
        kept.flags.writeable = False
        return kept

    @traitlets.validate("goal")
    def _valid_goal(self, proposal: Any) -> float | None:
        goal = proposal.value
        answers = self._exploration.answers_on(self.image_index)
        if goal is not None and not answers.reading.gives_probabilities:
            raise TraitError(
                f"goal = {goal!r}: it is a probability, and the model's numbers are read as they are "
                "(activation='none'); make the brush with activation='softmax' or 'sigmoid'"
            )
        if goal is not None and not 0 < goal <= 1:
            raise TraitError(
                f"goal = {goal!r}: expected a probability above 0 and at most 1, such as 0.5, or None"
            )
        return None if goal is None else float(goal)

    @traitlets.validate("fill")
    def _valid_fill(self, proposal: Any) -> str:
        if proposal.value not in FILLS:
            raise TraitError(
                f"fill = {proposal.value!r}: choose one of {', '.join(map(repr, FILLS))}"
            )
        return str(proposal.value)

    @traitlets.validate("target")
    def _valid_target(self, proposal: Any) -> int | None:
        return checked_target(self._exploration, proposal.value, self.image_index)

    @traitlets.validate("method")
    def _valid_method(self, proposal: Any) -> str | None:
        name = proposal.value
        offered = [method.name for method in self._exploration.methods(self.image_index)]
        if name is not None and name not in offered:
            raise TraitError(
                f"method = {name!r}: choose one of {', '.join(map(repr, offered))}, or None"
            )
        return None if name is None else METHODS[name].name

    @traitlets.validate("layer")
    def _valid_layer(self, proposal: Any) -> str | None:
        layer, index = proposal.value, self.image_index
        if layer is None or layer in self._exploration.layers(index):
            return layer or self._exploration.default_layer(index)
        inputs = self._exploration.prepared(index).input.unsqueeze(0)
        try:
            layer_shapes(self._exploration.model, inputs, [layer])
        except (TypeError, ValueError) as error:
            raise TraitError(f"layer = {layer!r}: {error}") from error
        self._exploration.offer(layer, index)
        return str(layer)
