"""The benchmark runs; how fast, only `make bench` says."""

from __future__ import annotations

from math import isfinite

import pytest
import torch

from . import measuring
from .__main__ import main
from .expected import expected, is_expected
from .measuring import QUESTIONS, measure
from .networks import NETWORKS, TINY
from .rows import row
from .timing import QUICK, Effort, duel, old_objects_left_alone

# Asked in a page that the browser's tests have open.
_HERE = [question for question in QUESTIONS if question != "screen"]


def test_every_question_is_answered_with_finite_ratios():
    rows = list(measure([TINY], _HERE, QUICK, threads=1, left_out=[]))
    assert {row.question.split()[0] for row in rows} == set(_HERE)
    assert len(rows) > 2 * len(_HERE)
    for each in rows:
        assert isfinite(each.ratio) and each.ratio > 0, each


def test_what_is_expected_is_measured_and_nothing_else(monkeypatch):
    monkeypatch.setattr("tests.benchmarks.expected._EXPECTED", {("session", "Captum"): {TINY: 8.0}})
    rows = list(measure([TINY], _HERE, QUICK, threads=1, left_out=[], only_expected=True))
    assert [(row.question, row.rival, row.expected) for row in rows] == [("session", "Captum", 8.0)]


def test_a_run_stores_a_line_for_each_row_and_prints_the_same(tmp_path, capsys):
    output = tmp_path / "table.md"
    assert main(["--quick", "--questions", "cold", "--output", str(output)]) == 0
    stored = output.read_text(encoding="utf-8")
    lines = [line for line in stored.splitlines() if line.startswith("| cold")]
    assert [line.split("|")[3].strip() for line in lines] == [
        "bare torch",
        "Captum",
        "pytorch-grad-cam",
        "torchcam",
    ]
    printed = capsys.readouterr().out
    assert all(line in printed for line in lines)


def test_a_run_that_is_cut_off_leaves_its_rows(tmp_path, monkeypatch):
    def cut_off(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setitem(measuring._RACES, "class", cut_off)
    output = tmp_path / "table.md"
    with pytest.raises(KeyboardInterrupt):
        main(["--quick", "--questions", "layers", "class", "--output", str(output)])
    assert "| layers" in output.read_text(encoding="utf-8")


def test_without_chromium_the_question_about_the_screen_is_left_out_and_said_so(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["--quick", "--questions", "screen"]) == 0
    assert "screen: left out, for no Chromium here" in capsys.readouterr().out


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_without_a_cuda_device_there_is_no_measuring_it(capsys):
    with pytest.raises(SystemExit):
        main(["--quick", "--device", "cuda"])
    assert "torch sees no CUDA device here; use --device cpu" in capsys.readouterr().err


def test_a_ratio_is_the_median_of_those_of_each_round_within_its_quartiles():
    ours, theirs = [1.0, 2.0, 4.0, 8.0, 1.0], [10.0, 10.0, 10.0, 10.0, 1.0]
    gain = row("cold", TINY, "a peer", ours, theirs, "ms", at_most=False)
    assert (gain.ratio, gain.low, gain.high) == (2.5, 1.25, 5.0)
    cost = row("cold", TINY, "bare torch", ours, theirs, "ms", at_most=True)
    assert (cost.ratio, cost.low, cost.high) == (0.4, 0.2, 0.8)


def test_long_calls_are_measured_less_often_but_more_than_once():
    effort = Effort()
    assert not effort.is_enough(8, 60.0, is_long=False)
    assert effort.is_enough(9, 4.1, is_long=False) and not effort.is_enough(9, 3.9, is_long=False)
    assert not effort.is_enough(2, 60.0, is_long=True)
    assert effort.is_enough(3, 21.0, is_long=True) and not effort.is_enough(3, 19.0, is_long=True)
    assert effort.is_enough(50, 0.1, is_long=False)


def test_two_calls_meet_in_every_round():
    with old_objects_left_alone():
        samples = duel(lambda: None, lambda: None, Effort(rounds=5, seconds=0))
    assert [len(found) for found in samples] == [5, 5]


def test_the_short_table_has_a_question_for_each_expectation():
    asked = {
        (question, network)
        for question in QUESTIONS
        for network in NETWORKS
        if is_expected(question, network)
    }
    assert ("class", "vgg16") in asked and ("cold", "vgg16") not in asked
    assert ("screen", "demo") in asked and ("screen", "resnet18") not in asked
    assert expected("class", "Captum", "vgg16") == 10
    assert expected("class", "torchcam, graph kept", "resnet18") is None
