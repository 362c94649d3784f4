"""Results of a data set in a browser: a gallery without a model, in JupyterLab and on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from xcnn_widgets import GalleryWidget

from ..datasets.many_rows import write_many
from .conftest import WINDOW
from .gallery import Gallery
from .offline import offline

COUNT = 2_500


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    write_many(folder, COUNT)
    return folder


@pytest.fixture
def gallery(show_gallery: Callable[..., Gallery], results: Path) -> Gallery:
    return show_gallery(
        f"w = xw.GalleryWidget.open({str(results)!r}, page_size=4, controls_open=True); w"
    )


def names_of(widget: GalleryWidget) -> list[str]:
    """The names on the page, as Python has them."""
    return [row["name"] for row in widget.finished_rows()]


@pytest.fixture
def widget(results: Path) -> Iterator[GalleryWidget]:
    """The same gallery in this process."""
    made = GalleryWidget.open(results, page_size=4, controls_open=True)
    made.wait()
    yield made
    made.close()


def test_orders_filters_and_pages_are_answered_without_a_model(
    gallery: Gallery, widget: GalleryWidget
) -> None:
    gallery.expect_names(*names_of(widget))
    expect(gallery.control("summary")).to_contain_text("Accuracy")
    for hook in ("rows", "target", "open-explorer"):
        expect(gallery.control(hook)).to_be_hidden()
    gallery.control("order").select_option("least_confident")
    widget.order = "least_confident"
    widget.wait()
    gallery.expect_names(*names_of(widget))
    gallery.control("summary-wrong").click()
    widget.show = "wrong"
    widget.wait()
    gallery.expect_names(*names_of(widget))
    gallery.control("next").click()
    widget.page = 2
    widget.wait()
    gallery.expect_names(*names_of(widget))
    gallery.expect_status("4 of ", "pictures shown")
    expect(gallery.error).to_be_hidden()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [1000, 390])
def test_it_is_accessible_and_looked_at(
    gallery: Gallery, lab: Any, theme: str, width: int, screenshots: Path
) -> None:
    lab.theme(theme)
    lab.cell_width(width)
    for place in range(4):
        gallery.pixels(gallery.tile(place))
    gallery.settled()
    found = Axe().run(lab.page, ".xcnn")["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    gallery.screenshot(screenshots / f"results-{theme.lower()}-{width}.png")
    assert gallery.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    lab.theme("Light")


def test_a_page_has_the_rows_that_were_saved(
    widget: GalleryWidget, browser: Browser, tmp_path: Path
) -> None:
    widget.show_text = "0000012"
    widget.wait()
    widget.to_html(tmp_path / "page.html", pictures="filtered")
    widget.order = "confidence"
    widget.wait()
    expected = names_of(widget)
    with offline(browser, tmp_path / "page.html", WINDOW) as page:
        gallery = Gallery(page, page.locator(".xcnn").first)
        gallery.expect_complete()
        expect(gallery.control("open-explorer")).to_be_hidden()
        gallery.control("order").select_option("confidence")
        gallery.expect_names(*expected)
        gallery.control("order").select_option("disagreement")
        widget.order = "disagreement"
        widget.wait()
        gallery.expect_names(*names_of(widget))
        for place in range(4):
            gallery.pixels(gallery.tile(place))
