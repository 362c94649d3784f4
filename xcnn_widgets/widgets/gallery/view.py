"""What the gallery shows and chooses, as traits; no logic."""

from __future__ import annotations

from typing import Any

import traitlets

from ..live_view import LiveView

# A page is for looking at; what is longer is another page.
MOST_ROWS = 100


class GalleryView(LiveView):
    """The traits that Python and the browser share.

    Each row of the page is a trait of its own, so that rows arrive one by one, and a page that is shown again
    is complete at once. Looks are drawn by the browser alone and cost no message.
    """

    _drawn_as = "gallery"

    # Choices.
    rows = traitlets.Enum(["pictures", "layers", "classes"], "pictures").tag(sync=True)
    """What a row is: a picture; a layer of the picture `image_index`; or one of its likeliest classes."""

    image_index = traitlets.Int(0).tag(sync=True)
    """The picture whose layers or classes are compared."""

    layer = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """The target layer."""

    target: Any = traitlets.Any("predicted").tag(sync=True)
    """What is explained: ``predicted``, ``label``, or one class (its index, or from Python its name)."""

    methods = traitlets.List(traitlets.Unicode(), ["grad_cam", "guided_grad_cam"]).tag(sync=True)
    """The columns."""

    page = traitlets.Int(0).tag(sync=True)
    """The page shown, 0 for the first; another order or filter begins with the first."""

    page_size = traitlets.Int(12).tag(sync=True)
    """How many rows a page has, 1 to 100."""

    order = traitlets.Enum(
        ["given", "confidence", "least_confident", "wrong", "disagreement"], "given"
    ).tag(sync=True)
    """The order of the pictures. ``disagreement`` needs all of them explained, the others the model's answer on all."""

    show = traitlets.Enum(["all", "wrong", "right"], "all").tag(sync=True)
    """Only pictures that the model got wrong, or right; needs labels."""

    show_class: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """Only pictures for which this class is predicted: its index, or from Python its name."""

    show_text = traitlets.Unicode("").tag(sync=True)
    """Only pictures with this text in their names."""

    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    """The picture chosen by click or keyboard: its index; in a comparison of layers or classes, the row."""

    # Looks.
    display = traitlets.Enum(["overlay", "heatmap"], "overlay").tag(sync=True)
    """What is drawn."""

    common_range = traitlets.Bool(False).tag(sync=True)
    """Whether the maps of a column share one range of values; else each is stretched over its own."""

    # What is shown.
    _page = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    _images = traitlets.Dict().tag(sync=True)
    _class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _methods = traitlets.List(traitlets.Dict()).tag(sync=True)
    _layers = traitlets.List(traitlets.Dict()).tag(sync=True)
    _has_labels = traitlets.Bool(False).tag(sync=True)

    # A class body's names are a plain dict, so traits can be made in a loop.
    locals().update(
        {
            f"_row_{position}": traitlets.Instance(dict, allow_none=True).tag(sync=True)
            for position in range(MOST_ROWS)
        }
    )

    def _row(self, position: int) -> dict[str, Any] | None:
        row: dict[str, Any] | None = getattr(self, f"_row_{position}")
        return row
