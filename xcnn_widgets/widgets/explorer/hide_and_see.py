"""The explainer's brush: made when it is asked for, and kept in step with the explainer's choices."""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets
from traitlets import TraitError

from ...study.words import in_words
from ..brush import LINKED, OcclusionBrush
from .choices import CHOICES
from .saving import ExplainerSavedViews

_TOLD = (*CHOICES, "_map")


class ExplainerHiding(ExplainerSavedViews):
    """Opens an `OcclusionBrush` on the picture, method, layer and class that are shown, linked both ways.

    Both share what was found out about the model. The brush asks for a heatmap only where the explainer has none.
    """

    _brush: Any = traitlets.Instance(ipywidgets.Widget, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )
    _brush_wanted = traitlets.Int(0).tag(sync=True)

    def __init__(self, **state: Any) -> None:
        self._handed_out = False
        super().__init__(**state)
        self.observe(self._open_for_page, "_brush_wanted")

    def hide_and_see(self) -> OcclusionBrush:
        """Open an `OcclusionBrush` on what is shown, or return the one that is open; it stands below the widget.

        Picture, method, layer and class follow each other both ways, until either is closed. What is returned here
        stays when the widget is closed; a brush that only the page has opened is closed with it.

        Returns
        -------
        OcclusionBrush
            One for each widget.
        """
        brush = self._open_brush()
        self._handed_out = True
        return brush

    def _open_for_page(self, _: Any) -> None:
        try:
            self._open_brush()
        except Exception as error:
            self.error = in_words(error)

    def _open_brush(self) -> OcclusionBrush:
        if self._brush is None:
            chosen = {name: getattr(self, name) for name in LINKED}
            choices = {**chosen, "opacity": self.opacity}
            brush = OcclusionBrush.beside(_Partner(self), self._exploration, choices)
            self._handed_out = False
            brush.observe(self._forget_brush, "comm")
            self.observe(self._tell_brush, _TOLD)
            self._brush = brush
        found: OcclusionBrush = self._brush
        return found

    def _forget_brush(self, change: Any) -> None:
        if change.new is None:
            self._unlink()

    def _unlink(self) -> None:
        self._brush.unobserve(self._forget_brush, "comm")
        self.unobserve(self._tell_brush, _TOLD)
        self._brush = None

    def _part_from_brush(self) -> bool:
        """Go on without the brush; tell whether it lives on, with all that was found out."""
        brush = self._brush
        if brush is None:
            return False
        if not self._handed_out:
            brush.close()
            return False
        self._unlink()
        brush.stand_alone()
        return True

    def _tell_brush(self, _: Any) -> None:
        """Hand on what is shown; what is not answered yet follows with its answer."""
        brush, choice = self._brush, self._choice()
        if brush is None or not self._following or self._exploration.found(choice) is None:
            return
        code_asks = getattr(self._origin, "depth", 0) > 0 and not self._from_browser
        brush.follow(choice, by_page=not code_asks)

    def _follow_brush(self, name: str, value: Any, *, by_page: bool) -> None:
        """Take a choice that was made at the brush; it shows no heatmap where there is no method."""
        if value is None and name == "method":
            return
        outer, self._origin.browser = self._from_browser, by_page
        try:
            if getattr(self, name) != value:
                setattr(self, name, value)
        except TraitError as error:
            if not by_page:
                raise
            self.error = str(error)
        finally:
            self._origin.browser = outer

    def _page_state(self) -> dict[str, Any]:
        return {**super()._page_state(), "_brush": None}


class _Partner:
    """An explainer as its brush knows it."""

    def __init__(self, explainer: ExplainerHiding) -> None:
        self._explainer = explainer
        self.follow = explainer._follow_brush
        self.leave_off = explainer._leave_off
        self.settle = explainer._worker.settle

    @property
    def window(self) -> tuple[int, int]:
        return self._explainer.patch, self._explainer.stride
