"""marimo on an app of ours: as its visitors see it, as its author does, and exported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..processes import PATIENCE, serving
from ..server import free_port

TOKEN = "only-for-this-run"
APP = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo

    names = {{}}
    exec(open({prepare!r}).read(), names)
    return mo, names


@app.cell
def _(names):
    explorer = names["explorer"]()
    explorer
    return


@app.cell
def _(mo, names):
    wrapped = mo.ui.anywidget(names["explorer"]())
    wrapped
    return


@app.cell
def _(names):
    gallery = names["xw"].GalleryWidget(
        names["MODEL"], names["PICTURES"], names["NAMES"], transform=names["ToTensor"]()
    )
    gallery
    return


@app.cell
def _(names):
    brush = names["xw"].OcclusionBrush(
        names["MODEL"], names["PICTURES"], names["NAMES"], transform=names["ToTensor"]()
    )
    brush
    return


if __name__ == "__main__":
    app.run()
"""
SETTINGS = """
[display]
theme = "{theme}"

[runtime]
auto_instantiate = true

[save]
autosave = "off"
"""


def write_app(folder: Path, theme: str, prepare: str) -> Path:
    """Write the app, what it runs first, and settings of its own; its path."""
    folder.mkdir(parents=True)
    (folder / "prepare.py").write_text(prepare)
    (folder / ".marimo.toml").write_text(SETTINGS.format(theme=theme))
    app = folder / "app.py"
    app.write_text(APP.format(prepare=str(folder / "prepare.py")))
    return app


@contextmanager
def running_marimo(command: str, app: Path) -> Iterator[str]:
    """Run `marimo run` or `marimo edit` with nothing of the user's own; the address of the app."""
    port = free_port()
    options = ["--headless", "--host=127.0.0.1", f"--port={port}", f"--token-password={TOKEN}"]
    server = f"http://127.0.0.1:{port}"
    with serving(
        [*_MARIMO, command, str(app), *options],
        app.parent,
        f"{server}/health",
        _environment(app.parent),
    ):
        yield f"{server}/?access_token={TOKEN}"


def exported(app: Path) -> Path:
    """Write the app as `marimo export html` does; its path."""
    page = app.with_name("page.html")
    subprocess.run(
        [*_MARIMO, "export", "html", str(app), "--output", str(page)],
        cwd=app.parent,
        env={**os.environ, "OMP_NUM_THREADS": "1", **_environment(app.parent)},
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    return page


_MARIMO = (sys.executable, "-m", "marimo", "--quiet", "--yes")


def _environment(home: Path) -> dict[str, str]:
    own = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    return {**own, "MARIMO_SKIP_UPDATE_CHECK": "1"}
