"""The script and the styles of all widgets: in one model that they share, or whole in each of them."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from functools import cache
from typing import Any, ClassVar

import anywidget
import comm
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
        script, styles = _script_and_styles()
        super().__init__(
            _esm="export default {};",
            _script=script + _EXPORT,
            _styles=styles,
            _key=_key(script, styles),
        )

    @classmethod
    def shared(cls) -> FrontEnd:
        """The one of this kernel; another one if somebody has closed it."""
        with cls._lock:
            if cls._current is None or cls._current.comm is None:
                cls._current = cls()
            return cls._current


class DrawnByFrontEnd(anywidget.AnyWidget):
    """A widget whose own script only finds the shared one where a page can share, and is all of it elsewhere."""

    _drawn_as: ClassVar[str]
    """Which of the front end's views draws it."""

    _esm = traitlets.Unicode().tag(sync=True)

    _front_end = traitlets.Instance(FrontEnd, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )
    _view = traitlets.Unicode(read_only=True).tag(sync=True)

    @traitlets.default("_esm")
    def _own_script(self) -> str:
        return static_text("loader.js") if _pages_share() else whole_script()

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
        """Go to the page; a front end that is shared goes there first."""
        if _pages_share():
            self._front_end = FrontEnd.shared()
        super().open()
        hear_where_the_page_speaks(self)

    def page_state(self) -> dict[str, Any]:
        """What a page of its own has to know; that brings its script and styles."""
        own = set(self.class_traits(sync=True)) - set(DrawnByFrontEnd.class_traits())
        return {**self.get_state(own), "progress": None, "_view": self._view}


@cache
def whole_script() -> str:
    """A script that draws every widget by itself, as the anywidget specification has it; one string for all of them."""
    script, styles = _script_and_styles()
    arguments = f"{json.dumps(_key(script, styles))}, {json.dumps(styles)}"
    return f"{script}\nexport default xcnn.widget({arguments});\n"


def _pages_share() -> bool:
    """Whether pages get other models of this process: ipykernel runs it, and makes its comms.

    marimo, Solara and Panel bring comms of their own, and models that another visitor's page does not know.
    """
    kernel = sys.modules.get("ipykernel.kernelapp")
    maker = getattr(comm.create_comm, "__module__", "")
    return (
        kernel is not None
        and kernel.IPKernelApp.initialized()
        and maker.partition(".")[0] == "ipykernel"
    )


def _script_and_styles() -> tuple[str, str]:
    return static_text("front_end.js"), static_text("front_end.css")


def _key(script: str, styles: str) -> str:
    return hashlib.sha256((script + styles).encode()).hexdigest()[:16]


def hear_where_the_page_speaks(widget: Any) -> None:
    """Let the kernel handle what the page says to an open widget on the thread (subshell) that the page asks for.

    ipykernel 7.4 takes the one from which the widget last spoke. That is deaf while a cell runs that made
    the widget or set a trait, and gone for good where the page has deleted it meanwhile.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = None
