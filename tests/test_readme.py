"""What the README shows works as it stands, and is short."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from .docs.blocks import ROOT, blocks_of, promises_of, run_page

PATH = ROOT / "README.md"
README = PATH.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run all Python blocks, one after the other, as a reader would, in a folder of their own."""
    blocks = blocks_of(PATH, "python")
    assert len(blocks) >= 6
    assert sum(map(promises_of, blocks)) >= 5
    folder = tmp_path_factory.mktemp("readme")
    return {**run_page(PATH, folder), "folder": folder}


def test_what_the_comments_promise_is_true(names: dict[str, Any]) -> None:
    widget = names["widget"]
    assert "method='guided_grad_cam', layer='blocks.4', target='Egyptian cat'" in repr(widget)
    assert widget.heatmap.dtype == np.float32
    assert 0 <= widget.heatmap.min() <= widget.heatmap.max() <= 1
    assert widget.predictions[0]["probability"] == pytest.approx(0.39, abs=0.01)
    table = names["gallery"].to_dataframe()
    assert list(table.columns) == ["name", "label", "prediction", "probability", "disagreement"]
    assert list(table.prediction) == list(table.label)
    brush = names["brush"]
    assert brush.mask.mean() == pytest.approx(0.1, abs=1e-3)
    assert abs(brush.answer.target.points) > 1
    assert len(brush.history) == 1
    results = names["xw"].Results(names["folder"] / "results")
    assert list(results.to_dataframe()["key"]) == list(names["photos"])


def test_the_page_is_as_large_as_it_says(names: dict[str, Any], tmp_path: Any) -> None:
    (said,) = re.findall(r"# ([\d.]+) MB", README)
    names["widget"].to_html(tmp_path / "cat.html")
    assert (tmp_path / "cat.html").stat().st_size / 1e6 == pytest.approx(float(said), rel=0.1)


def test_its_picture_is_a_real_one() -> None:
    with Image.open(ROOT / "docs/explainer.png") as picture:
        assert min(picture.size) > 300


def test_it_names_every_notebook() -> None:
    there = {path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}
    assert there <= set(re.findall(r"`(\d\d_\w+)`", README))


def test_it_counts_methods_and_metrics_right(names: dict[str, Any]) -> None:
    methods = names["xw"].METHODS.values()
    cams = [method for method in methods if method.family == "cam"]
    assert (len(methods), len(cams)) == (16, 8)
    assert "Sixteen: eight class activation maps" in README


def test_it_is_short() -> None:
    assert len(README.split()) <= 1100
