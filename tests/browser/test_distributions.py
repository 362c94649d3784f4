"""Figures that filter, on a page without a kernel: bars by mouse, keys and finger, in both themes, and on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from xcnn_widgets import GalleryWidget
from xcnn_widgets.datasets import Results

from ..datasets.many_rows import write_many
from . import gallery_pictures, small_network
from .gallery import Gallery
from .offline import offline

WIDE: ViewportSize = {"width": 1400, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 800}

Open = Callable[..., Gallery]


def some_groups() -> dict[str, Any]:
    """Two groups with mean maps whose hot place differs."""
    maps = [np.zeros((14, 14), np.uint8) for _ in range(2)]
    maps[0][1:5, 1:5] = 255
    maps[1][8:13, 6:13] = 200
    sizes, wrong = (17, 7), (5, 7)
    return {
        "method": "grad_cam",
        "groups": [
            {
                "name": f"group {place + 1}",
                "size": sizes[place],
                "wrong": wrong[place],
                "map": {"data": one.tobytes(), "shape": [14, 14], "range": [0.0, 1.0]},
            }
            for place, one in enumerate(maps)
        ],
    }


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a gallery of 24 pictures, all explained, with groups."""
    known: dict[str, Any] = {}
    exec(small_network.PREPARE + gallery_pictures.PREPARE, known)
    gallery = known["gallery"](labels=known["LABELS"], page_size=12, controls_open=False)
    gallery.summary()
    gallery._groups = some_groups()
    path = tmp_path_factory.mktemp("page") / "gallery.html"
    gallery.to_html(path, pictures="all")
    gallery.close()
    return path


@pytest.fixture
def shown(browser: Browser, file: Path) -> Iterator[Open]:
    pages: list[Page] = []

    def open_page(**context: Any) -> Gallery:
        page = browser.new_page(**{"viewport": WIDE, **context})
        pages.append(page)
        page.goto(file.as_uri())
        gallery = Gallery(page, page.locator(".xcnn"))
        gallery.expect_complete()
        page.wait_for_selector(".xcnn canvas:visible")
        return gallery

    yield open_page
    for page in pages:
        page.close()


def unfolded(gallery: Gallery) -> Gallery:
    gallery.control("distributions").locator("summary").click()
    expect(gallery.control("value-bars")).to_be_visible()
    gallery.settled()
    return gallery


def bars(gallery: Gallery, hook: str) -> Locator:
    return gallery.control(hook).locator("[data-xcnn=bar]")


def told(bar: Locator) -> int:
    """How many pictures a bar says that it has."""
    label = bar.get_attribute("aria-label")
    assert label is not None
    return int(label.split(": ")[1].split()[0])


@pytest.mark.parametrize("hook", ["value-bars", "disagreement-bars"])
def test_each_bar_shows_only_its_pictures_and_all_again(shown: Open, hook: str) -> None:
    gallery = unfolded(shown())
    counts = []
    for bar in bars(gallery, hook).all():
        counts.append(told(bar))
        bar.click()
        expect(bar).to_have_attribute("aria-pressed", "true")
        expect(gallery.count).to_contain_text(f"of {counts[-1]}, chosen from 24")
        bar.click()
        expect(bar).to_have_attribute("aria-pressed", "false")
        expect(gallery.count).to_have_text("Pictures 1\u201312 of 24")
    assert sum(counts) == 24
    assert len(counts) > 1


def test_keys_lead_through_the_bars_and_press_them_and_shift_takes_more(shown: Open) -> None:
    gallery = unfolded(shown())
    found = bars(gallery, "disagreement-bars")
    assert gallery.control("disagreement-bars").locator("[tabindex='0']").count() == 1
    found.first.focus()
    gallery.page.keyboard.press("ArrowRight")
    expect(found.nth(1)).to_be_focused()
    gallery.page.keyboard.press("Home")
    gallery.page.keyboard.press("Enter")
    expect(gallery.count).to_contain_text(f"of {told(found.first)}, chosen from 24")
    expect(found.first).to_be_focused()
    gallery.page.keyboard.press("End")
    gallery.page.keyboard.press("Shift+Enter")
    expect(gallery.count).to_have_text("Pictures 1\u201312 of 24")
    assert all(bar.get_attribute("aria-pressed") == "true" for bar in found.all())


def test_a_filter_in_force_stands_beside_the_others_and_can_be_taken_away_there(
    shown: Open,
) -> None:
    gallery = unfolded(shown())
    bars(gallery, "value-bars").last.click()
    gallery.control("controls").locator("> summary").click()
    clear = gallery.control("show-value-clear")
    expect(clear.locator("xpath=..")).to_contain_text("probability ")
    clear.click()
    expect(clear).to_be_hidden()
    expect(gallery.count).to_have_text("Pictures 1\u201312 of 24")
    expect(bars(gallery, "value-bars").last).to_have_attribute("aria-pressed", "false")


