"""Run the teaching notebooks and store what they show: `python tests/notebooks/store_outputs.py`.

Names, such as `05_can_you_trust_it`, run only these.
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

# What JupyterLab, and pages made by MyST, take to mean that a cell is folded: the solution of an exercise.
SOLUTION = {"jupyter": {"outputs_hidden": True, "source_hidden": True}, "tags": ["hide-cell"]}


def run(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run every cell and keep its outputs, without what differs from run to run."""
    # A widget's state is large and of no use without its kernel; its PNG stays.
    NotebookClient(
        notebook,
        timeout=600,
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = SOLUTION if cell.metadata == SOLUTION else {}
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data["image/png"] = smaller(data["image/png"])
    return notebook


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
