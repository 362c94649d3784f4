"""Each kind of network that people bring, on a page opened from disk: what its numbers are read as, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Literal

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

Opened = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kinds")


@pytest.fixture(scope="module")
def opened(browser: Browser, folder: Path) -> Opened:
    """From a widget's name, and what makes it, to its page; the file is made once for all tests."""

    def opened(
        name: str, make: Callable[[], Any], width: int = WINDOW["width"]
    ) -> AbstractContextManager[Page]:
        file = folder / f"{name}.html"
        if not file.exists():
            widget = make()
            widget.to_html(file, f"A network of {name}")
            widget.close()
        return offline(browser, file, {"width": width, "height": 1200})

    return opened


@pytest.fixture(scope="module", params=KINDS)
def name(request: pytest.FixtureRequest) -> str:
    """The name of a kind."""
    return str(request.param)


@pytest.fixture(scope="module")
def narrow(opened: Opened, name: str) -> Iterator[Explorer]:
    """The kind's explorer on a narrow page, on which nothing is chosen."""
    with opened(name, KINDS[name].explorer, 480) as page:
        yield Explorer(page, page.locator(".xcnn").first)


@pytest.fixture
def explorer(opened: Opened) -> Iterator[Callable[[str], Explorer]]:
    """From a kind's name to its explorer on a page of its own."""
    with ExitStack() as pages:

        def explorer(name: str) -> Explorer:
            page = pages.enter_context(opened(name, KINDS[name].explorer))
            return Explorer(page, page.locator(".xcnn").first)

        yield explorer


def test_numbers_are_read_as_the_network_means_them(narrow, name):
    kind = KINDS[name]
    expect(narrow.control("class-option")).to_have_count(len(kind.rows))
    assert rows(narrow) == kind.rows
    expect(narrow.control("reading")).to_have_text(kind.reading)
    narrow.expect_status(f"{kind.status} in it")
    note = f"The numbers given are the input as they are, {kind.note}."
    expect(narrow.control("note")).to_have_text(note)
    expect(narrow.error).to_be_empty()
    # There is nobody to read them in another way, or to be asked about another class.
    expect(narrow.control("activation")).to_be_hidden()
    expect(narrow.control("rather-than")).to_be_hidden()


def test_everybody_can_use_it_on_a_narrow_page(narrow, name, screenshots):
    expect(narrow.canvas.first).to_be_visible()
    look_at(narrow.page, narrow.root, screenshots / f"kind-{name.replace(' ', '-')}")


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
    # Of one score there is nothing to search.
    expect(shown.search).to_be_hidden()


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
    expect(boxes.locator("text")).to_have_text(["cat, box 0 90.0%"])
    shown.class_row("dog, box 1").click()
    shown.expect_status("for dog, box 1 (60.0%)")
    expect(boxes.locator("text")).to_have_text(["dog, box 1 60.0%"])


@pytest.mark.parametrize(
    ("answer", "said"),
    {
        "one logit": ["benign 88.1%", "benign 73.1%"],
        "several labels": ["boat 95.0%, sea 87.5%, sky 75.0%", "boat 87.5%, sea 72.0%, sky 52.5%"],
        "regression": ["score 57.3", "score 50.0"],
    }.items(),
)
def test_rows_of_a_gallery_say_the_same(opened, screenshots, answer, said):
    with opened(f"{answer} gallery", lambda: gallery_of(answer), 480) as page:
        gallery = Gallery(page, page.locator(".xcnn").first)
        gallery.expect_complete()
        expect(gallery.rows).to_have_count(2)
        for place, text in enumerate(said):
            verdict = gallery.rows.nth(place).locator(".xcnn-facts").get_by_text(text, exact=True)
            expect(verdict).to_be_visible()
        if answer == "regression":
            assert "%" not in gallery.grid.inner_text()
        look_at(page, gallery.root, screenshots / f"kind-gallery-{answer.replace(' ', '-')}")


def gallery_of(name: str) -> xw.GalleryWidget:
    """Show the kind's picture, and one that is black."""
    kind = KINDS[name]
    images = {"it": kind.picture, "black": torch.zeros_like(kind.picture)}
    gallery = xw.GalleryWidget(kind.network(), images, kind.names, methods=["saliency"])
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


def look_at(page: Page, root: Locator, file: Path) -> None:
    """Hold a page to what everybody needs, in light and dark, and keep pictures of it."""
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        assert faults(page, root) == []
        page.screenshot(path=f"{file}-{scheme}.png")
