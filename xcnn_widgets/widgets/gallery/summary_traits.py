"""How well the model does on all pictures, as traits."""

from __future__ import annotations

import traitlets

from ...study import Summary


class SummaryTraits(traitlets.HasTraits):
    """What the model said about all pictures; None as long as it has not seen them."""

    _summary = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    _summary_wanted = traitlets.Int(0).tag(sync=True)

    def present_summary(self, summary: Summary | None) -> None:
        """Tell every page how well the model does on all pictures."""
        self._summary = None if summary is None else summary.state()

    def summary_is_missing(self) -> bool:
        """Whether it is not told yet how well the model does."""
        return self._summary is None

    def forget_disagreements(self) -> None:
        """Tell no page any more how far methods disagree: others are shown now, or others of their maps."""
        if self._summary is None:
            return
        first, *beside = (
            {**each, "distributions": {**each["distributions"], "disagreement": None}}
            for each in (self._summary, *self._summary.get("beside", []))
        )
        self._summary = {**first, **({"beside": beside} if beside else {})}
