"""The benchmark runs; how fast, only `make bench` says."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path

import pytest

from .__main__ import QUESTIONS, main


def test_a_quick_run_answers_every_question_with_finite_ratios(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "quick.json"
    assert main(["--quick", "--output", str(output)]) == 0
    rows = json.loads(output.read_text(encoding="utf-8"))["rows"]
    assert {row["question"][0] for row in rows} == set("123456789")
    assert len(rows) > 2 * len(QUESTIONS)
    for row in rows:
        assert isfinite(row["ratio"]) and row["ratio"] > 0, row
    printed = capsys.readouterr().out
    assert all(row["question"] in printed for row in rows)
