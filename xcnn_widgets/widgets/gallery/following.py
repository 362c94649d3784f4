"""An explorer beside a gallery: it shows what is selected there."""

from __future__ import annotations

from typing import Any

from traitlets import TraitError

from ..explorer.widget import ExplainerWidget
from .view import GalleryView

_FOLLOWED = ["selected", "image_index", "rows"]


def selected_picture(gallery: GalleryView) -> int | None:
    """The picture that is selected; in a comparison of layers or classes, the one that is compared."""
    return gallery.selected if gallery.rows == "pictures" else gallery.image_index


def follow_selection(explorer: ExplainerWidget, gallery: GalleryView) -> None:
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
