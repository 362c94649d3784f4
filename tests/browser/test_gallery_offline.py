"""A gallery's page, opened from disk with the network cut: every control leads where a kernel would."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from . import gallery_pictures, small_network
from .conftest import WINDOW
from .explorer import read_png
from .gallery import Gallery
from .offline import offline
from .test_gallery_pixels import blended

TITLE = "Cats & <dogs></script>"
HTML = "<img src=x onerror=alert(1)>"
NAMES = [f"ant {i}" for i in range(8)] + [f"bee {i}" for i in range(4)] + [HTML]
SAVED = {
    "layers": ["stage1", "stage3"],
    "targets": ["predicted", "label", "likeliest", "zebra"],
    "methods": ["grad_cam", "guided_grad_cam", "saliency"],
}
BY = pytest.mark.parametrize("by", ["mouse", "keys"])

Same = Callable[..., None]


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the tests' kernel would know, in this process."""
    known: dict[str, Any] = {}
    exec(small_network.PREPARE + small_network.EXPECTED + gallery_pictures.PREPARE, known)
    return known


@pytest.fixture(scope="module")
def widget(names: dict[str, Any]) -> Iterator[Any]:
    """The gallery with a kernel, which the page is held to."""
    images = dict(zip(NAMES, names["MANY"].values(), strict=False))
    made = names["gallery"](images, labels=names["LABELS"][: len(NAMES)], colormap="gray")
    made.precompute(**SAVED)
    yield made
    made.close()


