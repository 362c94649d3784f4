"""The brush's traits, checked against the model and the pictures at hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import traitlets
from torch import Tensor
from traitlets import TraitError

from ...imaging import FILLS
from ...methods import method_named
from ...network import layer_shapes
from ...study import Answer, Exploration, Hiding, layer_states
from ..checks import checked_index, checked_target
from ..live_view import LiveView
from ..thumbnails import ThumbnailTraits
from .canvas import BrushCanvas
from .hand import TOOLS
from .opening import shown_picture
from .telling import ATTEMPTS_SHOWN, answer_state, attempt_state, challenge_state, verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHOICES = (
    "image_index",
    "mask",
    "fill",
    "target",
    "method",
    "layer",
    "opacity",
    "blend",
    "colormap",
    "fraction",
    "tool",
    "size",
    "goal",
    "seed",
)


class BrushView(ThumbnailTraits, LiveView):
    """Takes only what can be answered; an error names the trait and the value."""

    _drawn_as = "brush"
    _exploration: Exploration
    _hiding: Hiding
    _canvas_layers: BrushCanvas
    _opened = False

    heatmap: Any = None
    """The heatmap under the strokes, ``float32`` ``(H, W)`` in [0, 1]; None without a `method`."""

    image_index = traitlets.Int(0).tag(sync=True)
    """Which picture is shown."""

    mask: Any = traitlets.Any()
    """What is hidden: ``bool`` ``(H, W)``, aligned with the input; not to be written into."""

    fill = traitlets.Unicode("mean").tag(sync=True)
    """What stands in for what is hidden: one of "mean", "blur", "noise", "black"."""

    target: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """The class watched, by index (set it by index or name); None is the predicted class."""

    method: Any = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """The method of the heatmap under the strokes; None shows none."""

    layer: Any = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """The heatmap's layer; None is the model's default."""

    fraction = traitlets.Float(0.1, min=0.0, max=1.0).tag(sync=True)
    """The share of the picture that `paint_map` hides, 0 to 1."""

    tool = traitlets.Enum(TOOLS, "brush").tag(sync=True)
    """What the mouse draws with: one of "brush", "eraser", "rectangle", "ellipse"."""

    size = traitlets.Float(0.06).tag(sync=True)
    """How wide brush and eraser are: a share of the picture's shorter side, above 0 and at most 1."""

    goal: Any = traitlets.Float(None, allow_none=True).tag(sync=True)
    """The challenge: bring the target's probability below it, hiding as little as you can; None is no challenge.
    A goal that the target is below from the start is refused; with another target or picture it goes down where it must."""

    seed = traitlets.Int(0, min=0)
    """Which region by chance the challenge compares with; the same one gives the same region everywhere."""

    answer: Any = traitlets.Any(None, allow_none=True).tag(
        sync=True, to_json=lambda answer, _: answer_state(answer)
    )
    """The network's last answer: `answer.target` and each of `answer.classes` with ``before`` and ``after``."""

    challenge: Any = traitlets.Any(None, allow_none=True).tag(
        sync=True, to_json=lambda challenge, _: challenge_state(challenge)
    )
    """How the last answer does against the `goal`, a `Challenge`; None without a goal."""

    history: Any = traitlets.Any(()).tag(
        sync=True, to_json=lambda history, brush: brush._attempts(history)
    )
    """The attempts so far, oldest first: dicts with ``image``, ``mask``, ``fill``, ``target``, ``hidden`` (share),
    ``before``, ``after`` (probabilities, or values), ``is_probability``, ``drop`` (points, or the difference of
    the values) and ``score_drop``."""

    _canvas = traitlets.Instance(ipywidgets.Widget, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )
    _picture = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    _covering: Any = traitlets.Bytes(None, allow_none=True).tag(sync=True)
    """What lies over the picture, map and strokes, as a PNG: so the brush is whole without its canvas."""
    _steps = traitlets.List([False, False]).tag(sync=True)
    """Whether there is a step to undo, and one to redo."""
    _wanted: Any = traitlets.List().tag(sync=True)
    """What was asked for by buttons, lately: each as its number, its name and what it is about."""
    _images = traitlets.List(traitlets.Dict()).tag(sync=True)
    _reading = traitlets.Dict().tag(sync=True)
    _class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _methods = traitlets.List(traitlets.Dict()).tag(sync=True)
    _layers = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(self, **state: Any) -> None:
        self._lock = threading.RLock()
        super().__init__(**state)

    @contextmanager
    def own_turn(self) -> Iterator[None]:
        """What a thread holds while it sets traits, of a brush that stands alone."""
        with self._lock:
            yield

    def show_picture(self) -> None:
        """Tell the page which picture is shown."""
        self._picture = shown_picture(self._exploration, self.image_index)

    def cover(self) -> None:
        """Tell the page what lies over the picture now."""
        self._covering = self._canvas_layers.covering()

    def show_steps(self, can_undo: bool, can_redo: bool) -> None:
        """Offer to undo and to redo where there is a step."""
        self._steps = [can_undo, can_redo]

    def figure(self) -> Figure:
        """Draw what is shown as a matplotlib figure: the picture, what the network is given, and the bars."""
        from .figure import brush_figure

        if self.answer is None:
            raise RuntimeError(f"there is nothing to draw yet: {self.error or 'nothing was asked'}")
        prepared = self._exploration.prepared(self.image_index)
        fill = self._hiding.fill(self.image_index, self.fill)
        hidden = np.where(self.mask[:, :, None], fill.picture, prepared.picture)
        title = self.status if self.challenge is None else verdict(self.challenge)
        return brush_figure(prepared.picture, hidden, self.answer, title=title)

    def __repr__(self) -> str:
        if not self._opened or self.answer is None:
            return "OcclusionBrush(nothing shown)"
        image = self._exploration.pictures.name(self.image_index)
        answer: Answer = self.answer
        return (
            f"OcclusionBrush(image={image!r}, fill={self.fill!r}, target={answer.target.name!r}, "
            f"hidden={answer.hidden:.1%})"
        )

    def _standing_picture(self) -> Figure | None:
        return self.figure() if self._opened and self.answer is not None else None

    def _attempts(self, history: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
        """The newest first, as a page takes them."""
        shown = [*enumerate(history)][: -ATTEMPTS_SHOWN - 1 : -1]
        return [
            attempt_state(each, at, self._exploration.prepared(each["image_index"]).picture)
            for at, each in shown
        ]

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
        return None if name is None else method_named(name).name

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
        self._layers = layer_states(self._exploration.layer_shapes(index), self._exploration.model)
        return str(layer)

    @traitlets.validate("size")
    def _valid_size(self, proposal: Any) -> float:
        if not 0 < proposal.value <= 1:
            raise TraitError(
                f"size = {proposal.value!r}: expected a share of the picture's shorter side, above 0 and at most 1, "
                "such as 0.06"
            )
        return float(proposal.value)
