"""The notebooks, and nbval over one of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.notebook)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    """One notebook after the other."""
    return request.param


@pytest.fixture
def notebook(path):
    """What a notebook holds."""
    return nbformat.read(path, as_version=4)


@pytest.fixture
def nbval(tmp_path):
    """From a notebook to the exit code and the words of strict nbval."""

    def nbval(notebook):
        file = tmp_path / "notebook.ipynb"
        nbformat.write(notebook, file)
        options = ("-p", "nbval", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-q")
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *options, str(file)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
        return run.returncode, run.stdout + run.stderr

    return nbval
