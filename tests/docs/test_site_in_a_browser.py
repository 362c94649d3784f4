"""The site as people read it: from disk with the network cut, in light and dark, on a desk and on a phone."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.explorer import Explorer
from tests.browser.gallery import Gallery

from .conftest import Reading

LANDING, NOTEBOOK, GALLERY = (
    "index",
    "course/04_from_pixels_to_grad_cam",
    "course/09_catch_a_cheating_network",
)
LOOKED_AT = (LANDING, NOTEBOOK, "guides/methods", "reference/explain")
# What is right, which is nearly all, need not be told.
ONLY_WRONG = {"resultTypes": ["violations"]}
SCHEME = "(element) => getComputedStyle(element).colorScheme"


def explorer_on(page: Page) -> Explorer:
    """The first widget of a page."""
    return Explorer(page, page.locator(".xcnn").first)


def test_the_landing_widget_answers_each_choice(reading: Reading) -> None:
    with reading(LANDING) as page:
        explorer = explorer_on(page)
        explorer.expect_status("Grad-CAM at bn2 for tiger cat")
        before = explorer.pixels()
        for choose, told in (
            (lambda: explorer.class_row("Egyptian cat").click(), "for Egyptian cat"),
            (lambda: explorer.layer.select_option("blocks.4"), "at blocks.4"),
            (lambda: explorer.method.select_option("guided_grad_cam"), "Guided Grad-CAM"),
            (lambda: explorer.picture("camera").click(), "in camera"),
            (lambda: explorer.method.select_option("occlusion"), "Occlusion"),
        ):
            choose()
            explorer.expect_status(told)
            explorer.expect_other_pixels(before)
            before = explorer.pixels()
        expect(explorer.error).to_be_hidden()


def test_every_class_that_the_landing_widget_names_has_a_map(reading: Reading) -> None:
    with reading(LANDING) as page:
        explorer = explorer_on(page)
        for photo in ("cat", "camera", "coffee"):
            explorer.picture(photo).click()
            explorer.expect_status(f"in {photo}")
            for name in explorer.control("class-option").locator(".xcnn-name").all_inner_texts():
                explorer.class_row(name).click()
                explorer.expect_status("Grad-CAM", f"in {photo}")
                expect(explorer.error).to_be_hidden()


def test_an_explorer_in_a_notebook_answers(reading: Reading) -> None:
    with reading(NOTEBOOK) as page:
        explorer = explorer_on(page)
        before = explorer.pixels()
        explorer.class_row("harmonica").click()
        explorer.expect_status("Grad-CAM", "harmonica")
        explorer.method.select_option("guided_backprop")
        explorer.expect_status("Guided backpropagation", "harmonica")
        explorer.expect_other_pixels(before)


def test_a_gallery_in_a_notebook_answers(reading: Reading) -> None:
    with reading(GALLERY) as page:
        gallery = Gallery(page, page.locator(".xcnn").first)
        expect(gallery.count).to_contain_text("of 121, chosen from 500")
        before = gallery.names.all_inner_texts()
        gallery.root.get_by_text("group 2", exact=True).click()
        expect(gallery.count).not_to_contain_text("of 121,")
        gallery.expect_complete()
        assert gallery.names.all_inner_texts() != before
        assert gallery.pixels(gallery.tile(0)).std() > 1


@pytest.mark.parametrize("name", [LANDING, NOTEBOOK])
def test_widgets_follow_the_sites_theme_and_not_only_the_systems(
    reading: Reading, name: str
) -> None:
    for system, other in (("light", "dark"), ("dark", "light")):
        with reading(name, system) as page:
            explorer_on(page).expect_status("Grad-CAM at bn2")
            assert page.locator(".xcnn").first.evaluate(SCHEME) == system
            page.get_by_role("button", name="Color mode").click()
            page.locator(f"header .theme-change-button[data-mode={other}]").click()
            expect(page.locator("html")).to_have_attribute("data-theme", other)
            page.wait_for_function(
                f"() => getComputedStyle(document.querySelector('.xcnn')).colorScheme === '{other}'"
            )


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_everybody_can_use_a_page(
    reading: Reading, screenshots: Path, name: str, theme: str, width: int
) -> None:
    with reading(name, theme, width) as page:
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        if page.locator("[data-xcnn-state]").count():
            expect(page.locator(".xcnn canvas").locator("visible=true").first).to_be_visible()
        found = [
            (each["id"], [node["html"] for node in each["nodes"]])
            for each in Axe().run(page, options=ONLY_WRONG)["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        page.screenshot(path=screenshots / f"{name.replace('/', '-')}-{theme}-{width}.png")
        assert found == []
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= width


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """The site on a server of its own: from disk a browser lets no script read the pages that are found."""
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(site))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with closing(server.socket):
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_search_finds_grad_cam(browser: Browser, address: str) -> None:
    asked: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}search.html?q=Grad-CAM")
    results = page.locator("#search-results li a")
    expect(results.filter(has_text="From pixels to Grad-CAM").first).to_be_visible()
    expect(results.filter(has_text="Methods").first).to_be_visible()
    context.close()
    assert [url for url in asked if not url.startswith(address)] == []
