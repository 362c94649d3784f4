"""The page without a kernel is held to what a kernel does now."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parents[3] / "js/tests/golden"


def test_the_golden_choices_lead_where_they_are_written_to_lead() -> None:
    spec: Any = importlib.util.spec_from_file_location("make_gallery", GOLDEN / "make_gallery.py")
    maker: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    stored = json.loads((GOLDEN / "gallery.json").read_text(encoding="utf-8"))
    gallery = maker.opened()
    steps = json.loads(json.dumps(list(maker.played(gallery))))
    gallery.close()
    assert [step["step"] for step in steps] == [step["step"] for step in stored["steps"]]
    for now, then in zip(steps, stored["steps"], strict=True):
        for row in (*now["rows"], *then["rows"]):
            if row["disagreement"] is not None:
                row["disagreement"] = pytest.approx(row["disagreement"], abs=1e-4)
        assert now == then, (
            f"after {now['step']}; if meant so: python js/tests/golden/make_gallery.py"
        )
