"""A lesson of a few cells, on a network that is made in a moment."""

from __future__ import annotations

from pathlib import Path

import nbformat

from xcnn_widgets.pages.execution import execute

CELLS = (
    "# Where it *looks*\n\nThe mean $\\frac{1}{n}$, $$x^2$$ ![dot](dot.svg) ![far](https://example.com/far.png)",
    """
import ipywidgets
import numpy as np
import torch
from torchvision.transforms import ToTensor

import xcnn_widgets as xw

torch.manual_seed(7)
torch.set_num_threads(1)
model = torch.nn.Sequential(
    torch.nn.Conv2d(3, 6, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(4),
    torch.nn.Conv2d(6, 8, 3, padding=1), torch.nn.ReLU(),
    torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(8, 3),
)
y, x = np.mgrid[:24, :36]
pictures = {
    "ring": np.stack([x * 7, y * 10, 9 * abs(x - y)], axis=2).astype(np.uint8),
    "dune": np.stack([y * 8, x * 5, 3 * (x + y)], axis=2).astype(np.uint8),
}
def explorer(**choices):
    names = ["red", "green", "<b>blue</b>"]
    return xw.ExplainerWidget(
        model, pictures, names, transform=ToTensor(), layers=["1", "4"], layer="4", **choices
    )
""",
    "w = explorer()\nw.precompute(methods=['grad_cam', 'saliency'], targets=[0, 1], images=[0])\nw.wait()\nw",
    "print('a <tag>')\nipywidgets.IntSlider(value=4)",
    "other = explorer(image_index=1)\nother.wait()\nipywidgets.VBox([ipywidgets.HBox([other]), w])",
)


def write_notebook(path: Path, *cells: str) -> Path:
    """Write a notebook; a cell that begins with # and a blank is text."""
    made = [
        nbformat.v4.new_markdown_cell(cell)
        if cell.startswith("# ")
        else nbformat.v4.new_code_cell(cell)
        for cell in cells
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=kernel), path)
    return path


def run_lesson(folder: Path) -> Path:
    """The lesson, run and saved with its widgets' state."""
    path = write_notebook(folder / "lesson.ipynb", *CELLS)
    (folder / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    notebook = nbformat.read(path, as_version=4)
    execute(notebook, path, 300, None, lambda _: None)
    nbformat.write(notebook, path)
    return path
