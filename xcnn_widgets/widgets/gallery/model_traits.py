"""Which of a gallery's models is read, as traits."""

from __future__ import annotations

from typing import Any

import traitlets

from ...study import Source


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

    def present_class_names(self, source: Source) -> None:
        """Tell what each model calls its classes."""
        names, names_of = source.class_names()
        self._class_names, self._names_of = names, dict(names_of)


def models_state(source: Source) -> dict[str, Any]:
    """What the browser needs to offer several models; the first is read at first."""
    names = [*source.models]
    if not names:
        return {}
    return {"_models": names, "_names_of": source.class_names()[1], "model": names[0]}
