"""A notebook with widgets and a formula, run in a kernel and written as one page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import nbformat
import pytest

CELLS = (
    "# Where it *looks*\n\nThe mean $\\frac{1}{n}$, $$x^2$$ and ![dot](dot.svg)",
    """
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
noise = np.random.default_rng(5).integers(0, 256, (2, 24, 36, 3), np.uint8)
given = dict(zip(["ring", "dune"], noise)), ["red", "green", "<b>blue</b>"]
""",
    """
explorer = xw.ExplainerWidget(model, *given, transform=ToTensor(), layers=["1", "4"], layer="4")
explorer.precompute(methods=["grad_cam", "guided_backprop"], targets=[0, 1], images=[0])
explorer.wait()
explorer
""",
    """
gallery = xw.GalleryWidget(model, *given, transform=ToTensor(), layers=["1", "4"])
gallery.wait()
gallery
""",
    "xw.OcclusionBrush(model, *given, transform=ToTensor(), target='green')",
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, str]:
    """What the command said, and the page."""
    folder = tmp_path_factory.mktemp("lesson")
    (folder / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    text, *code = CELLS
    cells = [nbformat.v4.new_markdown_cell(text), *map(nbformat.v4.new_code_cell, code)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, folder / "lesson.ipynb")
    said = subprocess.run(
        [sys.executable, "-m", "xcnn_widgets", "publish", folder / "lesson.ipynb"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return said, (folder / "lesson.html").read_text(encoding="utf-8")


def test_the_page_holds_text_formulas_code_and_pictures(published: Any) -> None:
    _, page = published
    assert "<title>Where it looks</title>" in page
    assert page.count("<math") == 2
    assert "manual_seed" in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert 'src="data:image/png;base64,' in page
    assert not re.search(r"<(img|script|link|iframe)[^>]*(src|href)=\"(?!data:)", page)


def test_the_widgets_on_it_are_live(published: Any) -> None:
    said, page = published
    assert "2 live widgets" in said.stdout
    assert "1 widget is shown as a picture or as text" in said.stderr
    found = re.findall(r'id="xcnn-state-\w+">(.*?)</script>', page, re.DOTALL)
    explorer, gallery = map(json.loads, found)
    methods = [entry["method"] for entry in explorer["_atlas"]["entries"]]
    assert (methods.count("grad_cam"), methods.count("guided_backprop")) == (4, 2)
    assert explorer["_class_names"] == ["red", "green", "<b>blue</b>"]
    assert gallery["_images"]["total"] == 2
    assert gallery["_row_1"]["name"] == "dune"
