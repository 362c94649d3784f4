"""What `make` sets up again, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

# In the order in which setting up leaves them behind.
STAMPS = (
    ".venv/uv",
    ".venv/pinned",
    ".venv/installed",
    "js/node_modules/installed",
    "xcnn_widgets/static/front_end.js",
)
INSTALL_PINS, INSTALL_PACKAGE = "--requirement requirements/pinned.txt", "--editable ."
INSTALL_LOWEST = "--resolution lowest-direct"
INSTALL_NODE_MODULES, BUILD = "npm --prefix js ci", "npm --prefix js run build"
LONG_AGO = 1_700_000_000
SET_UP = {"-m venv .venv", INSTALL_PINS, INSTALL_PACKAGE, INSTALL_NODE_MODULES, BUILD}
STEPS = {*SET_UP, INSTALL_LOWEST}


def test_a_clean_clone_is_set_up_in_full(clean_copy: Path) -> None:
    assert planned(clean_copy) == SET_UP


def test_a_second_time_nothing_is_set_up(set_up: Path) -> None:
    assert planned(set_up) == set()


@pytest.mark.parametrize(
    ("changed", "steps"),
    [
        ("js/src/explainer/index.ts", {BUILD}),
        ("js/package-lock.json", {INSTALL_NODE_MODULES, BUILD}),
        ("requirements/pinned.txt", {INSTALL_PINS, INSTALL_PACKAGE}),
        ("requirements/alone.txt", {INSTALL_PINS, INSTALL_PACKAGE}),
        ("pyproject.toml", {INSTALL_PACKAGE}),
        ("xcnn_widgets/explainable_cnn/explainer.py", set()),
    ],
)
def test_a_change_sets_up_only_what_hangs_on_it(
    set_up: Path, changed: str, steps: set[str]
) -> None:
    assert planned(set_up, f"--what-if={changed}") == steps


def test_a_removed_source_builds_the_bundle_again(set_up: Path) -> None:
    (set_up / "js/src/explainer/index.ts").unlink()
    assert planned(set_up) == {BUILD}


@pytest.mark.parametrize(
    ("part", "needed"), [("", True), ("floor", True), ("python floor", True), ("python", False)]
)
def test_the_lowest_versions_are_set_up_once_for_the_part_that_needs_them(
    set_up: Path, part: str, needed: bool
) -> None:
    options = (set_up, f"PART={part}")
    assert (INSTALL_LOWEST in planned(*options, goal="test")) is needed
    (set_up / ".venv-floor").mkdir()
    (set_up / ".venv-floor/installed").touch()
    assert planned(*options, goal="test") == set()
    changed = planned(*options, "--what-if=pyproject.toml", goal="test")
    assert (INSTALL_LOWEST in changed) is needed


@pytest.fixture
def set_up(clean_copy: Path) -> Path:
    """The clean copy as it is after everything has been set up once."""
    for stamp in STAMPS:
        (clean_copy / stamp).parent.mkdir(parents=True, exist_ok=True)
        (clean_copy / stamp).touch()
    # Times in the past, sources before stamps: files made within one tick of the clock look equally old.
    for path in clean_copy.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    for order, stamp in enumerate(STAMPS, start=1):
        os.utime(clean_copy / stamp, (LONG_AGO + order, LONG_AGO + order))
    return clean_copy


def planned(folder: Path, *options: str, goal: str = "setup") -> set[str]:
    """The steps that `make` would take in a folder towards a goal."""
    # Under `make test` its own options would reach this make as well.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    result = subprocess.run(
        ["make", "--dry-run", *options, goal],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return {step for step in STEPS if step in result.stdout}
