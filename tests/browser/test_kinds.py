"""Each kind of network that people bring, on a page opened from disk: what its numbers are read as, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect

import xcnn_widgets as xw

from .conftest import WINDOW
from .explorer import Explorer
from .gallery import Gallery
from .kinds import KINDS, OF_EACH_PICTURE
from .offline import offline
from .test_page import AXE, CUT_OFF, OVERFLOW, VIOLATIONS

Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kinds")


@pytest.fixture
def opened(browser: Browser, folder: Path) -> Iterator[Opened]:
    """From a widget's name, and what makes it, to its page; made once for all tests."""
    with ExitStack() as pages:

        def opened(name: str, make: Callable[[], Any], width: int = WINDOW["width"]) -> Page:
            file = folder / f"{name}.html"
            if not file.exists():
                widget = make()
                widget.to_html(file, f"A network of {name}")
                widget.close()
            return pages.enter_context(offline(browser, file, {"width": width, "height": 1200}))

        yield opened


@pytest.fixture
def explorer(opened: Opened) -> Callable[..., Explorer]:
    """From a kind's name to its explorer on a page."""

    def explorer(name: str, width: int = WINDOW["width"]) -> Explorer:
        page = opened(name, KINDS[name].explorer, width)
        return Explorer(page, page.locator(".xcnn").first)

    return explorer


@pytest.mark.parametrize("name", KINDS)
def test_numbers_are_read_as_the_network_means_them(explorer, name):
    shown, kind = explorer(name), KINDS[name]
    expect(shown.control("class-option")).to_have_count(len(kind.rows))
    assert rows(shown) == kind.rows
    expect(shown.control("reading")).to_have_text(kind.reading)
    shown.expect_status(f"{kind.status} in it")
    expect(shown.control("note")).to_contain_text(kind.note)
    expect(shown.error).to_be_empty()
    # There is nobody to read them in another way, or to be asked about a pixel or another class.
    expect(shown.control("activation")).to_be_hidden()
    expect(shown.control("rather-than")).to_be_hidden()


@pytest.mark.parametrize("name", KINDS)
def test_everybody_can_use_it_on_a_narrow_page(explorer, name, screenshots):
    shown = explorer(name, width=480)
    expect(shown.canvas.first).to_be_visible()
    for scheme in ("light", "dark"):
        shown.page.emulate_media(color_scheme=scheme)
        assert faults(shown.page, shown.root) == []
        shown.page.screenshot(
            path=screenshots / f"kind-{name.replace(' ', '-')}-{scheme}.png", full_page=True
        )


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_one_logit_explains_both_of_its_classes(explorer, by):
    shown = explorer("one logit")
    expect(shown.class_radio("Predicted class")).to_be_checked()
    if by == "mouse":
        shown.class_row("malignant").click()
    else:
        shown.class_radio("benign").focus()
        shown.page.keyboard.press("ArrowDown")
    shown.expect_status("for malignant (11.9%)")
    expect(shown.class_radio("malignant")).to_be_checked()
    # The bright square speaks against it, so nothing is left of a Grad-CAM.
    expect(shown.control("note")).to_contain_text("The map is zero everywhere")


def test_of_labels_that_hold_by_themselves_none_is_the_winner(explorer):
    shown = explorer("several labels")
    expect(shown.class_radio("boat")).to_be_checked()
    expect(shown.root.get_by_text(OF_EACH_PICTURE)).to_have_count(0)
    shown.class_row("sky").click()
    shown.expect_status("for sky (75.0%)")


def test_of_a_regression_nothing_is_told_in_percent(explorer):
    shown = explorer("regression")
    shown.expect_status("57.3")
    panel = shown.root.get_by_role("group", name="Class", exact=True)
    expect(panel).to_contain_text("57.3")
    for part in (panel, shown.status, shown.control("note")):
        assert "%" not in part.inner_text()
    expect(shown.root.get_by_text(OF_EACH_PICTURE)).to_have_count(0)


