"""The benchmark runs; how fast, only `make bench` says."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path

import pytest

from .__main__ import QUESTIONS, main
from .growth import slope


def test_a_quick_run_answers_every_question_with_finite_ratios(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "quick.json"
    assert main(["--quick", "--output", str(output)]) == 0
    rows = json.loads(output.read_text(encoding="utf-8"))["rows"]
    asked = {row["question"].split(maxsplit=1)[0] for row in rows}
    assert asked == {str(number) for number in range(1, 14)}
    assert len(rows) > 2 * len(QUESTIONS)
    for row in rows:
        # Only a slope may be negative.
        assert isfinite(row["ratio"]) and (row["ratio"] > 0 or "growth" in row["question"]), row
    printed = capsys.readouterr().out
    assert all(row["question"] in printed for row in rows)


def test_the_slope_is_the_power_of_the_work() -> None:
    assert slope({10: 3.0, 100: 30.0, 1000: 300.0}) == pytest.approx(1)
    assert slope({2: 5.0, 4: 20.0}) == pytest.approx(2)
    assert slope({10: 7.0, 1000: 7.0}) == pytest.approx(0)
