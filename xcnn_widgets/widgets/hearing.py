"""On which thread of the kernel a widget hears the page."""

from __future__ import annotations

from typing import Any


def hear_where_the_page_speaks(widget: Any) -> None:
    """Let the kernel handle what the page says to an open widget on the thread (subshell) that the page asks for.

    ipykernel 7.4 takes the one from which the widget last spoke. That is deaf while a cell runs that made
    the widget or set a trait, and gone for good where the page has deleted it meanwhile.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = None
