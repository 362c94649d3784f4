"""What the browser's painting is held to is what Python paints now."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parents[2] / "js/tests/golden"


def test_the_golden_overlays_are_those_that_python_paints() -> None:
    spec: Any = importlib.util.spec_from_file_location("make_paint", GOLDEN / "make_paint.py")
    maker: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    stored = (GOLDEN / "paint.json").read_text(encoding="utf-8")
    assert maker.text() == stored, "if meant so: python js/tests/golden/make_paint.py"
