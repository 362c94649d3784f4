"""What the browser shows and chooses, as traits, and which values they take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets
from traitlets import Bunch, TraitError

from ...methods import METHODS, Explanation, method_named
from ...study import (
    Choice,
    Comparison,
    Shown,
    figure_beside,
    figure_of,
    layer_states,
    reading_state,
)
from ..brush import OcclusionBrush
from ..checks import checked_activation, checked_index, checked_target
from ..thumbnails import ThumbnailTraits
from .channel_traits import ChannelTraits
from .computed import Computed
from .estimates import EstimateTraits
from .hot_region import HotRegion
from .model_choice import ModelChoice
from .second_model import beside_state
from .true_label import HasTrueLabel
from .trust_traits import TrustTraits

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHOICES = (
    "model",
    "beside",
    "image_index",
    "method",
    "layer",
    "target",
    "patch",
    "stride",
    "painted",
)
PANELS = ("channels_open", "channels_off", "trust_open")
LOOKS = (
    "outlines",
    "opacity",
    "blend",
    "threshold",
    "top_share",
    "wipe",
    "colormap",
    "display",
    "slice",
)


class ExplainerView(
    ModelChoice,
    ChannelTraits,
    TrustTraits,
    HasTrueLabel,
    ThumbnailTraits,
    HotRegion,
    EstimateTraits,
):
    """The traits that Python and the browser share; they take only what the exploration can answer.

    A person's choices go to the kernel when they are made. Looks are drawn by the browser alone: they cost no
    message, and reach Python with the next choice.
    """

    shown: Shown | None = None
    """The answer that stands on the pages."""

    _drawn_as = "explainer"
    _settable = frozenset((*CHOICES, *LOOKS, *PANELS, "activation", "pixel", "rather_than"))

    # Choices.
    image_index = traitlets.Int(0).tag(sync=True)
    """Which picture is explained, 0 for the first."""

    method = traitlets.Unicode("grad_cam").tag(sync=True)
    """The method's name, as ``grad_cam``."""

    layer = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """The target layer's name; kept while a method that needs none is shown."""

    target: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """The class explained: its index, or (from Python) its name; None follows the prediction."""

    patch = traitlets.Int(32).tag(sync=True)
    """The side of occlusion's window, in pixels."""

    stride = traitlets.Int(16).tag(sync=True)
    """The step between occlusion's windows, in pixels."""

    activation: Any = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """How the model's scores are read: ``softmax`` (one of the classes), ``sigmoid`` (each by itself) or ``none``
    (scores as they are); None finds out, and becomes what was found."""

    pixel: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """The pixel ``[row, column]`` of a segmentation network's picture that is explained; None where something else is."""

    rather_than: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """The class that the class explained is held against (its index, or from Python its name); None for none."""

    # Looks.
    outlines = traitlets.Bool(True).tag(sync=True)
    """Whether the boxes or regions that the model found are drawn over the picture."""

    wipe = traitlets.Float(1.0, min=0.0, max=1.0).tag(sync=True)
    """How much of an overlay's width is painted on screen, from the left; beyond stands the picture. 0 to 1."""

    display = traitlets.Enum(["overlay", "heatmap", "picture", "side_by_side"], "overlay").tag(
        sync=True
    )
    """What is drawn."""

    slice = traitlets.Int(0, min=0).tag(sync=True)
    """Which slice of a volume is drawn, 0 for the first; at first the one with the greatest value of the map."""

    # What is shown.
    heatmap: Any = Computed(lambda view: None if view.shown is None else view.shown.heatmap)
    """The heatmap shown, ``float32`` ``(H, W)`` in [0, 1]; computed when it is read, or observed. Of a signal ``(L,)``,
    of a volume ``(D, H, W)``."""

    predictions = traitlets.List(traitlets.Dict()).tag(sync=True)
    """The top five: a list of ``{"index", "name", "probability"}``, the likeliest first; then all targets of a
    person's own. What is no probability has a ``value`` instead."""

    _images = traitlets.List(traitlets.Dict()).tag(sync=True)
    _picture = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    _map = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    _opening_error = traitlets.Unicode("").tag(sync=True)
    """The error that says that another picture was chosen than was asked for: what is shown is chosen."""
    _reading = traitlets.Dict().tag(sync=True)
    _class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _methods = traitlets.List(traitlets.Dict()).tag(sync=True)
    _layers = traitlets.List(traitlets.Dict()).tag(sync=True)
    _brush: Any = traitlets.Instance(ipywidgets.Widget, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )
    _brush_wanted = traitlets.Int(0).tag(sync=True)

    def choice(self) -> Choice:
        """What is chosen."""
        return Choice(**{name: getattr(self, name) for name in CHOICES})

    def choose(self, choice: Choice) -> None:
        """Set all choices, in one message."""
        with self.hold_sync():
            for name in CHOICES:
                setattr(self, name, getattr(choice, name))

    def present(
        self, shown: Shown, image: dict[str, Any] | None, comparison: Comparison | None
    ) -> None:
        """Put an answer on every page, in one message; `image` is the picture, where that is another one."""
        before, self.shown, self.comparison = self.shown, shown, comparison
        traits: dict[str, Any] = {
            "_map": shown.map,
            "note": shown.note,
            "status": shown.status,
            "error": "",
            "_beside": beside_state(comparison),
        }
        if image is not None:
            traits |= {"_picture": image["picture"], "predictions": image["predictions"]}
            traits["_class_names"] = self.exploration.answers.names(listed=True)
            traits["_reading"] = reading_state(self.exploration.answers.reading)
            traits |= self.label_traits(shown.choice.image_index)
            traits["slice"] = min(self.slice, shown.depth - 1)
        with self.hold_sync():
            for name, value in traits.items():
                self.set_trait(name, value)
        if self.watchers.of(["heatmap"]):
            old = None if before is None else before.heatmap
            self.notify_change(
                Bunch(name="heatmap", old=old, new=shown.heatmap, owner=self, type="change")
            )

    def present_atlas(self, state: dict[str, Any]) -> None:
        """Give all views that were computed ahead to every page."""
        self._atlas = state

    def present_brush(self, brush: OcclusionBrush | None) -> None:
        """Put a brush below the explainer on every page, or take it away."""
        self._brush = brush

    @property
    def explanation(self) -> Explanation | None:
        """The attribution shown, with what it explains; None before the first.

        Of a view that was computed ahead only grey levels are kept: its attribution is computed when it is asked for.
        """
        shown = self.shown
        if shown is not None and shown.explanation is None:
            explanation = self.exploration.explain(shown.choice)
            shown = self.shown = replace(shown, explanation=explanation)
        return None if shown is None else shown.explanation

    def figure(self) -> Figure:
        """Draw what is shown as a matplotlib figure: picture, heatmap, overlay and a colour bar with true values.

        Of a volume the slice that is shown, of a signal its lines over the heatmap; of two models both maps.
        """
        shown = self.shown
        if shown is None:
            raise RuntimeError(
                f"there is nothing to draw yet: {self.error or 'no picture was explained'}"
            )
        if self.comparison is not None and shown.heatmap.ndim == 2:
            return figure_beside(self.comparison, self.model, self.status, self.look())
        place = min(self.slice, shown.depth - 1)
        return figure_of(
            self.exploration, shown, shown.status, self.look(), style=self.painted, place=place
        )

    def __repr__(self) -> str:
        shown, name = self.shown, type(self).__name__
        if shown is None:
            return f"{name}(nothing shown)"
        choice = shown.choice
        image, target = self.exploration.pictures.name(choice.image_index), shown.map["target"]
        layer = f", layer={choice.layer!r}" if method_named(choice.method).uses_layer else ""
        return (
            f"{name}(image={image!r}, method={choice.method!r}{layer}, target={target['name']!r})"
        )

    def _standing_picture(self) -> Figure | None:
        return None if self.shown is None else self.figure()

    @traitlets.validate("image_index")
    def _valid_index(self, proposal: Any) -> int:
        return checked_index(self.exploration, proposal.value)

    @traitlets.validate("method")
    def _valid_method(self, proposal: Any) -> str:
        offered = [method["name"] for method in self._methods] or list(METHODS)
        if proposal.value not in offered:
            raise TraitError(
                f"method = {proposal.value!r}: choose one of {', '.join(map(repr, offered))}"
            )
        return str(proposal.value)

    @traitlets.validate("layer")
    def _valid_layer(self, proposal: Any) -> str | None:
        layer = proposal.value
        if layer is None:
            return self.exploration.default_layer(self.image_index)
        if layer not in [known["name"] for known in self._layers]:
            try:
                self.exploration.offer(layer, self.image_index)
            except (TypeError, ValueError) as error:
                raise TraitError(f"layer = {layer!r}: {error}") from error
            shapes = self.exploration.layer_shapes(self.image_index)
            self._layers = layer_states(shapes, self.exploration.model)
        return str(layer)

    @traitlets.validate("target")
    def _valid_target(self, proposal: Any) -> int | None:
        return checked_target(self.exploration, proposal.value, self.image_index)

    @traitlets.validate("activation")
    def _valid_activation(self, proposal: Any) -> str:
        return checked_activation(self.exploration, proposal.value, self.image_index)

    @traitlets.validate("slice")
    def _valid_slice(self, proposal: Any) -> int:
        # What a page sends may come with a volume of fewer slices.
        shown, place = self.shown, proposal.value
        depth = place + 1 if shown is None or self.by_page else shown.depth
        if place >= depth:
            there = (
                f"there are {depth} slices, 0 to {depth - 1}"
                if depth > 1
                else "only volumes have slices"
            )
            raise TraitError(f"slice = {place}: {there}")
        return int(place)

    @traitlets.validate("patch", "stride")
    def _valid_pixels(self, proposal: Any) -> int:
        if proposal.value < 1:
            raise TraitError(f"{proposal.trait.name} = {proposal.value}: expected at least 1 pixel")
        return int(proposal.value)