def test_one_channel_is_shown_in_grey(explorer):
    shown = explorer("one channel")
    shown.display("Picture")
    wanted = np.zeros((40, 56, 3), np.uint8)
    wanted[10:30, 14:42] = 255
    shown.expect_pixels(wanted, tolerance=0)


def test_of_six_channels_the_first_three_are_shown(explorer):
    shown = explorer("six channels")
    shown.display("Picture")
    # The greatest value of the three is a 2, in green: the last three do not count.
    wanted = np.zeros((40, 56, 3), np.uint8)
    wanted[10:30, 14:42, 0] = 128
    wanted[20:, :, 1] = 255
    shown.expect_pixels(wanted, tolerance=0)


def test_regions_stand_over_the_picture_until_they_are_switched_off(explorer):
    shown = explorer("segmentation")
    paths = shown.root.locator("svg.xcnn-marks path")
    expect(paths).to_have_count(4)
    # The border of the square, and nothing else.
    box = paths.first.evaluate(
        "(path) => { const b = path.getBBox(); return [b.x, b.y, b.width, b.height]; }"
    )
    assert box == [14, 10, 28, 20]
    shown.control("outlines").press("Space")
    expect(paths.first).to_be_hidden()
    shown.control("outlines").press("Space")
    expect(paths.first).to_be_visible()


def test_the_box_that_is_explained_is_named_over_the_picture(explorer):
    shown = explorer("detection")
    boxes = shown.root.locator("svg.xcnn-marks g[data-index]")
    expect(boxes).to_have_count(2)
    expect(boxes.locator("text")).to_have_text(["cat (box 0) 90.0%"])
    shown.class_row("dog (box 1)").click()
    shown.expect_status("for dog (box 1) (60.0%)")
    expect(boxes.locator("text")).to_have_text(["dog (box 1) 60.0%"])


@pytest.mark.parametrize(
    ("name", "said"),
    {
        "one logit": ["benign 88.1%", "benign 73.1%"],
        "several labels": ["boat 95.0%, sea 87.5%, sky 75.0%", "boat 87.5%"],
        "regression": ["score 57.3", "score 50.0"],
    }.items(),
)
def test_rows_of_a_gallery_say_the_same(opened, screenshots, name, said):
    page = opened(f"{name} gallery", lambda: gallery_of(name), 480)
    gallery = Gallery(page, page.locator(".xcnn").first)
    gallery.expect_complete()
    expect(gallery.rows).to_have_count(2)
    for place, text in enumerate(said):
        expect(gallery.rows.nth(place).locator(".xcnn-facts")).to_contain_text(text)
    if name == "regression":
        assert "%" not in gallery.grid.inner_text()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert faults(page, gallery.root) == []
        page.screenshot(
            path=screenshots / f"kind-gallery-{name.replace(' ', '-')}-{scheme}.png", full_page=True
        )


def gallery_of(name: str) -> xw.GalleryWidget:
    """Show the kind's picture, and one that is black."""
    kind = KINDS[name]
    images = {"it": kind.picture, "black": torch.zeros_like(kind.picture)}
    gallery = xw.GalleryWidget(kind.network(), images, kind.names, methods=["grad_cam", "saliency"])
    gallery.wait(60)
    return gallery


def rows(shown: Explorer) -> list[tuple[str, str]]:
    """The rows of the class list: a name, and what is said of it."""
    found = shown.control("class-option")
    names = found.locator(".xcnn-class-name").all_inner_texts()
    return list(zip(names, found.locator(".xcnn-percent").all_inner_texts(), strict=True))


def faults(page: Page, root: Locator) -> list[Any]:
    """What axe-core finds, of any weight, what sticks out and what is cut off."""
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=AXE)
    too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    found = [*page.evaluate(VIOLATIONS), *root.evaluate(OVERFLOW), *root.evaluate(CUT_OFF)]
    return [*found, "the page scrolls sideways"] if too_wide else found
