"""Hide a part of a picture by hand, and watch the network's answer move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from ...imaging.masking import mask_from_heatmap
from ...study.challenge import BrushChallenge
from ...study.exploration import Exploration
from ...study.hiding import Answer, BrushAnswers
from ..live_view import refuse_unknown, with_picture
from .canvas import BrushCanvas
from .choices import ANSWERED, CHOICES, MAPPED, SCORED
from .controls import BrushControls
from .hand import BrushHand
from .html import verdict
from .page import BrushPage
from .strokes import Strokes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..explorer.widget import ExplainerWidget


class OcclusionBrush(BrushPage):
    """Paint over a part of a picture and see how the network's answer moves.

    Every choice is a trait that can be set, observed and linked: `image_index`, `mask`, `fill`, `target`, `method`,
    `layer`, `opacity`, `fraction`, `tool`, `size`, `goal`, `seed`. Setting one from Python computes before it returns, and raises if
    it cannot; what is done on screen never raises: the cause and the way out then stand in `error` and in the widget.

    On the picture, arrow keys move the cursor (with Shift by one pixel), Space paints, Enter ends a rectangle or an
    ellipse that Space began, Escape gives it up, Ctrl+Z and Ctrl+Y undo and redo.

    Parameters
    ----------
    model_or_explainer, images, class_names, transform
        As `ExplainerWidget` takes them.
    target
        The class watched, by index or name; None is the predicted class.
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
    >>> brush = OcclusionBrush(model, {"noise": torch.rand(3, 48, 64)}, ["a", "b", "c", "d"], target="b")
    >>> mask = np.zeros((224, 224), bool)
    >>> mask[:56] = True
    >>> brush.mask = mask
    >>> brush
    OcclusionBrush(image='noise', fill='mean', target='b', hidden=25.0%)
    """

    def __init__(
        self,
        model_or_explainer: Any,
        images: Any,
        class_names: Sequence[str] | Mapping[int, str] | None = None,
        *,
        target: int | str | None = None,
        transform: Callable[[Any], Any] | None = None,
        **choices: Any,
    ) -> None:
        self._opened = self._following = False
        refuse_unknown(choices, ("target", *CHOICES))
        exploration = Exploration(model_or_explainer, images, class_names, transform=transform)
        self._begin(exploration, {"target": target, **choices})

    @classmethod
    def _beside(cls, explainer: ExplainerWidget, choices: dict[str, Any]) -> OcclusionBrush:
        """A brush that shares all that an explainer found out, and follows it."""
        brush = cls.__new__(cls)
        brush._opened = brush._following = False
        brush._begin(explainer._exploration, choices, partner=explainer)
        return brush

    def _begin(
        self,
        exploration: Exploration,
        choices: dict[str, Any],
        partner: ExplainerWidget | None = None,
    ) -> None:
        self._exploration, self._partner = exploration, partner
        index, unreadable = exploration.first_readable(choices.pop("image_index", 0))
        exploration.predictions(index)
        self._answers = BrushAnswers(exploration)
        self._challenger = BrushChallenge(self._answers)
        height, width = exploration.prepared(index).picture.shape[:2]
        self._strokes = Strokes((height, width))
        self._hand = BrushHand(self)
        self._canvas = BrushCanvas(self._pointer, self._key)
        self._controls = BrushControls(
            self._canvas.widget,
            [exploration.pictures.name(i) for i in range(len(exploration.pictures))],
            [(method.label, method.name) for method in exploration.methods(index)],
            exploration.layers(index),
            list(dict.fromkeys(exploration.class_names.as_list())),
        )
        super().__init__(children=self._controls.children)
        self.add_class("xcnn-brush")
        self._opened = True
        try:
            self._open({"image_index": index, **choices})
        except BaseException:
            self.close()
            raise
        if unreadable:
            self._tell(
                "answer", f"{unreadable} ({exploration.pictures.name(index)} is shown instead)"
            )

    @property
    def masked_input(self) -> Tensor:
        """What the network is given: ``float32`` ``(C, H, W)``, bit for bit the input outside the mask."""
        return self._answers.masked_input(self.image_index, self.mask, self.fill)

    def undo(self) -> None:
        """Take back the last step."""
        if self._strokes.undo():
            self.mask = self._strokes.mask

    def redo(self) -> None:
        """Do again what was undone."""
        if self._strokes.redo():
            self.mask = self._strokes.mask

    def clear(self) -> None:
        """Hide nothing."""
        self.mask = np.zeros_like(self.mask)

    def invert(self) -> None:
        """Hide what is shown, and show what is hidden: keep only what was painted."""
        self.mask = ~self.mask

    def paint_map(self, fraction: float | None = None) -> None:
        """Hide the share of the picture that the heatmap finds most important; without a heatmap, show one."""
        if self.method is None:
            self.method = self._exploration.methods(self.image_index)[0].name
        share = self.fraction if fraction is None else fraction
        # A map on its way is waited for: the question is what it says.
        self._mapper.wait()
        self.mask = mask_from_heatmap(self.heatmap, share)

    def return_to(self, position: int) -> None:
        """Go back to an attempt of the `history`."""
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
        self._mapper.wait(timeout)
        self._worker.wait(timeout)

    def figure(self) -> Figure:
        """Draw what is shown as a matplotlib figure: the picture, what the network is given, and the bars."""
        from .figure import brush_figure

        if self.answer is None:
            raise RuntimeError(f"there is nothing to draw yet: {self.error or 'nothing was asked'}")
        prepared = self._exploration.prepared(self.image_index)
        hidden = np.where(self.mask[:, :, None], self._fill_picture(), prepared.picture)
        title = self.status if self.challenge is None else verdict(self.challenge)
        return brush_figure(prepared.picture, hidden, self.answer, title=title)

    def close(self) -> None:
        """Close the widget on every page and free what it holds; the model stays as it was."""
        # Python also closes what its constructor refused to make.
        if self._opened:
            self._opened = self._following = False
            self._worker.cancel()
            self._mapper.cancel()
            self._canvas.close()
            self._controls.close()
            self._answers.close()
            self._challenger.close()
            if self._partner is None:
                self._exploration.close()
            self._partner = None
            self.history, self.heatmap, self.challenge, self._shown = (), None, None, {}
            self.layout.close()
        super().close()

    def __repr__(self) -> str:
        if not self._opened or self.answer is None:
            return "OcclusionBrush(nothing shown)"
        image = self._exploration.pictures.name(self.image_index)
        answer: Answer = self.answer
        return (
            f"OcclusionBrush(image={image!r}, fill={self.fill!r}, target={answer.target.name!r}, "
            f"hidden={answer.hidden:.1%})"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        if not self._opened or bundle is None or self.answer is None:
            return bundle
        return with_picture(bundle, self.figure())

    def _open(self, choices: dict[str, Any]) -> None:
        mask = choices.pop("mask", None)
        layer = choices.get("layer") or self._exploration.default_layer(choices["image_index"])
        choices["layer"] = layer
        for name, value in choices.items():
            setattr(self, name, value)
        self._open_picture()
        if mask is not None:
            self.mask = mask
            self._strokes.put(self.mask)
        self._follow_controls()
        self._draw_mask()
        self._answer()
        self._map()
        self.observe(self._follow, ANSWERED)
        self.observe(self._follow_map, MAPPED)
        self.observe(self._follow_goal, SCORED)
        self._following = True
