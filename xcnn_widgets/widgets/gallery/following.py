"""An explorer beside a gallery: it shows what is selected there, with its true label."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from traitlets import TraitError

from ...study import Ask, Work, asked_of
from ..explorer.widget import ExplainerWidget
from .view import GalleryView

_FOLLOWED = ["selected", "image_index", "rows"]


def selected_picture(gallery: GalleryView) -> int | None:
    """The picture that is selected; in a comparison of layers or classes, the one that is compared."""
    return gallery.selected if gallery.rows == "pictures" else gallery.image_index


def follow_selection(explorer: ExplainerWidget, gallery: GalleryView, work: Work) -> None:
    """Let an explorer show what is selected in a gallery, until either is closed."""

    def follow(_: Any) -> None:
        if explorer.shown is None:
            gallery.unobserve(follow, _FOLLOWED)
        elif gallery.is_open:
            try:
                for name, value in _selected_view(gallery).items():
                    setattr(explorer, name, value)
            except TraitError as error:
                explorer.error = str(error)

    gallery.observe(follow, _FOLLOWED)
    follow(None)
    if gallery.offer.has_labels:
        # It may outlive the gallery.
        explorer.tell_labels(partial(_true_label, explorer, work), explorer.image_index)


class ExplorerLink:
    """The explorer that the page opens below a gallery; there is one at most, and it is closed with the gallery.

    Parameters
    ----------
    gallery
        The widget.
    make
        Makes an explorer that follows it.
    """

    def __init__(self, gallery: GalleryView, make: Callable[[], ExplainerWidget]) -> None:
        self._gallery = gallery
        self._make = make
        self._explorer: ExplainerWidget | None = None

    def open(self) -> None:
        """Put an explorer below the gallery on every page, unless there is one."""
        if self._explorer is None:
            self._explorer = self._make()
            self._explorer.observe(self._forget, "comm")
            self._gallery.present_explorer(self._explorer)

    def close(self) -> None:
        """Close it."""
        if self._explorer is not None:
            self._explorer.close()

    def _forget(self, change: Any) -> None:
        if change.new is None and self._explorer is not None:
            self._explorer.unobserve(self._forget, "comm")
            self._explorer = None
            self._gallery.present_explorer(None)


def _selected_view(gallery: GalleryView) -> dict[str, Any]:
    """What is selected, as an explorer's choices."""
    index = selected_picture(gallery)
    view = {} if index is None else {"image_index": index}
    selected = None if gallery.rows == "pictures" else gallery.selected
    row = None if selected is None else gallery.row(selected)
    for state in row["maps"].values() if row is not None else ():
        view["target"] = state["target"]["index"]
        if state["layer"] is not None:
            view["layer"] = state["layer"]
    return view


def _true_label(explorer: ExplainerWidget, first: Work, index: int) -> dict[str, Any] | None:
    """A picture's label as a page shows it, and whether the explorer's model is right; None where there is none."""
    work, _ = asked_of(first, explorer.model, Ask((), None, "predicted"))
    with work.exploration.reading:
        label = work.labels.of(index)
    if label is None:
        return None
    verdict = work.findings.verdicts.get(index)
    name = work.exploration.answers.name(label) if isinstance(label, int) else label
    return {"name": name, "right": None if verdict is None else verdict.right}
