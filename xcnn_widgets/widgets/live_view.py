"""What every widget of ours shares: its looks and messages, and how the browser's wishes come in."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets
from traitlets import TraitError

from ..imaging import BLENDS, DEFAULT_COLORMAP, DIVERGING_COLORMAP, PaintLook, colour_table
from ..pages import STATE_VERSION
from ..study import STYLES
from .cell_runs import CellRuns
from .front_end import DrawnByFrontEnd
from .watchers import Watchers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Perceptually uniform ones first; "jet" is there because papers use it.
COLORMAPS = ("inferno", "viridis", "magma", "plasma", "cividis", "turbo", "jet", "gray")


class LiveView(DrawnByFrontEnd):
    """A widget that draws itself from its traits.

    What the browser sends never raises into a log that nobody reads: the cause stands in `error`.
    """

    _cell_runs: ClassVar[CellRuns] = CellRuns()
    _settable: ClassVar[frozenset[str]] = frozenset()
    """The choices and looks."""

    turn: Callable[[], AbstractContextManager[None]] = nullcontext
    """What a thread holds while it sets choices and looks: traitlets takes what another sets meanwhile for part of that."""

    status = traitlets.Unicode("").tag(sync=True)
    """One line that says what is shown."""

    error = traitlets.Unicode("").tag(sync=True)
    """What went wrong and the way out; empty when nothing did. The last good picture stays."""

    note = traitlets.Unicode("").tag(sync=True)
    """What a reader has to know about what is shown; usually empty."""

    progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    """The share done of the work in the background, or None when there is none."""

    opacity = traitlets.Float(0.5, min=0.0, max=1.0).tag(sync=True)
    """How strongly a heatmap covers its picture at most, 0 to 1."""

    blend = traitlets.Enum(BLENDS, BLENDS[0]).tag(sync=True)
    """Whether a value covers the picture ``by heat``, so that a cold place shows the picture itself, or ``even``, all places alike."""

    painted = traitlets.Enum(STYLES, None, allow_none=True).tag(sync=True)
    """How a map is painted: ``heat``; ``in colour`` (each channel of a gradient around mid-grey); ``positive and
    negative``; ``contours``. None, or what a method's map has not, is the method's usual way: of guided ones in colour."""

    colormap = traitlets.Unicode(DEFAULT_COLORMAP).tag(sync=True)
    """The name of any of matplotlib's colormaps."""

    _atlas = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    """What was computed ahead, as a page without a kernel looks it up."""
    _colormaps = traitlets.Dict().tag(sync=True)
    _diverging = traitlets.Bytes().tag(sync=True)
    _defaults = traitlets.Dict().tag(sync=True)
    _cancel = traitlets.Int(0).tag(sync=True)
    _state_version = traitlets.Int(STATE_VERSION, read_only=True).tag(sync=True)

    def __init__(self, **state: Any) -> None:
        self._thread = threading.local()
        self._superseded = self._was_seen = self._rests = False
        if self._cell_runs.made(self):
            # The page then counts its views.
            state["_view_count"] = 0
            self.observe(self._count_views, "_view_count")
        super().__init__(**state)

    @traitlets.default("_colormaps")
    def _offered_colormaps(self) -> dict[str, bytes]:
        return {name: colour_table(name).tobytes() for name in COLORMAPS}

    @traitlets.default("_diverging")
    def _diverging_colours(self) -> bytes:
        return colour_table(DIVERGING_COLORMAP).tobytes()

    @traitlets.validate("colormap")
    def _valid_colormap(self, proposal: Any) -> str:
        name = proposal.value
        if name not in self._colormaps:
            try:
                self._colormaps = {**self._colormaps, name: colour_table(name).tobytes()}
            except (TypeError, ValueError) as error:
                raise TraitError(f"colormap = {name!r}: {error}") from error
        return str(name)

    def look(self) -> PaintLook:
        """How maps are painted, for Python to paint them likewise."""
        return PaintLook(self.opacity, self.colormap, blend=self.blend)

    @cached_property
    def watchers(self) -> Watchers:
        """Whose code follows when traits change; there before any trait is."""
        return Watchers()

    def observe(self, handler: Any, names: Any = traitlets.All, type: Any = "change") -> None:  # noqa: A002
        """As every widget's; from then on, code of somebody else's may follow from what the page says."""
        super().observe(handler, names, type)
        self.watchers.add(handler, names, type)

    def unobserve(self, handler: Any, names: Any = traitlets.All, type: Any = "change") -> None:  # noqa: A002
        """As every widget's; where nobody else observes any more, messages are as quick as before."""
        super().unobserve(handler, names, type)
        self.watchers.remove(handler, names, type)

    def unobserve_all(self, name: Any = traitlets.All) -> None:
        """As every widget's."""
        super().unobserve_all(name)
        self.watchers.clear(name)

    def __setattr__(self, name: str, value: Any) -> None:
        with self.turn() if name in self._settable else nullcontext():
            super().__setattr__(name, value)

    def reset(self) -> None:
        """Go back to the choices and looks that the widget opened with."""
        with self.turn(), self.hold_trait_notifications():
            for name, value in self._defaults.items():
                setattr(self, name, value)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser sends; what does not fit is told in `error`, not raised."""
        with self.turn(), self.acting(by_page=True):
            try:
                super().set_state(sync_data)
            except TraitError as error:
                self.error = str(error)
                self.send_state(set(sync_data) & set(self.keys))

    @property
    def by_page(self) -> bool:
        """Whether this thread does what a page asks for."""
        return getattr(self._thread, "by_page", False)

    @contextmanager
    def acting(self, *, by_page: bool) -> Iterator[None]:
        """While open, this thread does what a page asks for, or what code does."""
        outer, self._thread.by_page = self.by_page, by_page
        try:
            yield
        finally:
            self._thread.by_page = outer

    def close(self) -> None:
        """Close the widget on every page."""
        if self.comm is not None:
            # A page that counts its views would tell their number when there is nobody left to hear it.
            self.set_trait("_view_count", None)
        super().close()

    def supersede(self) -> None:
        """Free what can be found again, for the cell that made this widget has made another one.

        When no page shows it any more, it also leaves the page; shown once more, it comes back.
        """
        again, self._superseded = self._superseded, True
        self._free()
        # One that was never seen may be on its way to a page.
        if (again or self._was_seen) and not self._view_count:
            self._rest()

    def _count_views(self, change: Any) -> None:
        if change.new is None:
            return
        if change.new:
            self._was_seen = True
        elif self._superseded and self._was_seen:
            self._rest()

    def _free(self) -> None:
        """Let go of what can be computed again."""

    def _rest(self) -> None:
        """Leave the page and ipywidgets' own list, so that who else forgets this widget frees it."""
        if self.comm is None:
            return
        super().close()
        # ipywidgets thinks that a widget that was closed is never shown again.
        self.__dict__.pop("_repr_mimebundle_", None)
        self._rests = True

    def _wake(self) -> None:
        self._rests = self._superseded = self._was_seen = False
        self._view_count = 0
        self.open()

    def _standing_picture(self) -> Figure | None:
        """What stands in for the widget where no script runs; None while there is nothing."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if self._rests:
            self._wake()
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        figure = None if bundle is None else self._standing_picture()
        if figure is None:
            return bundle
        return with_picture(bundle, figure)


def with_picture(bundle: Any, figure: Figure) -> Any:
    """A widget's mimebundle with a figure that stands in for it where no script runs."""
    # matplotlib takes a while to import.
    from ..imaging.figures import figure_png

    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    # Every notebook that shows the widget stores it.
    drawn = figure_png(figure, longest_side=800, colours=256)
    return {**data, "image/png": base64.b64encode(drawn).decode()}, metadata


def refuse_unknown(given: Iterable[str], known: Sequence[str]) -> None:
    """Refuse keyword arguments that are no choice and no look.

    Raises
    ------
    TypeError
        With the names that exist, the closest first.
    """
    for name in given:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise TypeError(
                f"unknown argument {name!r}; {hint}choices and looks are {', '.join(known)}"
            )
