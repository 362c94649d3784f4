"""What of the picture shown is hot enough to be painted: by value, by share, and as a region."""

from __future__ import annotations

from dataclasses import replace

import traitlets

from ...imaging import HeatRegion, PaintLook, hot_mask
from ...study import Exploration, Shown
from ..live_view import LiveView


class HotRegion(LiveView):
    """The two thresholds, and the region that is above both."""

    shown: Shown | None

    @property
    def exploration(self) -> Exploration:
        """The model with its pictures."""
        raise NotImplementedError

    threshold = traitlets.Float(0.0, min=0.0, max=1.0).tag(sync=True)
    """Heatmap values below it are left transparent, 0 to 1."""

    top_share = traitlets.Float(1.0, min=0.01, max=1.0).tag(sync=True)
    """The share of the picture that is painted at most, its hottest pixels: 0.1 for the top 10 %."""

    def look(self) -> PaintLook:
        """How the map is painted, for Python to paint it likewise."""
        return replace(super().look(), threshold=self.threshold, top_share=self.top_share)

    def region(self) -> HeatRegion:
        """Where the heatmap is at or above `threshold`, and within `top_share`.

        Returns
        -------
        HeatRegion
            ``.mask``, ``.boxes`` and ``.crop()``.

        Raises
        ------
        RuntimeError
            If nothing is shown yet.
        ValueError
            If a signal or a volume is shown.
        """
        shown = self.shown
        if shown is None:
            raise RuntimeError("there is no region yet: no picture was explained")
        heatmap = shown.heatmap
        if heatmap.ndim != 2:
            raise ValueError(
                f"the heatmap has the shape {heatmap.shape}; a region is one of a picture (H, W)"
            )
        picture = self.exploration.prepared(shown.choice.image_index).picture
        return HeatRegion(hot_mask(heatmap, self.threshold, self.top_share), picture, heatmap)
