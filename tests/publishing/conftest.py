"""A notebook with widgets, run once, and the command line in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from xcnn_widgets.publishing.command import main
from xcnn_widgets.publishing.execution import execute

from .lesson import CELLS


@dataclass(frozen=True)
class Outcome:
    """What the command came to."""

    code: int
    said: str
    complained: str


@pytest.fixture
def publish(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run ``publish`` with some arguments."""

    def publish(*arguments: object) -> Outcome:
        code = main(["publish", *map(str, arguments)])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return publish


def write_notebook(path: Path, *cells: str) -> Path:
    """Write a notebook; a cell that begins with # and a blank is text."""
    made = [
        nbformat.v4.new_markdown_cell(cell)
        if cell.startswith("# ")
        else nbformat.v4.new_code_cell(cell)
        for cell in cells
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook with a widget that has views computed ahead, a slider and a box, run and saved with its state."""
    path = write_notebook(tmp_path_factory.mktemp("ran") / "lesson.ipynb", *CELLS)
    (path.parent / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    notebook = nbformat.read(path, as_version=4)
    execute(notebook, path, 300, None, lambda _: None)
    nbformat.write(notebook, path)
    return path


def states_in(page: str) -> list[dict[str, Any]]:
    """The state of each live widget on a page."""
    found = re.findall(r'id="xcnn-state-\w+">(.*?)</script>', page, re.DOTALL)
    return [json.loads(state) for state in found]
