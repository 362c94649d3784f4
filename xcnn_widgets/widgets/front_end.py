"""The script and the styles of all widgets, in one model that they share."""

from __future__ import annotations

import hashlib
import threading
from typing import Any, ClassVar

import anywidget
import ipywidgets
import traitlets

from ..pages import static_text

# The bundle is one expression, so that a page can hold it too, where nothing is imported.
_EXPORT = "\nexport default xcnn;\n"


class FrontEnd(anywidget.AnyWidget):
    """What the page draws widgets with; it is never shown itself."""

    _current: ClassVar[FrontEnd | None] = None
    _lock: ClassVar[threading.Lock] = threading.Lock()

    _esm = traitlets.Unicode().tag(sync=True)
    _script = traitlets.Unicode().tag(sync=True)
    _styles = traitlets.Unicode().tag(sync=True)
    _key = traitlets.Unicode().tag(sync=True)
    """The same wherever script and styles are the same: a page that has them imports none again."""

    def __init__(self) -> None:
        script, styles = static_text("front_end.js") + _EXPORT, static_text("front_end.css")
        key = hashlib.sha256((script + styles).encode()).hexdigest()[:16]
        super().__init__(_esm="export default {};", _script=script, _styles=styles, _key=key)

    @classmethod
    def shared(cls) -> FrontEnd:
        """The one of this kernel; another one if somebody has closed it."""
        with cls._lock:
            if cls._current is None or cls._current.comm is None:
                cls._current = cls()
            return cls._current


class DrawnByFrontEnd(anywidget.AnyWidget):
    """A widget whose own script only finds the shared one."""

    _drawn_as: ClassVar[str]
    """Which of the front end's views draws it."""

    _esm = traitlets.Unicode().tag(sync=True)

    _front_end = traitlets.Instance(FrontEnd, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )
    _view = traitlets.Unicode(read_only=True).tag(sync=True)

    @traitlets.default("_esm")
    def _loader(self) -> str:
        return static_text("loader.js")

    @traitlets.default("_view")
    def _name_of_view(self) -> str:
        return self._drawn_as

    def get_state(
        self,
        key: Any = None,
        drop_defaults: bool = False,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Return all that was asked for: a page knows no defaults, also if ipywidgets would leave them out."""
        state: dict[str, Any] = super().get_state(key, drop_defaults=False)
        return state

    def open(self) -> None:
        """Go to the page; the front end goes there first."""
        self._front_end = FrontEnd.shared()
        super().open()
        hear_where_the_page_speaks(self)

    def page_state(self) -> dict[str, Any]:
        """What a page of its own has to know; that brings its script and styles."""
        own = set(self.class_traits(sync=True)) - set(DrawnByFrontEnd.class_traits())
        return {**self.get_state(own), "progress": None, "_view": self._view}


def hear_where_the_page_speaks(widget: Any) -> None:
    """Let the kernel handle what the page says to an open widget on the thread (subshell) that the page asks for.

    ipykernel 7.4 takes the one from which the widget last spoke. That is deaf while a cell runs that made
    the widget or set a trait, and gone for good where the page has deleted it meanwhile.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = None
