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
    """The clean copy, and the distributions made from it."""

    source: Path
    wheel: Path
    sdist: Path


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


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the sdist from a copy without bundle and node_modules, and the wheel from the sdist."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked_files():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
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
    return Built(source, wheel, sdist)
