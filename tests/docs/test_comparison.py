"""The comparison speaks of the versions that are here, and quotes the benchmark as it stands."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from .blocks import ROOT

PAGE = (ROOT / "docs/comparison.md").read_text(encoding="utf-8")
BENCH = (ROOT / "tests/benchmarks/results/cpu_avx2.md").read_text(encoding="utf-8")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("Captum", "captum"),
        ("pytorch-grad-cam", "grad-cam"),
        ("torchcam", "torchcam"),
        ("Quantus", "quantus"),
        ("zennit", "zennit"),
    ],
)
def test_versions_are_those_of_the_tests(name: str, package: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| [{name}](")]
    assert version(package) in _cells(row)[1]


def test_figures_are_those_of_the_benchmark() -> None:
    bench = [_cells(line)[:5] for line in BENCH.splitlines() if line.startswith("| ")]
    speed = PAGE.split("## Speed")[1]
    quoted = [_cells(line) for line in speed.splitlines() if line.startswith("| ")][2:]
    assert len(quoted) >= 10
    for words, *figures in quoted:
        question = words.split("`")[1]
        assert [question, *figures] in bench


def test_the_table_has_all_tools_in_their_order() -> None:
    tools, _, each = PAGE.partition("## What each has")
    named = [
        line.split("[")[1].split("]")[0] for line in tools.splitlines() if line.startswith("| [")
    ]
    rows = [
        _cells(line)
        for line in each.partition("\n## ")[0].splitlines()
        if line.startswith("| ") and not line.startswith(("| |", "| ---"))
    ]
    assert [row[0] for row in rows] == [*named, "xcnn-widgets"]
    assert {len(row) for row in rows} == {5}
