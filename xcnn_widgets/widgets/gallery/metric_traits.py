"""Metrics beside the maps of a gallery, as traits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from ...metrics import ROW_METRICS, Faithfulness
from ...study import Numbers
from ..live_view import LiveView


class MetricTraits(LiveView):
    """Which metrics have a column, what they say of the pictures, and of all of them together."""

    metrics = traitlets.List(traitlets.Enum([*ROW_METRICS])).tag(sync=True)
    """Metrics that have a column beside the maps: of ``deletion``, ``insertion``, ``road`` and ``randomisation`` (the
    size of the rank correlation with the map of the network with random weights). They are computed for the page that is shown."""

    _numbers = traitlets.Dict().tag(sync=True)
    _trust = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    _trust_wanted = traitlets.Int(0).tag(sync=True)

    def present_numbers(self, numbers: Mapping[int, Numbers], *, anew: bool = False) -> None:
        """Tell every page the metrics of some pictures, beside those told before or in their place."""
        before = {} if anew else self._numbers
        self._numbers = {**before, **{str(index): told for index, told in numbers.items()}}

    def present_trust(
        self, found: Faithfulness | None, left_out: int = 0, model: str | None = None
    ) -> None:
        """Tell every page what the metrics say of all pictures, of several models by which one; None takes it away."""
        named = {} if model is None else {"model": model}
        self._trust = None if found is None else {**trust_state(found, left_out), **named}


def trust_state(found: Faithfulness, left_out: int) -> dict[str, Any]:
    """Means and intervals by metric and method, as a page takes them, and in words what they decide."""
    pictures = found.values.shape[2]
    intervals = found.intervals().tolist() if pictures else []
    return {
        "methods": list(found.rows),
        "metrics": list(found.metrics),
        "pictures": pictures,
        "left_out": left_out,
        "intervals": intervals,
        "sentences": found.sentences() if pictures else [],
    }
