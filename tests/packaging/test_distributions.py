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

BUNDLE = {
    f"xcnn_widgets/static/{name}"
    for name in ("front_end.js", "front_end.css", "loader.js", "page.css")
}

TRY_OUT = """
import torch, xcnn_widgets as xw
assert 'site-packages' in xw.__file__, xw.__file__
model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(),
                            torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
widget = xw.ExplainerWidget(model, torch.rand(3, 30, 40))
assert 'xcnn.widget(' in widget._esm and '.xcnn-layout' in widget._esm
try:
    xw.demo.load()
except ImportError as error:
    assert 'xcnn-widgets[demo]' in str(error), error
else:
    raise AssertionError('the demo extra is not installed here')
print('works', widget.heatmap.shape)
"""


def test_the_wheel_carries_the_bundle_as_it_is_built_from_these_sources(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as wheel:
        names = wheel.namelist()
        bundle = [name for name in names if name.startswith("xcnn_widgets/static/")]
        assert set(bundle) >= BUNDLE
        for part in bundle:
            assert wheel.read(part) == (ROOT / part).read_bytes(), f"{part} is stale: make setup"
    assert "xcnn_widgets/py.typed" in names
    packages = {name.split("/")[0] for name in names}
    assert packages == {"xcnn_widgets", f"xcnn_widgets-{xcnn_widgets.__version__}.dist-info"}


def test_the_sdist_is_small_and_holds_the_sources_of_both_languages(built: Built) -> None:
    assert built.sdist.stat().st_size < 1_000_000
    with tarfile.open(built.sdist) as sdist:
        names = [name.partition("/")[2] for name in sdist.getnames()]
    assert "js/src/explainer/index.ts" in names
    assert "js/package-lock.json" in names
    assert "xcnn_widgets/explainable_cnn/explainer.py" in names
    assert "LICENSE" in names
    assert not [name for name in names if "node_modules" in name or "static/" in name]


def test_the_wheel_works_in_an_empty_environment_without_node(
    built: Built, environment: Path, tmp_path: Path
) -> None:
    programs = environment / "bin"
    python, uv = programs / "python", Path(sys.executable).with_name("uv")
    pins = ROOT / "requirements/pinned.txt"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    assert shutil.which("node", path=str(programs)) is None
    assert shutil.which("npm", path=str(programs)) is None
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", python, "--constraint", pins, built.wheel],
        env=os.environ | {"PATH": str(programs)},
        cwd=tmp_path,
        check=True,
    )
    result = subprocess.run(
        [python, "-c", TRY_OUT],
        env={"PATH": str(programs), "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "works (30, 40)" in result.stdout


def test_both_languages_have_the_same_version() -> None:
    package = json.loads((ROOT / "js/package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "js/package-lock.json").read_text(encoding="utf-8"))
    assert package["version"] == lock["version"] == xcnn_widgets.__version__


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Path]:
    """A place for an environment, which is too big to be left behind."""
    yield tmp_path / "env"
    shutil.rmtree(tmp_path / "env", ignore_errors=True)