def test_the_figures_are_of_the_methods_shown(shown: Open) -> None:
    gallery = unfolded(shown())
    figure = gallery.root.locator(
        "figure", has=gallery.page.locator("[data-xcnn=disagreement-bars]")
    )
    expect(figure).to_contain_text("Disagreement of Grad-CAM and Guided Grad-CAM")
    before = [bar.get_attribute("aria-label") for bar in bars(gallery, "disagreement-bars").all()]
    gallery.control("controls").locator("> summary").click()
    gallery.control("method-saliency").click()
    gallery.control("method-guided_grad_cam").click()
    expect(figure).to_contain_text("Disagreement of Grad-CAM and Saliency")
    after = [bar.get_attribute("aria-label") for bar in bars(gallery, "disagreement-bars").all()]
    assert after != before
    bars(gallery, "disagreement-bars").first.click()
    gallery.control("method-saliency").click()
    expect(gallery.control("show-disagreement-clear")).to_be_hidden()
    expect(figure).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("window", [WIDE, PHONE], ids=["wide", "phone"])
def test_it_is_accessible_and_a_finger_can_press_every_bar(
    shown: Open, window: ViewportSize, scheme: str, screenshots: Path
) -> None:
    by_touch = {"has_touch": True, "is_mobile": True} if window is PHONE else {}
    gallery = unfolded(shown(viewport=window, color_scheme=scheme, **by_touch))
    first = bars(gallery, "value-bars").first
    count = told(first)
    first.tap() if by_touch else first.click()
    expect(gallery.count).to_contain_text(f"of {count}, chosen from 24")
    high = gallery.control("value-bars").evaluate("(row) => row.clientHeight")
    boxes = [one.bounding_box() for one in gallery.control("bar").all()]
    assert all(box is not None and box["height"] >= high for box in boxes)
    if by_touch:
        assert all(box is not None and box["width"] >= 44 for box in boxes)
    gallery.settled()
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(gallery.page, ".xcnn")["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    name = "phone" if by_touch else "wide"
    gallery.page.screenshot(path=screenshots / f"distributions-{name}-{scheme}.png")


def test_forced_colours_and_paper_keep_the_bars(shown: Open, screenshots: Path) -> None:
    gallery = unfolded(shown())
    gallery.root.get_by_text("Confusion matrix").click()
    bars(gallery, "disagreement-bars").first.click()

    def look(name: str) -> None:
        gallery.settled()
        for filled in gallery.root.locator(".xcnn-bars .xcnn-bin").all():
            background = filled.evaluate("(one) => getComputedStyle(one).backgroundColor")
            box = filled.bounding_box()
            assert box is not None and box["height"] >= 3
            assert background not in ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)")
        gallery.page.screenshot(path=screenshots / f"distributions-{name}.png")

    gallery.page.emulate_media(forced_colors="active")
    look("forced")
    gallery.page.emulate_media(forced_colors="none", media="print")
    look("paper")
    expect(gallery.control("confused").first).to_be_visible()
    expect(gallery.control("reset")).to_be_hidden()


def test_with_a_kernel_bars_filter_and_methods_are_compared_when_that_is_asked_for(
    show_gallery: Callable[..., Gallery], screenshots: Path
) -> None:
    gallery = show_gallery("w = gallery(labels=LABELS, page_size=5); w")
    expect(gallery.control("distributions")).to_be_hidden()
    gallery.control("summarise").click()
    gallery = unfolded(gallery)
    gallery.expect_complete()
    bar = bars(gallery, "value-bars").last
    count = told(bar)
    bar.click()
    expect(gallery.count).to_contain_text(f"of {count}, chosen from 24")
    expect(gallery.control("show-value-clear")).to_be_visible()
    bar.click()
    expect(gallery.count).to_have_text("Pictures 1\u20135 of 24")
    expect(gallery.control("disagreement-bars")).to_be_hidden()
    gallery.control("compare-all").click()
    first = bars(gallery, "disagreement-bars").first
    expect(first).to_be_visible()
    gallery.expect_complete()
    first.focus()
    gallery.page.keyboard.press("Enter")
    expect(gallery.count).to_contain_text(f"of {told(first)}, chosen from 24")
    expect(first).to_be_focused()
    gallery.screenshot(screenshots / "distributions-lab.png")


def test_groups_of_results_filter_on_a_page_without_a_kernel(
    browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    write_many(tmp_path / "results", 60)
    groups = Results(tmp_path / "results").cluster("grad_cam", n=3)
    made = GalleryWidget.open(tmp_path / "results", page_size=5, controls_open=True)
    made.to_html(tmp_path / "page.html", pictures="all")
    made.close()
    with offline(browser, tmp_path / "page.html", WIDE) as page:
        gallery = Gallery(page, page.locator(".xcnn"))
        gallery.expect_complete()
        tiles = gallery.control("group")
        expect(tiles).to_have_count(3)
        for number, (size, share) in enumerate(zip(groups.sizes, groups.wrong, strict=True)):
            assert share is not None
            wrong = round(share * size)
            expect(tiles.nth(number)).to_have_accessible_name(
                f"group {number + 1}: {size} pictures, {wrong} wrong"
            )
            tiles.nth(number).click()
            expect(gallery.count).to_have_text(f"Pictures 1\u20135 of {size}, chosen from 60")
            expect(gallery.names.first).to_have_text(f"folder/{groups.members(number)[0]:08d}.jpg")
        expect(tiles.nth(2)).to_have_attribute("aria-pressed", "true")
        expect(gallery.control("show-group-clear").locator("xpath=..")).to_contain_text("group 3")
        gallery.settled()
        found = Axe().run(page, ".xcnn")["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
        page.screenshot(path=screenshots / "groups.png")
        gallery.control("show-group-clear").click()
        expect(gallery.count).to_have_text("Pictures 1\u20135 of 60")