@pytest.fixture(scope="module")
def file(widget: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "gallery.html"
    widget.to_html(path, TITLE)
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    with offline(browser, file, WINDOW) as page:
        yield page


@pytest.fixture
def gallery(page: Page) -> Gallery:
    found = Gallery(page, page.locator(".xcnn").first)
    found.expect_complete()
    return found


@pytest.fixture
def same(names: dict[str, Any], widget: Any, gallery: Gallery) -> Same:
    """Make choices with the kernel too; then wait until the page has its rows and, of some, its pixels."""

    def same(places: tuple[int, ...] = (0, 1), **choices: Any) -> None:
        with widget.hold_trait_notifications():
            for name, value in choices.items():
                setattr(widget, name, value)
        widget.wait(60)
        rows = [widget.row(place) for place in range(widget._page["rows"])]
        gallery.expect_names(*(row["title"] or row["name"] for row in rows))
        expect(gallery.error).to_be_empty()
        tiles = names["drawn"](widget, display="heatmap", colormap=widget.colormap)
        for place in places:
            drawn = {k: read_png(base64.b64decode(v)) for k, v in tiles[place].items()}
            picture = gallery.pixels(gallery.root.locator("[data-xcnn=picture]").first)
            for column, method in enumerate(widget.methods):
                wanted = drawn[method]
                if widget.display == "overlay":
                    picture = gallery.pixels(gallery.picture(place))
                    wanted = blended(picture, wanted, widget.opacity)
                gallery.expect_pixels(gallery.tile(place, column), wanted)

    widget.reset()
    widget.selected = None
    return same


def as_heatmaps(gallery: Gallery, widget: Any) -> None:
    gallery.radio("display", "heatmap").click()
    widget.display = "heatmap"


def test_it_opens_on_the_rows_that_were_shown(gallery, page, same):
    assert page.title() == TITLE
    expect(page.get_by_role("heading")).to_have_text(TITLE)
    same(places=(0, 1, 2, 3, 4))
    expect(gallery.count).to_have_text("Pictures 1\u20135 of 13")


@BY
def test_pages_are_turned_and_sized(gallery, page, widget, same, by):
    as_heatmaps(gallery, widget)
    if by == "mouse":
        gallery.control("next").click()
    else:
        gallery.cell(0, 1).focus()
        page.keyboard.press("PageDown")
    same(page=2)
    gallery.control("page").fill("3")
    gallery.control("page").press("Enter")
    same(page=3)
    expect(gallery.root.locator("img")).to_have_count(0)
    gallery.control("page-size").select_option("10")
    same(page_size=10, page=2)


def test_layers_by_name_and_by_depth(gallery, widget, same):
    as_heatmaps(gallery, widget)
    gallery.control("layer").select_option("stage1")
    same(layer="stage1")
    gallery.control("depth").fill("3")
    same(layer="stage3")


@BY
def test_class_explained_is_the_label_or_one_class(gallery, widget, same, by):
    as_heatmaps(gallery, widget)
    gallery.choose("target", "label", by)
    same(target="label", places=(1, 3))
    search = gallery.control("class-search")
    search.fill("zebra")
    gallery.control("class-match").first.click() if by == "mouse" else search.press("Enter")
    same(target="zebra", places=(0,))
    gallery.choose("target", "predicted", by)
    same(target="predicted", places=(1, 3))


def test_methods_become_columns(gallery, widget, same):
    as_heatmaps(gallery, widget)
    gallery.control("method-saliency").click()
    same(methods=["grad_cam", "guided_grad_cam", "saliency"])
    gallery.control("method-grad_cam").press("Space")
    same(methods=["guided_grad_cam", "saliency"])


def test_looks_change_pixels_as_python_would(gallery, widget, names, same):
    steps: list[tuple[dict[str, Any], Callable[[], None]]] = [
        ({"opacity": 0.85}, lambda: gallery.control("opacity").fill("0.85")),
        ({"colormap": "magma"}, lambda: gallery.control("colormap").select_option("magma")),
        ({"common_range": True}, lambda: gallery.control("common-range").check()),
        ({"display": "heatmap"}, lambda: gallery.radio("display", "heatmap").click()),
    ]
    now: dict[str, Any] = {
        "opacity": 0.5,
        "colormap": "gray",
        "common_range": False,
        "display": "overlay",
    }
    picture = gallery.pixels(gallery.picture(1))
    for look, act in steps:
        before = gallery.pixels(gallery.tile(1))
        act()
        gallery.settled()
        shown = gallery.pixels(gallery.tile(1))
        assert np.abs(before.astype(int) - shown).max() > 8
        now |= look
        colours = {"colormap": now["colormap"], "common_range": now["common_range"]}
        heat = read_png(base64.b64decode(names["drawn"](widget, **colours)[1]["grad_cam"]))
        opacity = 1.0 if now["display"] == "heatmap" else now["opacity"]
        gallery.expect_pixels(gallery.tile(1), blended(picture, heat, opacity))


def test_rows_are_sorted(gallery, widget, same):
    as_heatmaps(gallery, widget)
    gallery.control("next").click()
    same(page=2)
    for order in ("confidence", "least_confident", "wrong", "disagreement"):
        gallery.control("order").select_option(order)
        same(places=(0,), order=order)


@BY
def test_rows_are_filtered(gallery, widget, names, same, by):
    as_heatmaps(gallery, widget)
    gallery.choose("show", "wrong", by)
    same(show="wrong")
    gallery.choose("show", "all", by)
    text = gallery.control("show-text")
    text.fill("BEE")
    text.press("Enter")
    same(show="all", show_text="BEE")
    text.fill("")
    text.press("Enter")
    guess = names["PREDICTED"][0]
    search = gallery.control("show-class")
    search.fill(names["NAMES"][guess])
    gallery.control("class-match").first.click() if by == "mouse" else search.press("Enter")
    same(show_text="", show_class=guess, places=(0,))
    gallery.control("show-class-clear").click()
    text.fill("no such name")
    text.press("Enter")
    expect(gallery.root.get_by_text("No picture passes the filters.")).to_be_visible()
    gallery.control("show-all").click()
    same(show_class=None)


@BY
def test_a_selected_picture_is_compared_by_layer_and_by_class(gallery, page, widget, same, by):
    as_heatmaps(gallery, widget)
    if by == "mouse":
        gallery.cell(2, 0).click()
    else:
        gallery.cell(2, 0).focus()
        page.keyboard.press("Enter")
    expect(gallery.rows.nth(2)).to_have_attribute("aria-selected", "true")
    widget.selected = 2
    gallery.choose("rows", "classes", by)
    same(rows="classes", places=(0, 1, 4))
    gallery.control("image-next").click()
    same(image_index=3)
    gallery.choose("rows", "layers", by)
    gallery.expect_status("2 layers of ant 3 shown")
    expect(gallery.control("row-error")).to_have_count(0)
    gallery.choose("rows", "pictures", by)
    same(rows="pictures")


def test_a_page_offers_what_it_can_answer_and_says_what_a_kernel_would(gallery, same):
    same()
    layers = gallery.control("layer").locator("option")
    expect(layers).to_have_count(2)
    expect(gallery.control("method-saliency")).to_be_visible()
    expect(gallery.control("method-deconvnet")).to_have_count(0)
    expect(gallery.control("note")).to_contain_text(
        "3 of 5 methods and 2 of 4 layers are saved on this page. A running kernel answers every"
    )
    gallery.control("reset").click()
    same()


def test_without_computing_ahead_there_are_the_rows_shown(browser, names, tmp_path):
    shown = names["gallery"](rows="classes", image_index=9, methods=["grad_cam"])
    shown.wait(60)
    shown.to_html(tmp_path / "page.html", precompute=False)
    with offline(browser, tmp_path / "page.html", WINDOW) as page:
        gallery = Gallery(page, page.locator(".xcnn").first)
        gallery.expect_names(*(row["title"] for row in shown.finished_rows()))
        gallery.expect_status("5 classes of bee 1 shown")
        expect(gallery.control("note")).to_contain_text("1 of 24 pictures is saved on this page.")
        gallery.choose("rows", "layers", "mouse")
        gallery.expect_status("1 layer of bee 1 shown")
        search = gallery.control("class-search")
        expect(search).to_have_attribute("placeholder", "Search 5 classes")
        search.click()
        found = gallery.control("class-match").locator(".xcnn-class-name")
        titles = " ".join(row["title"] for row in shown.finished_rows())
        assert all(name in titles for name in found.all_text_contents())
        found.last.click()
        gallery.expect_complete()
        gallery.expect_status("1 layer of bee 1 shown")
    shown.close()


def test_a_page_fits_a_wide_and_a_narrow_window(gallery, page, screenshots):
    for width in (1180, 400):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            gallery.settled()
            page.screenshot(
                path=screenshots / f"gallery-offline-{width}-{scheme}.png", full_page=True
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= width
