"""marimo, which draws each widget in a shadow root and serves all visitors from one process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from ..conftest import PAGE_PATIENCE
from ..explorer import Explorer
from ..small_network import PREPARE
from ..test_host_themes import expect_legible
from .marimo_server import exported, running_marimo, write_app

marimo = pytest.importorskip("marimo")
STATIC = Path(marimo.__file__).parent / "_static"


@contextmanager
def visiting(browser: Browser, address: str, system: str) -> Iterator[Page]:
    """A visitor of their own, whose system is light or dark."""
    context = browser.new_context(
        viewport={"width": 1400, "height": 900},
        color_scheme="dark" if system == "dark" else "light",
    )
    context.set_default_timeout(1000 * PAGE_PATIENCE)
    # An exported page fetches marimo's own files from the web; they are here.
    context.route("https://cdn.jsdelivr.net/npm/@marimo-team/**", _own_file)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    assert problems == []


def _own_file(route: Route) -> None:
    path = STATIC / route.request.url.partition("/dist/")[2]
    route.fulfill(path=path) if path.is_file() else route.abort()


def explorers(page: Page) -> list[Explorer]:
    """The bare one and the one in `mo.ui.anywidget`."""
    widgets = page.locator(".xcnn:has([data-xcnn=method])")
    expect(widgets).to_have_count(2)
    return [Explorer(page, widgets.nth(place)) for place in range(2)]


def gallery(page: Page) -> Locator:
    return page.locator(".xcnn:has(.xcnn-gallery)")


def expect_drawn(page: Page, scheme: str) -> None:
    """All widgets stand there with their styles and the page's colours."""
    for explorer in explorers(page):
        expect(explorer.canvas.first).to_be_visible()
        expect(explorer.status).not_to_be_empty()
        expect(explorer.root.locator(".xcnn-layout")).to_have_css("display", "grid")
    # Rows are drawn as they come in sight.
    gallery(page).scroll_into_view_if_needed()
    expect(gallery(page).locator("[data-xcnn=tile]").first).to_be_visible()
    brush = page.locator(".xcnn-brush")
    expect(brush.locator(".xcnn-standing")).to_contain_text("open the notebook in JupyterLab")
    expect(brush.locator(".xcnn-brush-frame").locator("canvas, img").first).to_be_visible()
    for widget in page.locator(".xcnn").all():
        expect(widget).to_have_css("color-scheme", scheme)


def expect_answers(page: Page) -> None:
    for explorer in explorers(page):
        explorer.method.select_option("saliency")
        expect(explorer.status).to_contain_text("Saliency")
        expect(explorer.error).to_be_empty()


def test_visitors_of_an_app_get_whole_widgets(
    browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    app = write_app(tmp_path / "app", "dark", PREPARE)
    with running_marimo("run", app) as address, visiting(browser, address, "light") as first:
        expect_drawn(first, "dark")
        expect_legible(explorers(first)[0].root, "dark")
        expect_answers(first)
        first.screenshot(path=screenshots / "marimo-dark.png", full_page=True)
        with visiting(browser, address, "light") as second:
            expect_drawn(second, "dark")
            expect_answers(second)
        first.reload()
        expect_drawn(first, "dark")
        expect_answers(first)


def test_an_author_runs_a_cell_again(browser: Browser, tmp_path: Path, screenshots: Path) -> None:
    app = write_app(tmp_path / "app", "light", PREPARE)
    with running_marimo("edit", app) as address, visiting(browser, address, "dark") as page:
        expect_drawn(page, "light")
        expect_legible(explorers(page)[0].root, "light")
        expect_answers(page)
        page.screenshot(path=screenshots / "marimo-light.png")
        page.locator(".cm-content", has_text="explorer = names").first.click()
        page.keyboard.press("Control+Enter")
        # What was chosen before is gone with the widget of the cell's earlier run.
        expect(explorers(page)[0].status).to_contain_text("Grad-CAM")
        expect_drawn(page, "light")
        expect_answers(page)
        page.reload()
        expect_drawn(page, "light")
        expect_answers(page)


def test_an_exported_page_keeps_its_picture_and_says_what_it_cannot(
    browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    page_file = exported(write_app(tmp_path / "app", "light", PREPARE))
    with visiting(browser, page_file.as_uri(), "light") as page:
        expect_drawn(page, "light")
        explorer = explorers(page)[0]
        before = explorer.status.inner_text()
        explorer.method.select_option("saliency")
        expect(explorer.error).to_have_text("Not saved on this page: needs a running kernel.")
        expect(explorer.method).to_have_value("grad_cam")
        expect(explorer.status).to_have_text(before)
        page.screenshot(path=screenshots / "marimo-exported.png", full_page=True)
