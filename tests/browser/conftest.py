"""One server, one browser, one warm kernel; a notebook of its own for each test."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ViewportSize,
    expect,
)

from tests.pages.lesson import run_lesson

from .chromium import PAGE_PATIENCE, browser, playwright  # noqa: F401
from .explorer import Explorer, read_png
from .gallery_fixtures import drawn, gallery_kernel, show_gallery  # noqa: F401
from .lab import Lab
from .post_mortem import post_mortem
from .server import Kernel, Server, running_server
from .small_network import EXPECTED, PREPARE

HERE = Path(__file__).parent
SCREENSHOTS = HERE / "screenshots"
WINDOW: ViewportSize = {"width": 1180, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
        lab = getattr(item, "funcargs", {}).get("lab")
        if report.failed and lab is not None:
            # Before the test's widgets are closed.
            SCREENSHOTS.mkdir(exist_ok=True)
            name = re.sub(r"\W+", "-", item.name)
            lab.page.screenshot(path=SCREENSHOTS / f"failed-{name}.png")
            with suppress(Exception):  # Whatever this meets, the test's own failure is what counts.
                story = post_mortem(lab, getattr(item, "funcargs", {}).get("kernel"))
                (SCREENSHOTS / f"failed-{name}.txt").write_text(story)
                report.sections.append(("Page and kernel", story))
    return report


FAILED: pytest.StashKey[bool] = pytest.StashKey()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab, Notebook 7 and Voila, on a folder of the test run's own."""
    with running_server(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture(scope="session")
def kernel(server: Server) -> Iterator[Kernel]:
    """A kernel with torch imported and a small network made, shared by the tests' notebooks."""
    kernel = server.start_kernel()
    kernel.run(PREPARE)
    kernel.run(EXPECTED)
    yield kernel
    kernel.close()


@pytest.fixture(scope="session")
def saved_notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that was run without a browser, with its widgets' state."""
    return run_lesson(tmp_path_factory.mktemp("saved"))


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:  # noqa: F811
    """Pages with one cache, so that only the first has to fetch JupyterLab."""
    context = browser.new_context(viewport=WINDOW, accept_downloads=True)
    context.set_default_timeout(1000 * PAGE_PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="session")
def labs(context: BrowserContext, server: Server) -> Iterator[list[Lab]]:
    """The page that the tests share; empty before the first test and after one that failed."""
    labs: list[Lab] = []
    yield labs
    for lab in labs:
        lab.close()


@pytest.fixture
def lab(
    request: pytest.FixtureRequest, context: BrowserContext, server: Server, labs: list[Lab]
) -> Iterator[Lab]:
    """JupyterLab with no notebook open; whatever it complains of fails the test."""
    if not labs:
        labs.append(Lab(context, server))
    lab = labs[0]
    lab.problems.clear()
    lab.wire.forget()
    yield lab
    if request.node.stash.get(FAILED, True):
        labs.clear()
        lab.close()
        return
    if lab.is_spent:
        labs.clear()
        lab.close()
    else:
        lab.page.set_viewport_size(WINDOW)
        lab.close_notebook()
    assert lab.problems == []


@pytest.fixture
def show(
    request: pytest.FixtureRequest, lab: Lab, server: Server, kernel: Kernel
) -> Iterator[Callable[..., Explorer]]:
    """From cells to the widget that they show: `w`, in the shared kernel."""

    def show(*cells: str) -> Explorer:
        name = re.sub(r"\W+", "-", request.node.name)
        path = server.write_notebook(name, *(cells or ["w = explorer(); w"]))
        lab.open(path, kernel.identity)
        lab.run_all()
        explorer = lab.explorer()
        expect(explorer.status).not_to_be_empty()
        expect(explorer.canvas.first).to_be_visible()
        return explorer

    yield show
    if not request.node.stash.get(FAILED, True):
        # Before its widgets go: JupyterLab would look for them once more.
        lab.close_notebook()
    kernel.run("ipywidgets.Widget.close_all()")


@pytest.fixture
def painted(kernel: Kernel) -> Callable[..., NDArray[np.uint8]]:
    """What Python would paint of the widget `w`."""

    def painted(**look: Any) -> NDArray[np.uint8]:
        return read_png(base64.b64decode(kernel.ask(f"painted(w, **{look!r})")))

    return painted


@pytest.fixture
def screenshots() -> Path:
    """A folder for pictures to look at, kept by CI and not by git."""
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS
