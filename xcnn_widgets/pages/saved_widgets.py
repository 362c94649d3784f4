"""The widgets that a notebook has saved: whose page can draw them, and what state it needs."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from ..widgets.live_view import STATE_VERSION

_VIEW = "application/vnd.jupyter.widget-view+json"
_STATE = "application/vnd.jupyter.widget-state+json"
_PLACE = '<div class="xcnn-place" data-xcnn-state="xcnn-state-{name}"></div>'
_REFERENCE = "IPY_MODEL_"
# What a page draws, by what anywidget calls the class; its bundle has the scripts already.
_DRAWN = {
    "xcnn_widgets.widgets.explorer.widget.ExplainerWidget": "explainer",
    "xcnn_widgets.widgets.gallery.widget.GalleryWidget": "gallery",
    # Where the classes stood when the first notebooks were saved.
    "xcnn_widgets.widgets.explainer_widget.ExplainerWidget": "explainer",
    "xcnn_widgets.widgets.gallery_widget.GalleryWidget": "gallery",
}
_NOT_ON_A_PAGE = ("_esm", "_css", "_front_end", "layout", "tooltip", "tabbable")

State = dict[str, Any]


@dataclass(frozen=True)
class SavedWidgets:
    """What a page has to know of a notebook's widgets."""

    states: dict[str, State]
    """By the name that the outputs call them: the state of each widget that is live on the page."""

    shown: int
    """How many times one is shown."""

    notes: list[str]
    """What its author should know."""


def take_widgets(notebook: NotebookNode) -> SavedWidgets:
    """Take the widgets' state out of a notebook, and leave in each output what a page can show.

    An output with a live widget becomes a place for it; of any other widget the picture or the text stays that stands
    in for it.
    """
    models = notebook.metadata.pop("widgets", {}).get(_STATE, {}).get("state", {})
    states: dict[str, State] = {}
    shown, stood_in, versions = 0, 0, set()
    for data in _shown(notebook):
        drawn = list(_drawn(models, data[_VIEW]["model_id"]))
        unknown = {
            version
            for name in drawn
            if (version := models[name]["state"].get("_state_version")) != STATE_VERSION
        }
        versions |= unknown
        if not drawn or unknown:
            del data[_VIEW]
            stood_in += 1
            continue
        states.update({name: _state(models[name]) for name in drawn if name not in states})
        shown += len(drawn)
        data.clear()
        data["text/html"] = "".join(_PLACE.format(name=html.escape(name)) for name in drawn)
    return SavedWidgets(states, shown, list(_notes(states, shown, stood_in, versions)))


def _shown(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """The data of each output that is a widget."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if _VIEW in output.get("data", {}):
                yield output.data


def _drawn(models: dict[str, Any], name: str) -> Iterator[str]:
    """A widget that a page can draw, or those that a box holds."""
    state = models.get(name, {}).get("state", {})
    if state.get("_anywidget_id") in _DRAWN:
        yield name
    for child in state.get("children") or []:
        yield from _drawn(models, str(child).removeprefix(_REFERENCE))


def _state(model: dict[str, Any]) -> State:
    """A widget's own traits, its bytes in their places."""
    kept = {name: value for name, value in model["state"].items() if _is_own(name)}
    for buffer in model.get("buffers", []):
        # A path may lead to what a later message took away.
        with suppress(KeyError, IndexError, TypeError):
            place: Any = kept
            *way, last = buffer["path"]
            for step in way:
                place = place[step]
            if isinstance(place, list):
                place[last] = base64.b64decode(buffer["data"])
            elif place is not None:
                place.setdefault(last, base64.b64decode(buffer["data"]))
    return {**kept, "progress": None, "_view": _DRAWN[model["state"]["_anywidget_id"]]}


def _is_own(name: str) -> bool:
    return name not in _NOT_ON_A_PAGE and not name.startswith(
        ("_model_", "_view_", "_dom_", "_anywidget_")
    )


def _notes(
    states: dict[str, State], shown: int, stood_in: int, versions: set[Any]
) -> Iterator[str]:
    if not shown and not stood_in:
        yield "the notebook shows no widget"
    if stood_in:
        what = "1 widget is" if stood_in == 1 else f"{stood_in} widgets are"
        yield (
            f"{what} shown as a picture or as text: the page draws an ExplainerWidget or a GalleryWidget whose state was saved"
        )
    for version in sorted(versions, key=str):
        yield (
            f"a widget was saved with state version {version}, and this xcnn-widgets reads version {STATE_VERSION}: "
            "run the notebook again, or publish it with the xcnn-widgets that saved it"
        )
    bare = sum(state.get("_atlas") is None for state in states.values())
    if bare:
        of = "1 widget has" if bare == 1 else f"{bare} widgets have"
        yield f"{of} only the view shown: call its precompute() in the notebook, and choices work too"
