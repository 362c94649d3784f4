"""The benchmark runs; how fast, only `make bench` says."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
import torch

from . import measuring
from .__main__ import main
from .growth import slope
from .measuring import QUESTIONS
from .timing import QUICK, Effort, interleaved

# Asked in a page that the browser's tests have open.
_HERE = [question for question in QUESTIONS if question != "browser"]


def _quick(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    output = tmp_path / "quick.json"
    assert main(["--quick", "--output", str(output), *arguments]) == 0
    found: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return found


def test_a_quick_run_answers_every_question_with_finite_ratios(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = _quick(tmp_path, "--questions", *_HERE)["rows"]
    asked = {row["question"].split(maxsplit=1)[0] for row in rows}
    assert asked == {str(number) for number in range(1, 14)}
    assert len(rows) > 2 * len(_HERE)
    for row in rows:
        # Only a slope may be negative.
        assert isfinite(row["ratio"]) and (row["ratio"] > 0 or "growth" in row["question"]), row
    printed = capsys.readouterr().out
    assert all(row["question"] in printed for row in rows)


def test_a_run_that_is_cut_off_leaves_its_rows_and_another_adds_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = tmp_path, "--questions", "layers", "class"

    def cut_off(*_: object) -> object:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setitem(measuring._TIME, "class", cut_off)
        with pytest.raises(KeyboardInterrupt):
            _quick(*asked)
    assert "3 all layers" in capsys.readouterr().out
    first = json.loads((tmp_path / "quick.json").read_text(encoding="utf-8"))["rows"]
    assert {row["question"].split()[0] for row in first} == {"3"}
    added = _quick(tmp_path, "--questions", "class", "--add")["rows"]
    assert added[: len(first)] == first
    assert {row["question"].split()[0] for row in added[len(first) :]} == {"2"}
    again = _quick(tmp_path, "--questions", "layers", "--add")["rows"]
    assert len(again) == len(added)


def test_another_precision_is_measured_and_peers_that_refuse_it_are_named(tmp_path: Path) -> None:
    found = _quick(
        tmp_path, "--variants", "bf16-channels-last", "--questions", "cold", "session", "memory"
    )
    rows = found["rows"]
    assert {row["network"] for row in rows} == {"tiny bf16-channels-last"}
    cold = next(row for row in rows if row["question"].startswith("1 "))
    assert cold["rival"] == "bare torch"
    assert cold["details"]["share of the limit"] == pytest.approx(1 / cold["ratio"], rel=1e-3)
    assert cold["details"]["images a second"] == pytest.approx(1e3 / cold["ours"], rel=1e-3)
    assert any("pytorch-grad-cam: TypeError" in each for each in found["machine"]["left_out"])


def test_without_chromium_the_question_about_the_browser_is_left_out_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = _quick(tmp_path, "--questions", "browser")
    assert found["rows"] == []
    assert "browser: left out, for no Chromium here" in found["machine"]["left_out"][0]
    assert found["machine"]["left_out"][0] in capsys.readouterr().out


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_without_a_cuda_device_there_is_no_measuring_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--quick", "--device", "cuda"])
    assert "torch sees no CUDA device here; use --device cpu" in capsys.readouterr().err


def test_long_calls_are_measured_less_often_but_more_than_once() -> None:
    effort = Effort(rounds=5, seconds=10)
    assert not effort.is_enough(4, 59)
    assert effort.is_enough(5, 11) and not effort.is_enough(5, 9)
    assert effort.is_enough(2, 61) and not effort.is_enough(1, 600)
    assert QUICK.is_enough(1, 1e-6) and not QUICK.is_enough(0, 1)
    samples = interleaved({"one": lambda: None, "other": lambda: None}, Effort(rounds=3, seconds=0))
    assert {name: len(found) for name, found in samples.items()} == {"one": 3, "other": 3}


def test_the_slope_is_the_power_of_the_work() -> None:
    assert slope({10: 3.0, 100: 30.0, 1000: 300.0}) == pytest.approx(1)
    assert slope({2: 5.0, 4: 20.0}) == pytest.approx(2)
    assert slope({10: 7.0, 1000: 7.0}) == pytest.approx(0)
