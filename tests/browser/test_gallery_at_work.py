"""A gallery's page at work: first rows in sight, a grid, a confusion matrix, a phone, paper, and both themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from . import gallery_pictures, small_network
from .gallery import Gallery

WINDOW = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 800}
# What a finger presses; a box that is ticked is pressed by its label.
TARGETS = """(root) => [...root.querySelectorAll("button, summary, select, input:not([type=radio]), label:has(input)")]
    .filter((one) => one.checkVisibility() && !one.disabled && !one.closest("label:has(input)")?.contains(one.parentElement))
    .filter((one) => !(one.matches("input") && one.closest("label")))
    .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.5)
    .map(([html]) => html)"""
SCROLLERS = """(root) => [...root.querySelectorAll("*")]
    .filter((one) => one.scrollHeight > one.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(one).overflowY))
    .map((one) => one.className)"""
PAINTED = "(root) => [...root.querySelectorAll('canvas[data-xcnn=tile]')].filter((one) => one.width > 0).length"

Open = Callable[..., Gallery]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a gallery of 24 pictures with labels, whose accuracy was asked for."""
    known: dict[str, Any] = {}
    exec(small_network.PREPARE + gallery_pictures.PREPARE, known)
    gallery = known["gallery"](labels=known["LABELS"], page_size=12, controls_open=False)
    assert gallery.summary().wrong == 12
    path = tmp_path_factory.mktemp("page") / "gallery.html"
    gallery.to_html(path, pictures="all")
    gallery.close()
    return path


@pytest.fixture
def shown(browser: Browser, file: Path) -> Iterator[Open]:
    pages: list[Page] = []

    def open_page(**context: Any) -> Gallery:
        page = browser.new_page(**{"viewport": WINDOW, **context})
        pages.append(page)
        page.goto(file.as_uri())
        gallery = Gallery(page, page.locator(".xcnn"))
        gallery.expect_complete()
        page.wait_for_selector(".xcnn canvas:visible")
        return gallery

    yield open_page
    for page in pages:
        page.close()


def test_the_first_row_is_in_sight_and_what_is_folded_stays_folded(shown: Open) -> None:
    gallery = shown()
    box = gallery.rows.first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < WINDOW["height"]
    expect(gallery.control("controls")).not_to_have_attribute("open", "")
    gallery.control("controls").locator("> summary").click()
    expect(gallery.control("order")).to_be_visible()


def test_the_grid_shows_many_pictures_and_keys_lead_through_it(shown: Open) -> None:
    gallery = shown()
    gallery.radio("arrangement", "grid").click()
    tiles = gallery.control("tile-option")
    expect(tiles).to_have_count(12)
    assert all(
        (box := tiles.nth(place).bounding_box()) is not None
        and box["y"] + box["height"] <= WINDOW["height"]
        for place in range(12)
    )
    tiles.first.focus()
    for key, place in (("ArrowRight", 1), ("End", 11), ("Home", 0)):
        gallery.page.keyboard.press(key)
        expect(tiles.nth(place)).to_be_focused()
    gallery.page.keyboard.press("Enter")
    expect(tiles.first).to_have_attribute("aria-selected", "true")
    expect(tiles.first.locator("[data-xcnn=mark]")).to_have_text("✓")
    expect(tiles.nth(1).locator("[data-xcnn=mark]")).to_have_text("✗")
    # No kernel, no explorer.
    expect(gallery.control("open-explorer")).to_be_hidden()


def test_a_cell_of_the_confusion_matrix_filters_and_clears_again(shown: Open) -> None:
    gallery = shown()
    expect(gallery.control("summary")).to_contain_text("Accuracy 50.0% (12 of 24) · 12 wrong")
    gallery.root.get_by_text("Confusion matrix").click()
    cell = gallery.control("confused").first
    count = int(cell.inner_text())
    cell.focus()
    gallery.page.keyboard.press("Enter")
    expect(cell).to_have_attribute("aria-pressed", "true")
    expect(gallery.count).to_contain_text(f"of {count}, chosen from 24")
    gallery.page.keyboard.press("Enter")
    expect(gallery.count).to_have_text("Pictures 1\u201312 of 24")


def test_names_are_filtered_while_they_are_typed(shown: Open) -> None:
    gallery = shown()
    gallery.control("controls").locator("> summary").click()
    gallery.control("show-text").press_sequentially("bee 1")
    gallery.expect_names("bee 1")
    expect(gallery.control("show-text")).to_be_focused()


@pytest.mark.parametrize("arrangement", ["rows", "grid"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_scrolls_once_and_its_targets_are_large(
    shown: Open, arrangement: str, scheme: str, screenshots: Path
) -> None:
    gallery = shown(viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=scheme)
    gallery.radio("arrangement", arrangement).tap(force=True)
    gallery.control("controls").locator("> summary").tap()
    gallery.settled()
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert gallery.root.evaluate(TARGETS) == []
    assert gallery.root.evaluate(SCROLLERS) == []
    canvas = gallery.root.locator("canvas[data-xcnn=tile]:visible").first
    gallery._in_sight(canvas).tap()
    expect(canvas.locator("xpath=..").locator("[data-xcnn=value]")).to_be_visible()
    found = Axe().run(gallery.page, ".xcnn")["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    gallery.page.screenshot(path=screenshots / f"gallery-phone-{arrangement}-{scheme}.png")


def test_paper_has_all_rows_of_the_page(shown: Open, tmp_path: Path) -> None:
    gallery = shown()
    gallery.settled()
    assert gallery.root.evaluate(PAINTED) < 24
    # What is out of sight is decoded when the browser has nothing else to do.
    gallery.page.evaluate(
        "() => new Promise((done) => requestIdleCallback(() => requestIdleCallback(() => done(null))))"
    )
    gallery.page.emulate_media(media="print")
    gallery.settled()
    assert gallery.root.evaluate(PAINTED) == 24
    scroller = gallery.root.locator(".xcnn-scroller")
    assert scroller.evaluate("(one) => one.scrollHeight <= one.clientHeight + 2")
    strip = gallery.root.locator(".xcnn-strip-line").first
    assert strip.evaluate("(one) => getComputedStyle(one).printColorAdjust") == "exact"
    gallery.page.pdf(path=tmp_path / "gallery.pdf")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_folded_and_unfolded_also_at_twice_the_size(
    shown: Open, scheme: str, screenshots: Path
) -> None:
    gallery = shown(viewport={"width": 700, "height": 450}, color_scheme=scheme)
    gallery.root.get_by_text("Confusion matrix").click()
    for arrangement in ("rows", "grid"):
        gallery.radio("arrangement", arrangement).check(force=True)
        gallery.settled()
        found = Axe().run(gallery.page, ".xcnn")["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
        assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        gallery.page.screenshot(
            path=screenshots / f"gallery-work-{arrangement}-{scheme}.png", full_page=True
        )
