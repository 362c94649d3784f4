"""A clean copy of the project, and what is built from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Built:
    """The distributions made from a clean copy."""

    wheel: Path
    sdist: Path


@pytest.fixture
def clean_copy(tmp_path: Path) -> Path:
    """The project as git would hand it to somebody: no bundle, no node_modules, no environment."""
    return copy_tracked_files(tmp_path / "copy")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the sdist from a clean copy, and the wheel from the sdist."""
    source = copy_tracked_files(tmp_path_factory.mktemp("source"))
    assert not (source / "xcnn_widgets/static").exists()
    assert not (source / "js/node_modules").exists()
    dist = tmp_path_factory.mktemp("dist")
    environment = {key: value for key, value in os.environ.items() if "JUPYTER_BUILDER" not in key}
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(source)],
        check=True,
        env=environment,
    )
    (wheel,) = dist.glob("*.whl")
    (sdist,) = dist.glob("*.tar.gz")
    return Built(wheel, sdist)


def tracked_files() -> list[Path]:
    """All files that git knows, and those that it would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [Path(name) for name in listed if (ROOT / name).is_file()]


def copy_tracked_files(target: Path) -> Path:
    """Copy them into a folder."""
    for name in tracked_files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target / name)
    return target
