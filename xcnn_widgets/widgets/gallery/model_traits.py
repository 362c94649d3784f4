"""Which of a gallery's models is read, as traits."""

from __future__ import annotations

from typing import Any

import traitlets

from ...study import Work, class_names_of


class ModelTraits(traitlets.HasTraits):
    """The traits of a gallery of several models; of one alone they are empty."""

    model: Any = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """Of several models the one that is read: `metrics` are of its maps; orders by confidence and by metrics, the filters
    ``wrong``, ``right``, `show_class` and `show_label`, and the confusion matrix go by what it says. What is explained
    stays what the first one says. None of a model that has no name."""

    _models = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """The names."""
    _names_of = traitlets.Dict().tag(sync=True)
    """The class names of those that have other ones than the first, by model."""

    def present_class_names(self, work: Work) -> None:
        """Tell what each model calls its classes; the first one's work."""
        self._class_names = work.exploration.answers.names()
        self._names_of = class_names_of(work)


def models_state(work: Work) -> dict[str, Any]:
    """What the browser needs to offer several models; the first is read at first."""
    if not work.others:
        return {}
    names = [work.name, *(other.name for other in work.others)]
    return {"_models": names, "_names_of": class_names_of(work), "model": work.name}
