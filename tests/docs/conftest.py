"""The site, built once a run, and a browser that reads it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import browser, playwright  # noqa: F401

from .blocks import ROOT
from .pages import Pages

Reading = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, as `make docs` builds it; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    built = folder / "html"
    # The plain command's options are those of the Makefile.
    options = ("-q", "-W", "--keep-going", "-E", "-j", "2", "-b", "html", "-d", folder / "read")
    run = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, ROOT / "docs", built],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return built


@pytest.fixture(scope="session")
def pages(site: Path) -> Pages:
    """Every page of the site, parsed."""
    return Pages(site)


@pytest.fixture
def reading(site: Path, browser: Browser) -> Reading:  # noqa: F811
    """From the name of a page to the page, read from disk in a browser that reaches nobody."""

    @contextmanager
    def reading(name: str, theme: str = "light", width: int = 1400) -> Iterator[Page]:
        asked: list[str] = []
        problems: list[str] = []
        context = browser.new_context(
            offline=True,
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": 900},
        )
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda told: problems.extend([told.text] * (told.type == "error")))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto((site / f"{name}.html").as_uri())
        yield page
        context.close()
        within = (site.as_uri(), "blob:", "data:")
        assert [address for address in asked if not address.startswith(within)] == []
        assert problems == []

    return reading


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """A folder for pictures to look at, kept by CI and not by git."""
    folder = ROOT / "tests/browser/screenshots/site"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
