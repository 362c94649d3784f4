"""Every block of Python in the documentation runs, page by page, and its comments are true."""

from __future__ import annotations

from pathlib import Path

import pytest

from .blocks import ROOT, blocks_of, promises_of, run_page

DOCS = ROOT / "docs"
PAGES = {
    str(page.relative_to(DOCS)): page
    for page in sorted(DOCS.rglob("*.md"))
    if blocks_of(page, "python")
}

# Run by a test that first makes what the page speaks of.
RUN_ELSEWHERE = {"format-of-results.md": "tests/datasets/test_format.py"}

# Blocks that cannot run here are fenced as ``py``: each with its first line.
NOT_RUN = {
    # Its weights would be downloaded.
    "guides/targets.md": ["detector = torchvision.models.detection.ssdlite320_mobilenet_v3_large("],
}


@pytest.mark.parametrize("name", [name for name in PAGES if name not in RUN_ELSEWHERE])
def test_its_code_runs_and_its_comments_are_true(name: str, tmp_path: Path) -> None:
    run_page(PAGES[name], tmp_path)


def test_only_named_blocks_are_not_run() -> None:
    found = {
        str(page.relative_to(DOCS)): [block.splitlines()[0] for block in blocks_of(page, "py")]
        for page in sorted(DOCS.rglob("*.md"))
    }
    assert {name: lines for name, lines in found.items() if lines} == NOT_RUN


def test_pages_that_are_run_elsewhere_are() -> None:
    for name, test in RUN_ELSEWHERE.items():
        assert name in PAGES
        assert name in (ROOT / test).read_text(encoding="utf-8")


def test_comments_say_what_comes_out() -> None:
    promises = sum(
        promises_of(block) for page in PAGES.values() for block in blocks_of(page, "python")
    )
    assert promises >= 40


def test_a_wrong_comment_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nx = 2\nx + 1  # 3\nx + 2  # 5\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="x \\+ 2 is 4, not 5"):
        run_page(page, tmp_path)


@pytest.mark.parametrize("page", ["start.md", "guides"])
def test_code_can_be_read_without_scrolling(page: str) -> None:
    pages = [DOCS / page, *(DOCS / page).glob("*.md")]
    for each in pages:
        for block in blocks_of(each, "python") if each.is_file() else []:
            assert max(map(len, block.splitlines())) <= 82, each.name


def test_what_is_printed_is_compared_with_the_lines_below(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1, 2)\n# 1\n# 2\nprint(3)\n# 4\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="print\\(3\\) is 3, not 4"):
        run_page(page, tmp_path)
