"""What the gallery shows and chooses, as traits, and which values they take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets
import traitlets

from ...study import (
    MOST_ROWS,
    ORDERS,
    SHOWN,
    Ask,
    Request,
    Row,
    Selection,
    Source,
    counted,
)
from .metric_traits import MetricTraits
from .model_traits import ModelTraits
from .offer import CHECKED, Offer
from .paging import page_number, with_page
from .range_traits import RangeTraits
from .summary_traits import SummaryTraits

CHOICES = (
    "rows",
    "image_index",
    "layer",
    "target",
    "methods",
    "page",
    "page_size",
    "metrics",
    "order",
    "show",
    "show_class",
    "show_label",
    "show_text",
    "show_value",
    "show_disagreement",
    "show_group",
    "model",
)
LOOKS = (
    "display",
    "painted",
    "opacity",
    "blend",
    "colormap",
    "common_range",
    "arrangement",
    "tile_method",
    "controls_open",
)


class GalleryView(ModelTraits, SummaryTraits, RangeTraits, MetricTraits):
    """The traits that Python and the browser share; they take only what the gallery can show.

    Each row of the page is a trait of its own, so that rows arrive one by one, and a page that is shown again
    is complete at once. Looks are drawn by the browser alone and cost no message.
    """

    source: Source
    """Where its answers come from."""

    offer: Offer
    """What there is to choose from."""

    is_open = False
    """Whether it was made, and not closed since."""

    _drawn_as = "gallery"
    _settable = frozenset((*CHOICES, *LOOKS, "selected", "activation"))

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

    page = page_number()
    """The page shown, 1 for the first; another order or filter begins with the first."""

    page_size = traitlets.Int(12).tag(sync=True)
    """How many rows a page has, 1 to 100."""

    order = traitlets.Enum([*ORDERS], "given").tag(sync=True)
    """The order of the pictures. ``disagreement`` needs all of them explained, the others the model's answer on all.

    Of several models also ``changed`` (those first of which the last model names another class first, then by the change
    of the probability of the class explained), ``value_change``, and ``map_change`` (those first whose maps by the first
    method rank places least alike; needs all explained).
    """

    show = traitlets.Enum([*SHOWN], "all").tag(sync=True)
    """Only pictures that the model got wrong, or right; of several models also those that the last one ``fixed`` (wrong
    before, right after) or that are ``broken``. Needs labels."""

    show_class: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """Only pictures for which this class is predicted, or holds beside others: its index, or from Python its name."""

    show_label: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """Only pictures whose true label is this class: its index, or from Python its name."""

    show_text = traitlets.Unicode("").tag(sync=True)
    """Only pictures with this text in their names."""

    activation: Any = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """How the model's scores are read, as for `ExplainerWidget`; to read them in another way, the model sees the
    pictures again."""

    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    """The picture chosen by click or keyboard: its index; in a comparison of layers or classes, the row."""

    # Looks.
    display = traitlets.Enum(["overlay", "heatmap"], "overlay").tag(sync=True)
    """What is drawn."""

    common_range = traitlets.Bool(False).tag(sync=True)
    """Whether the maps of a column share one range of values; else each is stretched over its own."""

    arrangement = traitlets.Enum(["rows", "grid"], "rows").tag(sync=True)
    """Whether each picture has a row with all methods, or one tile in a grid."""

    tile_method = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """The method whose map a tile of the grid shows; None, or one that has no column, is that of the first column."""

    controls_open = traitlets.Bool(False).tag(sync=True)
    """Whether the controls are unfolded."""

    # What is shown.
    _defaults = with_page()
    _explorer: Any = traitlets.Instance(ipywidgets.Widget, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )
    _explorer_wanted = traitlets.Int(0).tag(sync=True)
    _page = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    _images = traitlets.Dict().tag(sync=True)
    _reading = traitlets.Dict().tag(sync=True)
    _class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _methods = traitlets.List(traitlets.Dict()).tag(sync=True)
    _layers = traitlets.List(traitlets.Dict()).tag(sync=True)
    _has_labels = traitlets.Bool(False).tag(sync=True)
    _metrics_offered = traitlets.List(traitlets.Unicode(), None, allow_none=True).tag(sync=True)
    """The metrics that results tell, where there is no model to measure others."""
    _asks_no_model = traitlets.Bool(False).tag(sync=True)
    """Whether there is none: the page then offers nothing that needs one."""

    # A class body's names are a plain dict, so traits can be made in a loop.
    locals().update(
        {
            f"_row_{position}": traitlets.Instance(dict, allow_none=True).tag(sync=True)
            for position in range(MOST_ROWS)
        }
    )

    @contextmanager
    def hold_trait_notifications(self) -> Iterator[None]:
        """Bundle changes of several traits; rows that are done meanwhile wait for the end."""
        with self.turn(), super().hold_trait_notifications():
            yield

    def present_reading(self) -> None:
        """Tell how the model's scores are read."""
        self._reading = dict(self.source.reading)
        self.present_class_names(self.source)

    def request(self) -> Request:
        """The page that is chosen."""
        return Request(
            rows=self.rows,
            image_index=self.image_index,
            page=self.page - 1,
            page_size=self.page_size,
            ask=Ask(tuple(self.methods), self.layer, self.target, self.painted),
            selection=Selection(
                self.order,
                self.show,
                self.show_class,
                self.show_label,
                self.show_text,
                self.model,
                **self.ranges(),
            ),
            metrics=tuple(self.metrics),
        )

    def present_page(self, page: dict[str, int] | None) -> None:
        """Tell every page how many rows to expect."""
        self._page = page

    def present_explorer(self, explorer: ipywidgets.Widget | None) -> None:
        """Put an explorer below the gallery on every page, or take it away."""
        self._explorer = explorer

    def present_row(self, position: int, row: Row | None) -> None:
        """Put a row on every page, or take it away."""
        setattr(self, f"_row_{position}", row)

    def present_atlas(self, state: dict[str, Any] | None) -> None:
        """Give all maps that were computed ahead to every page."""
        self._atlas = state

    def row(self, position: int) -> Row | None:
        """The row at a place of the page; None while there is none."""
        found: Row | None = getattr(self, f"_row_{position}")
        return found

    def finished_rows(self) -> list[Row]:
        """The rows of the page that are there and could be explained."""
        page = self._page or {"rows": 0, "generation": 0}
        rows = [self.row(position) for position in range(page["rows"])]
        return [
            row
            for row in rows
            if row is not None and not row["error"] and row["generation"] == page["generation"]
        ]

    def __repr__(self) -> str:
        if not self.is_open:
            return f"{type(self).__name__}(closed)"
        what = (
            counted(self.source.count)
            if self.rows == "pictures"
            else f"{self.rows} of {self.source.name(self.image_index)!r}"
        )
        return f"{type(self).__name__}({what}, methods={self.methods}, layer={self.layer!r}, target={self.target!r})"

    @traitlets.validate("activation")
    def _valid_activation(self, proposal: Any) -> str:
        try:
            return self.source.read_as(proposal.value)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from error

    @traitlets.validate(*CHECKED)
    def _valid(self, proposal: Any) -> Any:
        return self.offer.checked(proposal.trait.name, proposal.value, self.request())
