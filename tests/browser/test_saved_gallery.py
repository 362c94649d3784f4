"""A gallery in a saved notebook: its choices are answered without a kernel, from what was computed ahead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.pages.lesson import CELLS, write_notebook
from xcnn_widgets.pages.execution import execute

from .conftest import WINDOW
from .gallery import Gallery
from .gallery_fixtures import gallery_of
from .reopened import open_again, open_converted

# On a page; and where a cell can be run.
NOT_SAVED = re.compile(
    "^(Not saved on this page: needs a running kernel|Run the cell again to go on).$"
)
GALLERY = """
from xcnn_widgets.study.drawing import Looks, drawn_page

pictures["dusk"] = pictures["ring"] // 2
w = xw.GalleryWidget(
    model, pictures, ["red", "green", "blue"], transform=ToTensor(), layers=["1", "4"], layer="4",
    methods=["grad_cam"], page_size=2, display="heatmap", colormap="gray", controls_open=True,
)
w.precompute(methods=["grad_cam", "saliency"], layers=["1", "4"], targets=["predicted", 1])
w.wait()
w
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """A notebook with a gallery, run without a browser."""
    path: Path = tmp_path_factory.mktemp("gallery") / "gallery.ipynb"
    made = nbformat.read(write_notebook(path, CELLS[1], GALLERY, "explorer()"), as_version=4)
    execute(made, path, 300, None, lambda _: None)
    return made


@pytest.fixture(scope="module")
def drawn() -> Iterator[Callable[..., NDArray[np.uint8]]]:
    """What Python draws of a row after some choices."""
    known: dict[str, Any] = {}
    exec(CELLS[1] + GALLERY, known)
    widget = known["w"]

    def drawn(place: int, **choices: Any) -> NDArray[np.uint8]:
        for name, value in choices.items():
            setattr(widget, name, value)
        widget.wait(60)
        looks = known["Looks"]("heatmap", 0.5, widget.colormap, common_range=False)
        rows = list(known["drawn_page"](widget.finished_rows(), widget.work.exploration, looks))
        tiles = rows[place][2]
        return np.asarray(tiles[widget.methods[-1]])

    yield drawn
    widget.close()


def works_without_a_kernel(gallery: Gallery, drawn: Callable[..., Any]) -> None:
    """What is saved is shown, what is not says so, and the last rows stay."""
    gallery.expect_names("ring", "dune")
    gallery.expect_pixels(gallery.tile(0), drawn(0))
    gallery.control("layer").select_option("1")
    gallery.expect_pixels(gallery.tile(0), drawn(0, layer="1"))
    gallery.expect_pixels(gallery.tile(1), drawn(1))
    search = gallery.control("class-search")
    search.fill("green")
    search.press("Enter")
    gallery.expect_pixels(gallery.tile(0), drawn(0, target=1))
    gallery.control("method-saliency").click()
    gallery.expect_pixels(gallery.tile(0, 1), drawn(0, methods=["grad_cam", "saliency"]))
    gallery.control("next").click()
    gallery.expect_names("dusk")
    gallery.expect_pixels(gallery.tile(0), drawn(0, page=2, methods=["grad_cam"]))
    gallery.control("method-deconvnet").click()
    expect(gallery.error).to_have_text(NOT_SAVED)
    gallery.expect_names("dusk")
    gallery.control("reset").click()
    gallery.expect_names("ring", "dune")
    expect(gallery.error).to_be_empty()
    gallery.expect_pixels(
        gallery.tile(0), drawn(0, page=1, layer="4", target="predicted", methods=["grad_cam"])
    )


def test_opened_again_in_jupyterlab_it_works(lab, server, notebook, drawn, screenshots):
    open_again(lab, server, notebook, "saved-gallery.ipynb")
    gallery = gallery_of(lab)
    works_without_a_kernel(gallery, drawn)
    gallery.screenshot(screenshots / "gallery-opened-again.png")


def test_what_nbconvert_writes_works(browser, notebook, drawn, tmp_path):
    context = browser.new_context(viewport=WINDOW, offline=True)
    page = context.new_page()
    unknown, problems = open_converted(page, notebook, tmp_path / "page.html")
    root = page.locator(".xcnn:has(> .xcnn-gallery)").first
    works_without_a_kernel(Gallery(page, root), drawn)
    # The explorer below it is drawn by the same script.
    expect(page.locator(".xcnn")).to_have_count(2)
    assert page.evaluate("globalThis[Symbol.for('xcnn-widgets')].size") == 1
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count('"_script":') == 1
    context.close()
    assert unknown == []
    assert problems == []
