"""Two models side by side on a page without a kernel: they are switched, and held against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from playwright.sync_api import Browser, BrowserContext, expect

from tests.pages.lesson import write_notebook
from xcnn_widgets import ExplainerWidget
from xcnn_widgets.pages.execution import execute

from ..models.two_by_hand import colour_net, picture, to_input
from . import gallery_pictures, small_network, two_models
from .conftest import WINDOW
from .gallery import Gallery
from .offline import offline
from .reopened import open_converted

pytestmark = pytest.mark.browser


def test_a_page_switches_models_and_shows_their_difference(
    context: BrowserContext, tmp_path: Path
) -> None:
    nets = {
        "before": colour_net((4.0, 0.0, 0.0), (0.0, 5.0, 0.0)),
        "after": colour_net((0.0, 5.0, 0.0), (4.0, 0.0, 0.0)),
    }
    pictures = {"one": picture(1, 32, 48), "two": picture(2, 32, 48)}
    with_both = ExplainerWidget(nets, pictures, ["red", "green"], transform=to_input)
    with_both.to_html(tmp_path / "two.html")
    with_both.close()
    page = context.new_page()
    page.goto((tmp_path / "two.html").as_uri())
    captions = page.locator(".xcnn-panes figcaption")
    expect(captions).to_have_count(3)
    expect(captions.nth(2)).to_have_text("after \u2212 before")
    verdict = page.locator('[data-xcnn="verdict"]')
    expect(verdict).to_contain_text("They differ: before says")
    page.locator('[data-xcnn="model"]').select_option("after")
    expect(captions.nth(2)).to_have_text("before \u2212 after")
    expect(verdict).to_contain_text("They differ: after says")
    expect(page.locator('[data-xcnn="error"]')).to_be_empty()
    page.locator('[data-xcnn="beside"]').select_option(label="no other")
    expect(captions).to_have_count(1)
    expect(verdict).to_be_hidden()


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """What the tests' kernel would know, in this process."""
    known: dict[str, Any] = {}
    exec(small_network.PREPARE + gallery_pictures.PREPARE + two_models.PREPARE, known)
    return known


@pytest.fixture(scope="module")
def file(known: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    widget = known["two_gallery"](page_size=24)
    widget.precompute(targets=["predicted"], methods=["grad_cam"], layers=[widget.layer])
    path = tmp_path_factory.mktemp("two") / "gallery.html"
    widget.to_html(path)
    widget.close()
    return path


def order_after(known: dict[str, Any], order: str) -> list[str]:
    """The names in an order, as a kernel puts them."""
    widget = known["two_gallery"](page_size=24, order=order)
    widget.wait(60)
    names = [row["name"] for row in widget.finished_rows()]
    widget.close()
    return names


def answers_about_two_models(gallery: Gallery, known: dict[str, Any]) -> None:
    """Orders, filters, the model that is read and the confusion matrix are answered from what is saved."""
    for show in ("fixed", "broken"):
        gallery.choose("show", show, "mouse")
        gallery.expect_names(*known["expected"](show))
    gallery.choose("show", "all", "mouse")
    for order in ("changed", "value_change", "map_change"):
        gallery.control("order").select_option(order)
        gallery.expect_names(*order_after(known, order))
    gallery.control("order").select_option("given")
    gallery.control("model").select_option("after")
    gallery.choose("show", "wrong", "mouse")
    gallery.expect_names(*known["expected"]("wrong after"))
    gallery.choose("show", "all", "mouse")
    gallery.control("order").select_option("confidence")
    gallery.expect_names(*known["expected"]("confident after"))
    gallery.root.locator("summary", has_text="Confusion matrix of after").click()
    cell = gallery.root.locator("[data-xcnn=confused][data-right=true]").first
    count, told = (cell.get_attribute("aria-label") or "").split(" ", 1)
    label = told.split(" predicted as ")[0]
    cell.click()
    expect(gallery.rows).to_have_count(int(count))
    expect(gallery.rows.first).to_contain_text(f"True label: {label}")
    gallery.control("model").select_option("before")
    expect(gallery.control("show-label-clear")).to_have_accessible_name(
        f"Only pictures labelled as {label}: show others again"
    )
    gallery.control("reset").click()
    gallery.expect_names(*known["MANY"])
    expect(gallery.rows.first.locator("[data-xcnn=tile]")).to_have_count(2)
    expect(gallery.error).to_be_empty()


def test_a_gallery_page_answers_about_two_models(
    browser: Browser, file: Path, known: dict[str, Any]
) -> None:
    with offline(browser, file, WINDOW) as page:
        gallery = Gallery(page, page.locator(".xcnn").first)
        gallery.expect_complete()
        expect(gallery.control("summarise")).to_be_hidden()
        answers_about_two_models(gallery, known)
        for width in (1180, 390):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 900})
                gallery.settled()
                assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """A notebook with a gallery and an explorer of two models, run without a browser."""
    prepared = small_network.PREPARE + gallery_pictures.PREPARE + two_models.PREPARE
    gallery = (
        "g = two_gallery()\n"
        "g.precompute(targets=['predicted'], methods=['grad_cam'], layers=[g.layer])\ng.wait()\ng"
    )
    explorer = "w = two_explorer()\nw.precompute(methods=['grad_cam'])\nw.wait()\nw"
    path = tmp_path_factory.mktemp("two") / "two.ipynb"
    made = nbformat.read(write_notebook(path, prepared, gallery, explorer), as_version=4)
    execute(made, path, 300, None, lambda _: None)
    return made


def test_a_saved_notebook_answers_about_two_models(
    browser: Browser, notebook: NotebookNode, known: dict[str, Any], tmp_path: Path
) -> None:
    context = browser.new_context(viewport=WINDOW, offline=True)
    page = context.new_page()
    unknown, problems = open_converted(page, notebook, tmp_path / "page.html")
    answers_about_two_models(Gallery(page, page.locator(".xcnn:has(> .xcnn-gallery)").first), known)
    explorer = page.locator(".xcnn:has(.xcnn-layout)").first
    captions = explorer.locator(".xcnn-panes figcaption")
    expect(captions.nth(2)).to_have_text("after \u2212 before")
    difference = explorer.locator("canvas[data-pane=difference]")
    expect(difference).to_be_visible()
    explorer.locator('[data-xcnn="model"]').select_option("after")
    expect(captions.nth(2)).to_have_text("before \u2212 after")
    expect(explorer.locator('[data-xcnn="error"]')).to_be_empty()
    explorer.locator('[data-xcnn="beside"]').select_option(label="no other")
    expect(difference).to_be_hidden()
    context.close()
    assert (unknown, problems) == ([], [])
