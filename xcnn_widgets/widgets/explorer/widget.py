"""One picture at a time: choose a method, a layer and a class, and see where the answer came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch

from ...methods.table import METHODS
from ...study.exploration import Exploration
from ...study.kept_passes import GRAPH_BYTES
from ...study.wire import layer_states, method_states
from ..between_cells import between_cells
from ..live_view import refuse_unknown
from ..worker import Job, Worker
from .ahead import Ahead
from .choices import CHOICES, LOOKS
from .hide_and_see import ExplainerHiding

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# More would cost more to make than they help to find a picture.
_MOST_THUMBNAILS = 60


class ExplainerWidget(ExplainerHiding):
    """Explore what a convolutional network looks at.

    Every choice is a trait that can be set, observed and linked: `image_index`, `method`, `layer`, `target`,
    `patch`, `stride`, `opacity`, `threshold`, `wipe`, `colormap`, `display`. Setting a choice from Python computes before it
    returns, and raises if it cannot; what is chosen on screen never raises: the cause and the way out then stand in
    `error` and in the widget, and the last good picture stays.

    Parameters
    ----------
    model_or_explainer
        A `torch.nn.Module`; or an object that holds one as ``.model``, with ``.class_names`` (or ``.class_map``) and
        ``.transform`` if it has them, such as a `CNNExplainer` or the demo network.
    images
        One picture or many: a path, bytes, PIL, NumPy, tensor, a list or dict of these, a folder, a Dataset.
    class_names
        The names of the model's classes: one for each, or a dict from index to name.
    transform
        From a PIL picture to the model's input ``(C, H, W)``; None is ImageNet's resize, crop and normalise.
    layers
        The layers to offer; by default the ends of the network's stages.
    methods
        The methods to offer; by default all that the model allows.
    device
        Where to move the model; by default it stays where it is.
    graph_bytes
        The most bytes of recorded forward passes to keep, 512 MiB by default: those of the last few pictures, so that
        going back to one does not run the model. One that is larger by itself is let go of when its question is answered.
    exact
        Whether occlusion runs the model as it stands. By default it takes the faster way of `explain`, whose numbers
        differ in their last digits.
    ahead
        Whether to answer what is likely asked next (other layers, the other top classes, the next picture) while
        nobody does anything: only after a choice on screen, only while no cell runs. Turn it off for a model that
        something else than a cell is training.
    **choices
        Any of the traits above, to start with.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        If an argument does not fit; the message names it, what was expected and the way out.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1),
    ...                             torch.nn.Flatten())
    >>> widget = ExplainerWidget(model, {"noise": torch.rand(3, 48, 64)}, ["a", "b", "c", "d"], target="b")
    >>> widget
    ExplainerWidget(image='noise', method='grad_cam', layer='1', target='b')
    >>> widget.heatmap.shape
    (224, 224)
    """

    def __init__(
        self,
        model_or_explainer: Any,
        images: Any,
        class_names: Sequence[str] | Mapping[int, str] | None = None,
        *,
        transform: Callable[[Any], Any] | None = None,
        layers: Sequence[str] | None = None,
        methods: Sequence[str] | None = None,
        device: str | torch.device | None = None,
        graph_bytes: int = GRAPH_BYTES,
        exact: bool = False,
        ahead: bool = True,
        **choices: Any,
    ) -> None:
        self._opened = False
        refuse_unknown(choices, (*CHOICES, *LOOKS))
        if isinstance(graph_bytes, bool) or not isinstance(graph_bytes, int) or graph_bytes < 0:
            raise ValueError(
                f"graph_bytes is {graph_bytes!r}; expected a number of bytes, 0 or more"
            )
        self._exploration = Exploration(
            model_or_explainer,
            images,
            class_names,
            transform=transform,
            layers=layers,
            methods=methods,
            device=device,
            graph_bytes=graph_bytes,
            exact=exact,
        )
        self._thumbnailer = Worker("xcnn-thumbnails")
        super().__init__(**self._opening_state(choices))
        if ahead:
            times = between_cells()
            times.let_through(self)
            self._ahead = Ahead(self._exploration, times)
        self._start_answering()
        if self._unreadable:
            name = self._exploration.pictures.name(self.image_index)
            self.error = self._opening_error = f"{self._unreadable} ({name} is shown instead)"
        self._defaults = {name: getattr(self, name) for name in (*CHOICES, *LOOKS)}
        self._opened = True
        if 1 < len(self._exploration.pictures) <= _MOST_THUMBNAILS:
            self._thumbnailer.start(self._make_thumbnails)

    def wait(self, timeout: float | None = None) -> None:
        """Block until work on other threads is done, and raise what went wrong there.

        Raises
        ------
        TimeoutError
            If it takes longer than `timeout` seconds.
        """
        super().wait(timeout)
        self._thumbnailer.wait(timeout)

    def figure(self) -> Figure:
        """Draw what is shown as a matplotlib figure: picture, heatmap, overlay and a colour bar with true values."""
        # matplotlib's figures take a while to import, and a widget on screen needs none.
        from ...imaging.figures import explanation_figure

        if self._shown is None or self._map is None or self.heatmap is None:
            raise RuntimeError(
                f"there is nothing to draw yet: {self.error or 'no picture was explained'}"
            )
        return explanation_figure(
            self._exploration.prepared(self._shown.image_index).picture,
            self.heatmap,
            title=self.status,
            value_range=tuple(self._map["range"]),
            opacity=self.opacity,
            colormap=self.colormap,
            threshold=self.threshold,
        )

    def close(self) -> None:
        """Close the widget on every page and free what it holds; the model stays as it was."""
        # Python also closes what its constructor refused to make.
        if self._opened:
            with self._turn:
                self._following = self._opened = False
                self._worker.cancel()
                self._leave_off()
                self._thumbnailer.cancel()
                if not self._part_from_brush():
                    self._exploration.close()
                self._explanation = self._shown = self.heatmap = self._atlas = None
        super().close()

    def __repr__(self) -> str:
        if self._shown is None or self._map is None:
            return "ExplainerWidget(nothing shown)"
        method = METHODS[self._shown.method]
        layer = f", layer={self._shown.layer!r}" if method.uses_layer else ""
        target = self._map["target"]["name"]
        image = self._exploration.pictures.name(self._shown.image_index)
        return f"ExplainerWidget(image={image!r}, method={self._shown.method!r}{layer}, target={target!r})"

    def _keeps_to_itself(self, state: Mapping[str, Any]) -> bool:
        """Whether no code but the widget's own runs when the page sends a state."""
        return not self._is_watched and self._brush is None and {*state} <= {*CHOICES, *LOOKS}

    def _standing_picture(self) -> Figure | None:
        return None if self._shown is None else self.figure()

    def _opening_state(self, choices: dict[str, Any]) -> dict[str, Any]:
        """Everything that the browser needs to draw the controls, found on the first picture that can be read."""
        exploration = self._exploration
        index, self._unreadable = exploration.first_readable(choices.get("image_index", 0))
        methods = exploration.methods(index)
        names = [exploration.pictures.name(i) for i in range(len(exploration.pictures))]
        height, width = exploration.prepared(index).picture.shape[:2]
        patch = max(1, min(height, width) // 7)
        state = {
            "method": methods[0].name,
            "layer": exploration.default_layer(index),
            "patch": patch,
            "stride": max(1, patch // 2),
            "_images": [{"name": name} for name in names],
            "_methods": method_states(methods),
            "_layers": layer_states(exploration.layer_shapes(index)),
            "_class_names": exploration.class_names.as_list(),
        }
        return {**state, **choices, "image_index": index}

    def _make_thumbnails(self, job: Job) -> None:
        made: list[bytes | None] = []
        for index in range(len(self._exploration.pictures)):
            if job.cancelled():
                return
            made.append(self._exploration.thumbnail(index))
        self._thumbnails = made
