"""One picture at a time: choose a method, a layer and a class, and see where the answer came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from typing import Any, Literal

from ...methods import Method
from ...pages import Atlases, page, write_whole
from ...study import GRAPH_BYTES, Models, in_words, standing
from ..brush import OcclusionBrush
from ..checks import checked_bytes, model_options
from ..live_view import refuse_unknown
from ..thumbnails import Thumbnails
from ..worker import Worker
from .ahead import Ahead
from .answering import Answering
from .channels import ChannelPanel
from .hide_and_see import BrushLink
from .model_choice import models_state, opening_model
from .opening import opening_state
from .panels import Panels
from .pointing import Pointing
from .saving import Saving
from .trust import TrustPanel
from .view import CHOICES, LOOKS, PANELS, ExplainerView


class ExplainerWidget(ExplainerView):
    """Explore what a convolutional network looks at.

    Every choice is a trait that can be set, observed and linked: `model`, `beside`, `image_index`, `method`, `layer`, `target`,
    `patch`, `stride`, `painted`, `activation`, `pixel`, `rather_than`, `opacity`, `blend`, `threshold`, `top_share`, `wipe`, `colormap`, `display`, `slice`. Setting a choice from Python computes before it
    returns, and raises if it cannot; what is chosen on screen never raises: the cause and the way out then stand in `error` and in the widget, and the last good picture stays.

    Parameters
    ----------
    model_or_explainer
        A `torch.nn.Module`; or an object that holds one as ``.model``, with ``.class_names`` (or ``.class_map``) and
        ``.transform`` if it has them, such as a `CNNExplainer` or the demo network. Or several: a dict of such by name,
        or `checkpoints`; arguments that say how a model is asked may then be dicts by name as well.
    images
        One picture or many: a path, bytes, PIL, NumPy, tensor, a list or dict of these, a folder, a Dataset. For a
        model whose first convolution has one or three dimensions, signals ``(C, L)`` or volumes ``(C, D, H, W)`` of
        floating numbers, which are drawn as lines or slice by slice.
    class_names
        The names of the model's classes: one for each, or a dict from index to name.
    layers
        The layers to offer; by default the ends of the network's stages.
    methods
        The methods to offer: names in `METHODS`, or methods made by `method`, `from_captum` and their like; by default
        the usual ones that the model allows.
    graph_bytes
        The most bytes of recorded forward passes to keep, 512 MiB by default: those of the last few pictures, so that
        going back to one does not run the model. One that is larger by itself is let go of when its question is answered.
    exact
        Whether occlusion runs the model as it stands. By default it takes the faster way of `explain`, whose numbers
        differ in their last digits.
    ahead
        Whether to answer what is likely asked next while nobody does anything: only after a choice on screen, only
        while no cell runs. Turn it off for a model that something else than a cell is training.
    **choices
        Any of the traits above, to start with; and how the model is asked, as `Exploration` takes it: `transform`,
        `device`, `activation`, `targets`, `output`, `reshape`, `additional_forward_args`, and `display` where it is a
        callable or three channel numbers.

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
    (48, 64)
    """

    def __init__(
        self,
        model_or_explainer: Any,
        images: Any,
        class_names: Sequence[str] | Mapping[Any, Any] | None = None,
        *,
        layers: Sequence[str] | None = None,
        methods: Sequence[str | Method] | None = None,
        graph_bytes: int = GRAPH_BYTES,
        exact: bool = False,
        ahead: bool = True,
        **choices: Any,
    ) -> None:
        self._opened = False
        options = model_options(choices)
        refuse_unknown(choices, (*CHOICES, *LOOKS))
        self.models = Models(
            model_or_explainer,
            images,
            class_names=class_names,
            layers=layers,
            methods=methods,
            graph_bytes=checked_bytes("graph_bytes", graph_bytes),
            exact=exact,
            **options,
        )
        exploration = opening_model(self.models, choices)
        before = Ahead.of(self, self.explored) if ahead else None
        worker = self._worker = Worker("xcnn-explain")
        self._strip = Thumbnails(self, exploration)
        self._saved = Atlases(self.models)
        self._link = BrushLink(self, worker, before)
        self._channel_panel = ChannelPanel(self, exploration)
        self._trust_panel = TrustPanel(self)
        self._panels = Panels(self, self._channel_panel, self._trust_panel)
        tell = self._panels.follow, self._link.tell
        self._answering = Answering(self, self.models, worker, self._saved, before, tell=tell)
        self._pointing = Pointing(self)
        self._saving = Saving(self, self.models, worker, self._saved)
        self.turn = self._answering.turn
        index, unreadable = exploration.first_readable(choices.get("image_index", 0))
        opening = {**opening_state(exploration, index), **models_state(self.models, choices)}
        super().__init__(**{**opening, **choices, "image_index": index})
        self.follow_models(self._answering.held, self._link.part)
        self._answering.open()
        if self.shown is not None:
            self.slice = choices.get("slice", self.shown.hottest_slice)
        self.observe(self._pointing.follow, ("pixel", "rather_than", "target", "image_index"))
        self.observe(self._follow, CHOICES)
        self.observe(self._read_again, "activation")
        self.observe(self._cancel_work, "_cancel")
        self.observe(self._open_brush, "_brush_wanted")
        self.observe(self._panels.changed, self._panels.traits)
        if unreadable:
            instead = f"{unreadable} ({exploration.pictures.name(index)} is shown instead)"
            self.error = self._opening_error = instead
        self._defaults = {name: getattr(self, name) for name in (*CHOICES, *LOOKS)}
        self._opened = True
        self._strip.open()

    def wait(self, timeout: float | None = None) -> None:
        """Block until work on other threads is done, and raise what went wrong there.

        Raises
        ------
        TimeoutError
            If it takes longer than `timeout` seconds.
        """
        self._worker.wait(timeout)
        self._strip.wait(timeout)
        self._panels.wait(timeout)

    def precompute(
        self,
        layers: Sequence[str] | None = None,
        targets: Sequence[int | str] | None = None,
        methods: Sequence[str] | None = None,
        images: Sequence[int] | None = None,
        classes: Literal["all"] | None = None,
        *,
        models: Sequence[str] | None = None,
        trust: bool = False,
    ) -> int:
        """Compute views ahead, for `to_html` and for quick answers.

        `status` tells their size, and which picture could not be read. With Cancel or an interrupt, what is done stays.

        Parameters
        ----------
        layers
            Names of layers that are offered; by default all of them.
        targets
            Classes, by index or name; by default the top five of each picture.
        methods
            Names of methods that are offered; by default all quick ones. Occlusion is saved with its patch and stride.
        images
            Indices of pictures; by default all up to 12, of more the one shown.
        classes
            ``all`` keeps all classes, at the last layer; if the network's head is not linear, `status` says so.
        models
            Names of models; by default all. Of more than four, by default only the layer that is shown.
        trust
            Whether the panel "Can I trust it?" is kept too, for the map that is chosen now; it takes seconds.

        Returns
        -------
        int
            The bytes of all that is saved so far.

        Raises
        ------
        TypeError, ValueError
            If there is no such layer, class, method or picture.
        """
        size = self._saving.precompute(layers, targets, methods, images, classes, models=models)
        if trust:
            self._trust_panel.save()
        return size

    def to_html(
        self, path: str | PathLike[str], title: str | None = None, precompute: bool = True
    ) -> None:
        """Write one HTML file that shows the widget, opens from disk, and needs neither kernel nor network.

        It offers what was computed ahead. A file that is there is replaced in one step.

        Parameters
        ----------
        path
            Where to write it.
        title
            What stands above the widget and in the browser's tab.
        precompute
            Whether to `precompute` the default views, unless some are there already.

        Raises
        ------
        OSError
            If the file cannot be written; one that was there stays as it was.
        RuntimeError
            If computing ahead was cancelled; nothing is written.
        """
        self.wait()
        if precompute:
            self._saving.precompute_unless_saved()
        write_whole(path, page(title, self.page_state()))

    def hide_and_see(self) -> OcclusionBrush:
        """Open an `OcclusionBrush` on what is shown, or return the one that is open: one a widget, and below it.

        Picture, method, layer and class follow each other both ways, until either is closed. What is returned here
        stays when the widget is closed; a brush that only the page has opened is closed with it.
        """
        return self._link.open(held=True)

    def close(self) -> None:
        """Close the widget on every page and free what it holds; the model stays as it was."""
        # Python also closes what its constructor refused to make.
        if self._opened:
            with self.turn():
                self._opened = False
                self._answering.close()
                self._panels.close()
                self._strip.close()
                if not self._link.part():
                    self.models.close()
                self._atlas = None
        super().close()

    def page_state(self) -> dict[str, Any]:
        """What a page without a kernel has to know: the view shown, and those computed ahead."""
        state = {**super().page_state(), "_brush": None, "_reading": standing(self._reading)}
        if self.shown is not None:
            self._saved.add(self.shown, self.comparison)
            state |= {"status": self.shown.status, "error": ""}
        return {**state, "_atlas": self._saved.state()}

    def keeps_to_itself(self, state: Mapping[str, Any]) -> bool:
        """Whether no code but the widget's own runs when the page sends a state."""
        ours = not self._link.is_open and {*state} <= {*CHOICES, *LOOKS, *PANELS}
        # An answer changes no look but the slice, which may not be there.
        return ours and not self.watchers.follow({*state}, {*LOOKS} - {"slice"})

    def _follow(self, change: Any) -> None:
        self._answering.follow(change)

    def _read_again(self, _: Any) -> None:
        if self._answering.follows:
            self._saved.clear()
            self._atlas = None
            self._answering.read_again()

    def _cancel_work(self, _: Any) -> None:
        self._answering.cancel()

    def _open_brush(self, _: Any) -> None:
        try:
            self._link.open(held=False)
        except Exception as error:
            self.error = in_words(error)

    def _free(self) -> None:
        self._answering.leave_off()
        self.models.forget()
        if self.shown is not None:
            self.shown = replace(self.shown, explanation=None)

    def _rest(self) -> None:
        if self.comm is not None:
            super()._rest()
            self._link.part()
            # A step that was under way has kept what it found.
            self._free()
            self._saved.clear()
            self._atlas = None
