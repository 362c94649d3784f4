"""Hide a part of a picture by hand, and watch the network's answer move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
from torch import Tensor

from ...imaging import Mask, mask_from_heatmap
from ...pages import page, write_whole
from ...study import Choice, Exploration, Hiding
from ..checks import model_options, require_pictures
from ..live_view import refuse_unknown
from ..thumbnails import Thumbnails
from .answering import Answering
from .canvas import BrushCanvas
from .following import Following
from .opening import opening_state
from .origin import Origin
from .painting import Painting
from .partner import Partner
from .underlay import Underlay
from .view import CHOICES, BrushView

ACTIONS = ("undo", "redo", "clear", "invert", "paint_map", "begin_challenge", "return_to")
"""What buttons of a page ask for."""


class OcclusionBrush(BrushView):
    """Paint over a part of a picture and see how the network's answer moves.

    Every choice is a trait that can be set, observed and linked: `image_index`, `mask`, `fill`, `target`, `method`,
    `layer`, `opacity`, `blend`, `colormap`, `fraction`, `tool`, `size`, `goal`, `seed`. Setting one from Python computes before it returns, and raises if
    it cannot; what is done on screen never raises: the cause and the way out then stand in `error` and in the widget.

    On the picture, arrow keys move the cursor (with Shift by one pixel), Space paints, Enter ends a rectangle or an
    ellipse that Space began, Escape gives it up, Ctrl+Z and Ctrl+Y undo and redo.

    Parameters
    ----------
    model_or_explainer, images, class_names
        As `ExplainerWidget` takes them.
    target
        The class watched, by index or name; a callable from the model's output to one scalar a sample; None is the
        predicted class.
    **choices
        Any of the traits above, to start with; and how the model is asked, as for `ExplainerWidget`.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        If an argument does not fit; the message names it, what was expected and the way out.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1),
    ...                             torch.nn.Flatten())
    >>> brush = OcclusionBrush(model, {"noise": torch.rand(3, 48, 64)}, ["a", "b", "c", "d"], target="b")
    >>> mask = np.zeros((48, 64), bool)
    >>> mask[:12] = True
    >>> brush.mask = mask
    >>> brush
    OcclusionBrush(image='noise', fill='mean', target='b', hidden=25.0%)
    """

    _done = 0
    """The number of the last wish of a page that was done."""

    def __init__(
        self,
        model_or_explainer: Any,
        images: Any,
        class_names: Sequence[str] | Mapping[int, str] | None = None,
        *,
        target: Any = None,
        **choices: Any,
    ) -> None:
        choices["target"] = target
        options = model_options(choices)
        refuse_unknown(choices, CHOICES)
        exploration = Exploration(model_or_explainer, images, class_names, **options)
        self._begin(exploration, choices)

    @classmethod
    def beside(
        cls, partner: Partner, exploration: Exploration, choices: dict[str, Any]
    ) -> OcclusionBrush:
        """A brush that shares all that its partner found out, and is in step with it.

        Parameters
        ----------
        partner
            Who follows the brush's choices; what it chooses itself it tells by `follow`.
        exploration
            The partner's; the brush leaves it open when it is closed.
        choices
            As the constructor takes them.
        """
        brush = cls.__new__(cls)
        brush._begin(exploration, choices, partner)
        return brush

    def _begin(
        self, exploration: Exploration, choices: dict[str, Any], partner: Partner | None = None
    ) -> None:
        require_pictures(exploration, "OcclusionBrush")
        index, unreadable = exploration.first_readable(choices.pop("image_index", 0))
        exploration.predictions(index)
        self._exploration, self._hiding = exploration, Hiding(exploration)
        self.turn = self.own_turn if partner is None else partner.turn
        state = opening_state(exploration, index)
        self._canvas_layers = BrushCanvas()
        super().__init__(_canvas=self._canvas_layers.widget, image_index=index, **state)
        self._opened = True
        origin = self._origin = Origin(self)
        self._painting = Painting(
            self, self._hiding, self._canvas_layers, self._stroke_goes_on, self.show_steps
        )
        self._answering = Answering(self, self._hiding, origin)
        self._underlay = Underlay(self, exploration, self._canvas_layers, origin, partner)
        self._following = Following(self, self._painting, self._answering, self._underlay, origin)
        self._strip = Thumbnails(self, exploration)
        try:
            self._open(choices)
        except BaseException:
            self.close()
            raise
        if unreadable:
            shown = exploration.pictures.name(index)
            origin.tell("answer", f"{unreadable} ({shown} is shown instead)")
        self._strip.open()

    @property
    def masked_input(self) -> Tensor:
        """What the network is given: ``float32`` ``(C, H, W)``, bit for bit the input outside the mask."""
        return self._hiding.masked_input(self.image_index, self.mask, self.fill)

    def undo(self) -> None:
        """Take back the last step."""
        self._painting.undo()

    def redo(self) -> None:
        """Do again what was undone."""
        self._painting.redo()

    def clear(self) -> None:
        """Hide nothing."""
        self.mask = np.zeros_like(self.mask)

    def invert(self) -> None:
        """Hide what is shown, and show what is hidden: keep only what was painted."""
        self.mask = ~self.mask

    def paint_map(self, fraction: float | None = None) -> None:
        """Hide the share of the picture that the heatmap finds most important; without a heatmap, show one.

        Parameters
        ----------
        fraction
            The share, 0 to 1; None is the trait `fraction`.
        """
        if self.method is None:
            self.method = self._exploration.methods(self.image_index)[0].name
        share = self.fraction if fraction is None else fraction
        # A map on its way is waited for: the question is what it says.
        self._underlay.wait()
        self.mask = mask_from_heatmap(self.heatmap, share)

    def begin_challenge(self) -> None:
        """Set a `goal` for the class that is watched, below what the network says of the whole picture."""
        self.goal = self._answering.goal_below_the_start()

    def return_to(self, position: int) -> None:
        """Go back to an attempt of the `history`, by its position there: 0 is the first, -1 the last."""
        chosen = self.history[position]
        self.image_index = chosen["image_index"]
        self.fill, self.target, self.mask = chosen["fill"], chosen["target_index"], chosen["mask"]

    def wait(self, timeout: float | None = None) -> None:
        """Block until work on other threads is done, and raise what went wrong there.

        Raises
        ------
        TimeoutError
            If it takes longer than `timeout` seconds.
        """
        for each in (self._underlay, self._answering, self._strip):
            each.wait(timeout)

    def follow(self, choice: Choice, *, by_page: bool) -> None:
        """Take over picture, method, layer and class of a partner, which has the answer to them.

        What a page asked for raises nothing: what goes wrong then stands in `error`.
        """
        if by_page:
            self._origin.by_page(self._following.take, choice)
        else:
            self._following.take(choice)

    def stand_alone(self) -> None:
        """Go on without the partner; what both found out goes when this brush is closed."""
        self._underlay.partner, self.turn = None, self.own_turn

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser sends, then do what its buttons asked for."""
        super().set_state(sync_data)
        # With nothing in hand, for some of it waits for a map.
        for number, action, *about in self._wanted:
            if number > self._done and action in ACTIONS:
                self._done = number
                self._origin.by_page(getattr(self, action), *about)

    def to_html(self, path: str | PathLike[str], title: str | None = None) -> None:
        """Write one HTML file that shows the brush as it stands; painting needs a kernel.

        Parameters
        ----------
        path
            Where to write it. A file that is there is replaced in one step.
        title
            What stands above the brush and in the browser's tab.

        Raises
        ------
        OSError
            If the file cannot be written; one that was there stays as it was.
        """
        self.wait()
        write_whole(path, page(title, {**self.page_state(), "_canvas": None}))

    def close(self) -> None:
        """Close the widget on every page and free what it holds; the model stays as it was."""
        # Python also closes what its constructor refused to make.
        if self._opened:
            self._opened = False
            alone = self._underlay.partner is None
            self._strip.close()
            held = (self._origin, self._following, self._answering, self._underlay, self._hiding)
            for each in (*held, self._canvas_layers):
                each.close()
            if alone:
                self._exploration.close()
            self.history, self.heatmap, self.challenge = (), None, None
            self.layout.close()
        super().close()

    def _open(self, choices: dict[str, Any]) -> None:
        layer = self._exploration.default_layer(self.image_index)
        first = {"mask": self._painting.strokes.mask, "layer": layer}
        given = {name: value for name, value in choices.items() if value is not None}
        for name, value in {**first, **given}.items():
            setattr(self, name, value)
        self._painting.strokes.put(self.mask)
        self._following.start()
        self._defaults = {name: getattr(self, name) for name in CHOICES if name != "mask"}
        self._canvas_layers.listen(
            lambda kind, at: self._origin.by_page(self._painting.hand.pointer, kind, at),
            lambda *key: self._origin.by_page(self._painting.hand.key, *key),
        )

    def _stroke_goes_on(self, mask: Mask) -> None:
        if self._underlay.partner is not None:
            self._underlay.partner.leave_off()
        self._answering.ask_meanwhile(mask)

    def _free(self) -> None:
        if self._opened and self._underlay.partner is None:
            self._exploration.forget()

    def _rest(self) -> None:
        if self.comm is not None:
            super()._rest()
            self._free()
            self._canvas_layers.close()
            self._canvas = None
            self.layout.close()

    def _wake(self) -> None:
        self.layout.open()
        self._canvas_layers.reopen()
        self._canvas = self._canvas_layers.widget
        super()._wake()
        self._painting.show()
        self._underlay.lay()
