"""What the README shows works as it stands."""

from __future__ import annotations

import re
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run all Python blocks, one after the other, as a reader would, in a folder of their own."""
    namespace: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(blocks) >= 6
    with chdir(tmp_path_factory.mktemp("readme")):
        for block in blocks:
            exec(compile(block, "README.md", "exec"), namespace)
    return namespace


def test_what_the_comments_promise_is_true(names: dict[str, Any]) -> None:
    widget, result, forward = names["widget"], names["result"], names["forward"]
    assert "method='guided_grad_cam', layer='blocks.4', target='Egyptian cat'" in repr(widget)
    assert widget.heatmap.dtype == np.float32
    assert 0 <= widget.heatmap.min() <= widget.heatmap.max() <= 1
    first = widget.predictions[0]
    assert (first["index"], first["name"]) == (282, "tiger cat")
    assert first["probability"] == pytest.approx(0.39, abs=0.01)
    assert result.values.shape == (2, 7, 7)
    assert result.heatmaps().shape == (2, 224, 224)
    assert names["difference"].values.shape == (2, 3, 224, 224)
    assert forward.activation("blocks.4").shape == (2, 112, 14, 14)
    assert [picture.shape for picture in names["pictures"]] == [(224, 224, 3)] * 2
    assert names["pictures"][0].dtype == np.uint8
    gallery = names["gallery"]
    gallery.wait(120)
    assert "layers of 'coffee'" in repr(gallery)
    table = gallery.to_dataframe()
    assert list(table.prediction) == list(table.label)
    assert len(names["figure"].axes) >= 6


def test_every_file_it_points_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).is_file(), target


def test_its_picture_is_a_real_one() -> None:
    with Image.open(ROOT / "docs/explainer.png") as picture:
        assert min(picture.size) > 300


def test_every_method_has_its_row(names: dict[str, Any]) -> None:
    for method in names["xw"].METHODS:
        assert f"| `{method}` |" in README
