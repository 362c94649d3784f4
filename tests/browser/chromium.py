"""The browser of the tests: Chromium, as the system has it."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no Chromium here; on Debian: apt-get install chromium"


def chromium() -> Path | None:
    """Return where Chromium is, if it is anywhere."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return None if found is None else Path(found)


def launch(playwright: Playwright) -> Browser:
    """Start Chromium."""
    path = chromium()
    assert path is not None, MISSING
    return playwright.chromium.launch(executable_path=path, args=FLAGS)
