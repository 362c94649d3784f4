"""The explainer's brush: made when it is asked for, and kept in step with the explainer's choices."""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets
from traitlets import TraitError

from ..brush.choices import LINKED
from ..brush.widget import OcclusionBrush
from ..live_view import in_words
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
            brush = OcclusionBrush._beside(self, {**chosen, "opacity": self.opacity})
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
        brush._stand_alone()
        return True

    def _tell_brush(self, _: Any) -> None:
        """Hand on what is shown; what is not answered yet follows with its answer."""
        brush, choice = self._brush, self._choice()
        if brush is None or not self._following or self._exploration.found(choice) is None:
            return
        code_asks = getattr(self._origin, "depth", 0) > 0 and not self._from_browser
        if code_asks:
            brush._take_choice(choice)
        else:
            brush._by_hand(lambda: brush._take_choice(choice))

    def _follow_brush(self, change: Any, *, by_page: bool) -> None:
        """Take a choice that was made at the brush; it shows no heatmap where there is no method."""
        if change.new is None and change.name == "method":
            return
        outer, self._origin.browser = self._from_browser, by_page
        try:
            if getattr(self, change.name) != change.new:
                setattr(self, change.name, change.new)
        except TraitError as error:
            if not by_page:
                raise
            self.error = str(error)
        finally:
            self._origin.browser = outer

    def _page_state(self) -> dict[str, Any]:
        return {**super()._page_state(), "_brush": None}
