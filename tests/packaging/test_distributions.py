"""What is in the wheel and in the sdist, and that the wheel works where nothing else is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import xcnn_widgets

from .conftest import ROOT, Built

pytestmark = pytest.mark.packaging

BUNDLE = ("xcnn_widgets/static/explainer.js", "xcnn_widgets/static/explainer.css")


def test_the_wheel_carries_the_bundle_as_it_is_built_from_these_sources(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as wheel:
        names = wheel.namelist()
        for part in BUNDLE:
            assert wheel.read(part) == (ROOT / part).read_bytes(), f"{part} is stale: run make lab"
    assert "xcnn_widgets/py.typed" in names
    packages = {name.split("/")[0] for name in names}
    assert packages == {"xcnn_widgets", f"xcnn_widgets-{xcnn_widgets.__version__}.dist-info"}


def test_the_sdist_is_small_and_holds_the_sources_of_both_languages(built: Built) -> None:
    assert built.sdist.stat().st_size < 1_000_000
    with tarfile.open(built.sdist) as sdist:
        names = [name.partition("/")[2] for name in sdist.getnames()]
    assert "js/src/explainer/index.ts" in names
    assert "js/package-lock.json" in names
    assert "LICENSE" in names
    assert not [name for name in names if "node_modules" in name or "static/" in name]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Path]:
    """A place for an environment, which is too big to be left behind."""
    yield tmp_path / "env"
    shutil.rmtree(tmp_path / "env")


def test_the_wheel_works_in_an_empty_environment_without_node(
    built: Built, environment: Path, tmp_path: Path
) -> None:
    uv = Path(sys.executable).with_name("uv")
    python = environment / "bin" / "python"
    pins = ROOT / "requirements/pinned.txt"
    for command in (
        ["venv", "--quiet", "--python", sys.executable, environment],
        ["pip", "install", "--quiet", "--python", python, "-c", pins, built.wheel],
    ):
        subprocess.run([uv, *command], check=True, cwd=tmp_path)
    script = """
import sys, torch, xcnn_widgets as xw
assert 'site-packages' in xw.__file__, xw.__file__
model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(),
                            torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
widget = xw.ExplainerWidget(model, torch.rand(3, 30, 40))
assert 'render' in widget._esm and '.xcnn' in widget._css
try:
    xw.demo.load()
except ImportError as error:
    assert 'xcnn-widgets[demo]' in str(error), error
else:
    raise AssertionError('the demo extra is not installed here')
print('works', widget.heatmap.shape)
"""
    result = subprocess.run(
        [python, "-c", script],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "works (224, 224)" in result.stdout


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = [
        "torchvision.models",
        "matplotlib.pyplot",
        "timm",
        "skimage",
        "captum",
        "IPython.core.pylabtools",
    ]
    script = f"import sys, xcnn_widgets; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_both_languages_have_the_same_version() -> None:
    package = json.loads((ROOT / "js/package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "js/package-lock.json").read_text(encoding="utf-8"))
    assert package["version"] == lock["version"] == xcnn_widgets.__version__
