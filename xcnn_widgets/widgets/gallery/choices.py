"""The gallery's choices, checked against the model and the pictures at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import traitlets
from traitlets import TraitError

from ...network.targets import class_indices
from ...study.asking import Ask
from ...study.order import Selection
from ...study.work import GalleryWork
from .view import MOST_ROWS, GalleryView

CHOICES = (
    "rows",
    "image_index",
    "layer",
    "target",
    "methods",
    "page",
    "page_size",
    "order",
    "show",
    "show_class",
    "show_text",
)
LOOKS = ("display", "opacity", "colormap", "common_range")


class GalleryChoices(GalleryView):
    """Traits that take only what the gallery can show; an error names the trait and the value."""

    _work: GalleryWork
    _first_layer: str | None = None
    """The layer that stands for None."""

    def _ask(self) -> Ask:
        return Ask(tuple(self.methods), self.layer, self.target)

    def _selection(self) -> Selection:
        return Selection(self.order, self.show, self.show_class, self.show_text)

    @traitlets.validate("image_index")
    def _valid_index(self, proposal: Any) -> int:
        count = len(self._work.exploration.pictures)
        if not 0 <= proposal.value < count:
            raise TraitError(
                f"image_index = {proposal.value}: there are {count} pictures, 0 to {count - 1}"
            )
        return int(proposal.value)

    @traitlets.validate("selected")
    def _valid_selected(self, proposal: Any) -> int | None:
        count = len(self._work.exploration.pictures) if self.rows == "pictures" else MOST_ROWS
        if proposal.value is not None and not 0 <= proposal.value < count:
            raise TraitError(f"selected = {proposal.value}: expected 0 to {count - 1}, or None")
        return None if proposal.value is None else int(proposal.value)

    @traitlets.validate("methods")
    def _valid_methods(self, proposal: Any) -> list[str]:
        offered = [method["name"] for method in self._methods]
        chosen = list(dict.fromkeys(proposal.value))
        if not chosen or not set(chosen) <= set(offered):
            raise TraitError(
                f"methods = {proposal.value!r}: choose one or more of {', '.join(map(repr, offered))}"
            )
        return chosen

    @traitlets.validate("layer")
    def _valid_layer(self, proposal: Any) -> str | None:
        offered = [layer["name"] for layer in self._layers]
        if proposal.value is None:
            return self._first_layer
        if proposal.value not in offered:
            raise TraitError(
                f"layer = {proposal.value!r}: choose one of {', '.join(map(repr, offered)) or 'none, for there is none'}; "
                "others have to be named when the gallery is made: layers=[...]"
            )
        return str(proposal.value)

    @traitlets.validate("target")
    def _valid_target(self, proposal: Any) -> int | str:
        target = "predicted" if proposal.value is None else proposal.value
        if isinstance(target, str) and target == "label" and not self._has_labels:
            raise TraitError(
                "target = 'label': the pictures have no labels; give labels=[...], or a folder for each class"
            )
        if isinstance(target, str) and target in ("predicted", "label"):
            return target
        try:
            return self._class_index(target)
        except (TypeError, ValueError) as error:
            raise TraitError(
                f"target = {target!r}: {error}; or choose 'predicted' or 'label'"
            ) from error

    @traitlets.validate("show_class")
    def _valid_show_class(self, proposal: Any) -> int | None:
        if proposal.value is None:
            return None
        try:
            return self._class_index(proposal.value)
        except (TypeError, ValueError) as error:
            raise TraitError(f"show_class = {proposal.value!r}: {error}") from error

    @traitlets.validate("order", "show")
    def _valid_by_label(self, proposal: Any) -> str:
        if proposal.value in ("wrong", "right") and not self._has_labels:
            raise TraitError(
                f"{proposal.trait.name} = {proposal.value!r}: the pictures have no labels; "
                "give labels=[...], or a folder for each class"
            )
        if proposal.value == "disagreement" and len(self.methods) < 2:
            raise TraitError(
                "order = 'disagreement': it takes two methods to disagree; choose a second one"
            )
        return str(proposal.value)

    @traitlets.validate("page")
    def _valid_page(self, proposal: Any) -> int:
        if proposal.value < 0:
            raise TraitError(f"page = {proposal.value}: pages are counted from 0")
        if self.rows == "pictures" and self._selection().is_everything:
            last = (len(self._work.exploration.pictures) - 1) // self.page_size
            if proposal.value > last:
                raise TraitError(
                    f"page = {proposal.value}: there are {last + 1} pages, 0 to {last}"
                )
        return int(proposal.value)

    @traitlets.validate("page_size")
    def _valid_page_size(self, proposal: Any) -> int:
        if not 1 <= proposal.value <= MOST_ROWS:
            raise TraitError(f"page_size = {proposal.value}: expected 1 to {MOST_ROWS} rows")
        return int(proposal.value)

    def _class_index(self, target: Any) -> int:
        count = self._work.labels.class_count
        assert count is not None
        if isinstance(target, str):
            target = self._work.exploration.class_names.index(target)
        elif isinstance(target, Sequence) or callable(target):
            raise TypeError("expected one class, by index or name")
        found = class_indices(target, torch.empty(1, count))
        assert found is not None
        return found[0]
