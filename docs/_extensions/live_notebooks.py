"""A notebook's page: what it stored is shown, and its widgets are live. Nothing is run."""

from __future__ import annotations

import re
from typing import Any

import nbformat
from live_widgets import place
from nbformat import NotebookNode
from sphinx.application import Sphinx

from xcnn_widgets.pages.saved_widgets import State, take_widgets

_STATE_OF = re.compile(r'<div class="xcnn-place" data-xcnn-state="xcnn-state-([\w-]+)"></div>')


def _make_live(app: Sphinx, page: str, source: list[str]) -> None:
    if not str(app.env.doc2path(page)).endswith(".ipynb"):
        return
    notebook = nbformat.reads(source[0], as_version=4)
    saved = take_widgets(notebook)
    known: set[str] = set()
    for cell in notebook.cells:
        _describe_pictures(cell)
        for output in cell.get("outputs", []):
            if "xcnn-place" in output.get("data", {}).get("text/html", ""):
                output.data["text/html"] = _with_states(
                    output.data["text/html"], saved.states, known
                )
    source[0] = nbformat.writes(notebook)


def _with_states(places: str, states: dict[str, State], known: set[str]) -> str:
    """Places for widgets, the first of each with the widget's state."""

    def of(found: re.Match[str]) -> str:
        name = found[1]
        if name in known:
            return found[0]
        known.add(name)
        return place(f"xcnn-state-{name}", states[name])

    return _STATE_OF.sub(of, places)


def _describe_pictures(cell: NotebookNode) -> None:
    """Say in words, for those who do not see them, what pictures are."""
    shown = [
        output.data for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    if shown:
        words = shown[0].get("text/plain", "")
        drawn = "The picture that the code above draws"
        cell.metadata["mystnb"] = {"image": {"alt": drawn if words.startswith("<") else words}}


def setup(app: Sphinx) -> dict[str, Any]:
    """Read each notebook with its widgets as places on the page."""
    app.connect("source-read", _make_live)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
