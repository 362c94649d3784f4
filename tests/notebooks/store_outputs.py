"""Run the teaching notebooks and store what they show: `python tests/notebooks/store_outputs.py`.

Names, such as `05_can_you_trust_it`, run only these.
"""

from __future__ import annotations

import base64
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
# How one widget's state names another.
REFERENCE = re.compile(r'"IPY_MODEL_([\w-]+)"')
# What JupyterLab, and pages made by MyST, take to mean that a cell is folded: the solution of an exercise.
SOLUTION = {"jupyter": {"outputs_hidden": True, "source_hidden": True}, "tags": ["hide-cell"]}
# What says whether an exercise is right: its outputs are seen, and its code only by those who ask for it.
CHECK = {"jupyter": {"source_hidden": True}, "tags": ["check", "hide-input"]}
# Where a student answers in words.
ANSWER = {"tags": ["answer"]}


def run(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run every cell and keep its outputs and its widgets, without what differs from run to run."""
    # What an earlier run left would be kept beside what this one makes.
    notebook.metadata.pop("widgets", None)
    NotebookClient(
        notebook,
        timeout=600,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    states = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = cell.metadata if cell.metadata in (SOLUTION, CHECK, ANSWER) else {}
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data["image/png"] = smaller(data["image/png"])
    keep_widgets(notebook, states)
    return notebook


def keep_widgets(notebook: NotebookNode, states: dict[str, Any]) -> None:
    """Store the state of the widgets that are shown, and of what these refer to, by names that each run gives alike."""
    views = [
        output.data[VIEW]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if VIEW in output.get("data", {})
    ]
    names: dict[str, str] = {}
    to_follow = [view["model_id"] for view in views]
    while to_follow:
        name = to_follow.pop(0)
        if name not in names:
            names[name] = f"widget-{len(names) + 1}"
            to_follow += REFERENCE.findall(json.dumps(states[name]["state"]))
    for view in views:
        view["model_id"] = names[view["model_id"]]
    if names:
        renamed = REFERENCE.sub(
            lambda found: f'"IPY_MODEL_{names[found[1]]}"',
            json.dumps({new: states[old] for old, new in names.items()}),
        )
        kept = {"state": json.loads(renamed), "version_major": 2, "version_minor": 0}
        notebook.metadata["widgets"] = {STATE: kept}


def smaller(picture: str) -> str:
    """A PNG in base64 with 256 colours, if that takes less than half of its bytes."""
    drawn = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        colours = image.convert("RGB")
        palette = colours.quantize(256)
        # Dithered, or smooth heatmaps would fall into bands.
        dithered = colours.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        dithered.save(drawn, "PNG", optimize=True)
    found = base64.b64encode(drawn.getvalue()).decode()
    return found if 2 * len(found) < len(picture) else picture


def main(names: list[str]) -> None:
    """Run the named notebooks, or all."""
    for file in [NOTEBOOKS / f"{name}.ipynb" for name in names] or sorted(
        NOTEBOOKS.glob("*.ipynb")
    ):
        notebook = run(nbformat.read(file, as_version=4), file.parent)
        nbformat.write(notebook, file)
        print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
