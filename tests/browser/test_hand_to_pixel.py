"""The benchmark's question about the screen is answered; how fast, only `make bench` says."""

from __future__ import annotations

from math import isfinite

import pytest

from ..benchmarks.browser import QUICK_PLAN, in_lab


def test_every_choice_is_followed_from_key_to_pixels(lab, kernel):
    rows = list(in_lab(lab, kernel, "tiny", QUICK_PLAN, threads=1))
    kernel.run("ipywidgets.Widget.close_all()")
    *choices, drag = rows
    assert [row.question for row in choices] == [
        f"screen {kind}, {known}"
        for kind in ("class", "layer", "method")
        for known in ("known", "new")
    ]
    for row in choices:
        assert isfinite(row.ours) and row.ours > 0, row
        assert row.ratio == pytest.approx(row.ours / row.theirs)
        assert row.theirs > 60
        assert "; 1 message, " in row.note
    assert drag.question == "screen drag"
    assert drag.rounds > 0
    assert "; 0 messages in 4 moves" in drag.note
