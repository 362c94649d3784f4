"""The benchmark's question about the browser is answered; how fast, only `make bench` says."""

from __future__ import annotations

from math import isfinite

import pytest

from ..benchmarks.browser import QUICK_PLAN, in_lab


def test_every_choice_is_followed_from_key_to_pixels(lab, kernel):
    rows = list(in_lab(lab, kernel, "tiny", "cpu", QUICK_PLAN, threads=1))
    kernel.run("ipywidgets.Widget.close_all()")
    to_pixels = [row for row in rows if "to pixels" in row.question]
    asked = {(row.question.split()[1], "known" in row.question) for row in to_pixels}
    assert asked == {(kind, known) for kind in ("class", "layer", "method") for known in (0, 1)}
    for row in to_pixels:
        parts = [row.details[part] for part in ("compute", "kernel", "wire", "drawing")]
        assert all(isfinite(part) and part > 0 for part in parts), row
        assert sum(parts) == pytest.approx(row.details["median"])
        assert row.details["messages sent"] == 1
        assert row.details["bytes received"] > row.details["bytes sent"] > 0
    frame, messages = (row for row in rows if "drag" in row.question)
    assert frame.details["frames"] > 0
    assert messages.ours == 0
    assert messages.met
