"""A saved notebook opened where no kernel is: as nbconvert writes it, and in JupyterLab."""

from __future__ import annotations

import sys
from pathlib import Path

import anywidget
import nbformat
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.sign import NotebookNotary
from playwright.sync_api import Page, Route, expect

from .lab import Lab
from .server import Server

HTML_MANAGER = (
    Path(__file__).parent / "html_manager/node_modules/@jupyter-widgets/html-manager/dist"
)
# What nbconvert's pages ask a network for, and where it lies here.
SERVED = {
    "require.min.js": Path(sys.prefix) / "share/jupyter/voila/templates/base/static/require.min.js",
    "anywidget@": Path(anywidget.__file__).parent / "nbextension/index.js",
    "embed-amd.js": HTML_MANAGER / "embed-amd.js",
}
# Formulas, diagrams and pictures from elsewhere are not widgets' business.
NOT_SERVED = ("mathjax", "mermaid", "example.com")
# What ipywidgets shows in place of a widget, and says on the console.
LOST = "Error displaying widget: model not found"
LOST_ON_CONSOLE = "Error: widget model not found"
TRIES = 3


def open_converted(page: Page, notebook: NotebookNode, file: Path) -> tuple[list[str], list[str]]:
    """Open what nbconvert writes, with what it asks a network for; what else it asks for, and uncaught errors."""
    unknown: list[str] = []
    problems: list[str] = []

    def serve(route: Route) -> None:
        url = route.request.url
        found = next((file for part, file in SERVED.items() if part in url), None)
        if found is not None:
            return route.fulfill(path=found, content_type="text/javascript")
        if not any(part in url for part in NOT_SERVED):
            unknown.append(url)
        return route.abort()

    converted, _ = HTMLExporter().from_notebook_node(notebook)
    file.write_text(converted, encoding="utf-8")
    page.route("http**", serve)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(file.as_uri())
    return unknown, problems


def open_again(lab: Lab, server: Server, notebook: NotebookNode, name: str) -> None:
    """Open a notebook in JupyterLab as if it had been saved there after it was run.

    ipywidgets 8.1 waits 2 s for a widget. If by then it has restored what the kernel holds, but not yet what the
    notebook holds, it takes the widget for lost until the notebook is opened once more.
    """
    nbformat.write(notebook, server.notebooks / name)
    # As JupyterLab does when it saves what it ran.
    NotebookNotary(data_dir=str(server.runtime.parent / "JUPYTER_DATA_DIR")).sign(notebook)
    found = lab.page.locator(".xcnn").or_(lab.page.get_by_text(LOST)).first
    for _ in range(TRIES):
        lab.open(name)
        expect(found).to_be_attached()
        if not lab.page.get_by_text(LOST).count():
            return
        lab.drop_notebook()
        lab.problems[:] = [told for told in lab.problems if LOST_ON_CONSOLE not in told]
    raise AssertionError(f"{name}: {TRIES} times {LOST!r}")
