"""The page "Where it runs" tells of tests that exist, and of nothing else."""

from __future__ import annotations

import ast

import pytest

from tests.browser.hosts.table import HOSTS, PAGE, ROOT, rows


def test_the_page_is_what_the_tests_say() -> None:
    stored = PAGE.read_text(encoding="utf-8").splitlines()
    assert stored[-len(rows()) :] == rows(), "python -m tests.browser.hosts --write"


@pytest.mark.parametrize("test", [test for host in HOSTS for test in host.tests])
def test_each_test_that_a_row_rests_on_exists(test: str) -> None:
    file, name = test.split("::")
    tree = ast.parse((ROOT / "tests" / "browser" / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
