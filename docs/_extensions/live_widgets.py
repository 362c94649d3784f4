"""Widgets on pages of the site: the front end is one file for all, and loaded only where a widget is."""

from __future__ import annotations

import html
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from xcnn_widgets.pages.html import STATIC, state_in_html, static_text

_MARK = "xcnn-place"
_PLACE = """<div class="{mark}" data-xcnn-state="{name}"></div>
<noscript>This widget draws its pictures with JavaScript, which is switched off here.</noscript>
"""


def place(name: str, state: dict[str, Any]) -> str:
    """HTML that becomes a widget, with the state that it opens with."""
    return _PLACE.format(mark=_MARK, name=html.escape(name)) + state_in_html(name, state)


def _take_front_end(app: Sphinx, _config: object) -> None:
    static_text("front_end.js")  # says how to build it
    app.config.html_static_path += [
        str(STATIC / name) for name in ("front_end.js", "front_end.css")
    ]


def _load_where_it_is_used(
    app: Sphinx, _page: str, _template: str, _context: dict[str, Any], tree: nodes.document | None
) -> None:
    if tree is None or not any(_MARK in raw.astext() for raw in tree.findall(nodes.raw)):
        return
    app.add_css_file("front_end.css")
    app.add_js_file("front_end.js", loading_method="defer")
    app.add_js_file("show_widgets.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the front end to pages that hold a place for a widget."""
    app.connect("config-inited", _take_front_end)
    app.connect("html-page-context", _load_where_it_is_used)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
