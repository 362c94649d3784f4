"""The browser of the tests: Chromium, as the system has it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from .processes import PATIENCE

# Seconds that a page is waited for; shorter while one writes a test.
PAGE_PATIENCE = float(os.environ.get("XCNN_PAGE_PATIENCE", PATIENCE))

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


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, once a run."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, once a run."""
    expect.set_options(timeout=1000 * PAGE_PATIENCE)
    browser = launch(playwright)
    yield browser
    browser.close()
