"""What a gallery offers to choose from, and whether a choice is among it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traitlets import TraitError

from ...methods import OFFERED, Method, method_named
from ...study import (
    BETWEEN_MODELS,
    MOST_ROWS,
    AskedSource,
    Request,
    Source,
    Work,
    layer_states,
    method_states,
    offered_styles,
)
from .model_traits import models_state
from .range_traits import checked_group, checked_range

USUAL = ("grad_cam", "guided_grad_cam")
_ONE_METHOD = "it takes two methods to disagree; choose a second one"
_NO_LABELS = "the pictures have no labels; give labels=[...], or a folder for each class"


def asked_methods(methods: Sequence[str | Method]) -> list[Method]:
    """The methods of names, and those made of other people's code.

    Raises
    ------
    TypeError, ValueError
        If they are no list of methods.
    """
    if isinstance(methods, str | Method):
        name = methods if isinstance(methods, str) else methods.name
        raise TypeError(f"methods is {name!r}; expected a list: [{name!r}]")
    return [method_named(each) for each in methods]


def unusual(methods: Sequence[Method]) -> list[Method]:
    """Those of the methods that are offered only where they are asked for."""
    return [method for method in methods if method.name not in OFFERED]


@dataclass(frozen=True)
class Offer:
    """The methods, layers, classes and pictures of a gallery.

    Attributes
    ----------
    source
        Where the answers come from.
    methods
        Those that need no more than a backward pass, and those asked for.
    asked
        The methods asked for, which have the first columns.
    layers
        The shape ``(C, h, w)`` of each layer, by name.
    first_layer
        The layer that stands for None.
    has_labels
        Whether there are true labels.
    drawn
        What the browser needs to draw the controls of methods and layers.
    """

    source: Source
    methods: list[Method]
    asked: list[Method]
    layers: dict[str, tuple[int, ...]]
    first_layer: str | None
    has_labels: bool
    drawn: Mapping[str, Any]

    @classmethod
    def of(cls, work: Work, index: int, asked: list[Method]) -> Offer:
        """What the model allows, found on a picture that it takes, and the methods asked for."""
        exploration = work.exploration
        methods = [each for each in exploration.methods(index) if not each.is_slow or each in asked]
        layers = exploration.layer_shapes(index)
        return cls(
            AskedSource(work, index),
            methods,
            asked,
            layers,
            exploration.default_layer(index),
            work.labels.are_known(index),
            {
                "_methods": method_states(methods, offered_styles(exploration, index)),
                "_layers": layer_states(layers, exploration.model),
            },
        )

    @property
    def method_names(self) -> list[str]:
        """The names of the methods."""
        return [method.name for method in self.methods]

    def state(self) -> dict[str, Any]:
        """Everything that the browser needs to draw the controls."""
        reading = self.source.reading
        return {
            "target": self.source.first_target(),
            "activation": reading["activation"],
            "_reading": reading,
            "layer": self.first_layer,
            "_images": {"total": self.source.count},
            "_class_names": self.source.class_names()[0],
            "_has_labels": self.has_labels,
            **self.drawn,
            **models_state(self.source),
        }

    def first_methods(self) -> list[str]:
        """The methods asked for; of the usual ones, which nobody may have asked for, those that the model allows."""
        offered, asked = self.method_names, [method.name for method in self.asked]
        usual = tuple(asked) == USUAL and not set(asked) <= set(offered)
        return offered[:2] if usual else asked

    def checked(self, name: str, value: Any, now: Request) -> Any:
        """A choice as the gallery keeps it, beside what else is chosen now.

        Raises
        ------
        TraitError
            If it is not offered; the message names the trait, the value and what there is.
        """
        try:
            found = _CHECKS[name](self, value, now)
            self.source.admit(name, found, now)
        except (TypeError, ValueError) as error:
            raise TraitError(f"{name} = {value!r}: {error}") from error
        return found

    def _index(self, value: Any, _: Request) -> int:
        count = self.source.count
        if isinstance(value, bool) or not 0 <= value < count:
            raise ValueError(f"there are {count} pictures, 0 to {count - 1}")
        return int(value)

    def _selected(self, value: Any, now: Request) -> int | None:
        count = self.source.count if now.rows == "pictures" else MOST_ROWS
        if value is not None and not 0 <= value < count:
            raise ValueError(f"expected 0 to {count - 1}, or None")
        return None if value is None else int(value)

    def _methods(self, value: Any, _: Request) -> list[str]:
        offered, chosen = self.method_names, list(dict.fromkeys(value))
        if not chosen or not set(chosen) <= set(offered):
            raise ValueError(f"choose one or more of {', '.join(map(repr, offered))}")
        return chosen

    def _layer(self, value: Any, _: Request) -> str | None:
        if value is None:
            return self.first_layer
        if value not in self.layers:
            offered = ", ".join(map(repr, self.layers)) or "none, for there is none"
            raise ValueError(
                f"choose one of {offered}; "
                "others have to be named when the gallery is made: layers=[...]"
            )
        return str(value)

    def _target(self, value: Any, _: Request) -> int | str:
        if value is None:
            return "predicted"
        if isinstance(value, str) and value == "label" and not self.has_labels:
            raise ValueError(_NO_LABELS)
        if isinstance(value, str) and value in ("predicted", "label"):
            return value
        try:
            return self.source.class_index(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{error}; or choose 'predicted' or 'label'") from error

    def _model(self, value: Any, _: Request) -> str | None:
        names = self.source.models
        if not names:
            if value is None:
                return None
            raise ValueError('there is one model; give several: {"before": one, "after": another}')
        if value is not None and value not in names:
            raise ValueError(f"choose one of {', '.join(map(repr, names))}")
        return str(names[0] if value is None else value)

    def _show_class(self, value: Any, now: Request) -> int | None:
        if callable(value):
            raise TypeError("expected one class, by index or name")
        return None if value is None else self.source.class_index(value, now.selection.model)

    def _show_label(self, value: Any, now: Request) -> int | None:
        if value is not None and not self.has_labels:
            raise ValueError(_NO_LABELS)
        return self._show_class(value, now)

    def _by_label(self, value: Any, now: Request) -> str:
        if value in BETWEEN_MODELS and not self.source.models:
            raise ValueError('there is one model; give several: {"before": one, "after": another}')
        if value in ("wrong", "right", "fixed", "broken") and not self.has_labels:
            raise ValueError(_NO_LABELS)
        if value == "disagreement" and len(now.ask.methods) < 2:
            raise ValueError(_ONE_METHOD)
        return str(value)

    def _show_value(self, value: Any, _: Request) -> list[float | None] | None:
        return checked_range(value)

    def _show_disagreement(self, value: Any, now: Request) -> list[float | None] | None:
        if value is not None and len(now.ask.methods) < 2:
            raise ValueError(_ONE_METHOD)
        return checked_range(value)

    def _show_group(self, value: Any, _: Request) -> int | None:
        return checked_group(value, len(self.drawn.get("_groups", {}).get("groups", [])))

    def _page(self, value: Any, now: Request) -> int:
        if value < 1:
            raise ValueError("pages are counted from 1")
        asks = now.rows == "pictures" and value > 1
        known = self.source.known_matches(now) if asks else None
        if known is not None:
            last = max(1, -(-known // now.page_size))
            if value > last:
                there = "is 1 page" if last == 1 else f"are {last} pages, 1 to {last}"
                raise ValueError(f"there {there}")
        return int(value)

    def _page_size(self, value: Any, _: Request) -> int:
        if not 1 <= value <= MOST_ROWS:
            raise ValueError(f"expected 1 to {MOST_ROWS} rows")
        return int(value)


_CHECKS: dict[str, Callable[[Offer, Any, Request], Any]] = {
    "image_index": Offer._index,
    "selected": Offer._selected,
    "methods": Offer._methods,
    "layer": Offer._layer,
    "target": Offer._target,
    "show_class": Offer._show_class,
    "show_label": Offer._show_label,
    "show_value": Offer._show_value,
    "show_disagreement": Offer._show_disagreement,
    "show_group": Offer._show_group,
    "order": Offer._by_label,
    "show": Offer._by_label,
    "page": Offer._page,
    "page_size": Offer._page_size,
    "model": Offer._model,
}
CHECKED = tuple(_CHECKS)
