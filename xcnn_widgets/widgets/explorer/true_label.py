"""The true label of the picture that an explorer shows, where somebody knows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

LabelOf = Callable[[int], dict[str, Any] | None]


class HasTrueLabel(traitlets.HasTraits):
    """A view that tells the true label beside the prediction."""

    _true_label = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    """Its ``name``, and whether the model is ``right``; None where it is not known."""

    _label_of: LabelOf | None = None

    def tell_labels(self, label_of: LabelOf, index: int) -> None:
        """From now on tell the true label of each picture; the one shown has an index."""
        self._label_of = label_of
        self._true_label = label_of(index)

    def label_traits(self, index: int) -> dict[str, Any]:
        """What to set when a picture is shown."""
        return {} if self._label_of is None else {"_true_label": self._label_of(index)}
