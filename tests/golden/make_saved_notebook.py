"""Make the golden notebook anew: `python -m tests.golden.make_saved_notebook`, only for a new STATE_VERSION."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat

from tests.pages.lesson import run_lesson
from xcnn_widgets.widgets.live_view import STATE_VERSION

HERE = Path(__file__).parent
STATE = "application/vnd.jupyter.widget-state+json"


def main() -> None:
    """Run the lesson and keep it as a notebook saves it, without the front end's own text."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = nbformat.read(run_lesson(Path(folder)), as_version=4)
    for model in notebook.metadata.widgets[STATE]["state"].values():
        model["state"].pop("_esm", None)
        model["state"].pop("_css", None)
    nbformat.write(notebook, HERE / f"saved_notebook_{STATE_VERSION}.ipynb")


if __name__ == "__main__":
    main()
