"""A notebook saved with every class: published, opened again, and converted where nothing can be fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, expect
from traitlets.config import Config

from tests.pages.lesson import CELLS, write_notebook
from xcnn_widgets.command import main
from xcnn_widgets.pages.execution import execute

from .conftest import WINDOW
from .explorer import Explorer
from .lab import Lab
from .offline import offline
from .reopened import open_again
from .server import Server

LESSON = (
    CELLS[1],
    (
        "w = explorer(display='heatmap', colormap='gray', ahead=False)\n"
        "w.precompute(methods=['grad_cam'], layers=['4'], targets=['red'], classes='all')\nw"
    ),
    (
        "g = xw.GalleryWidget(model, pictures, ['red', 'green', 'blue'], transform=ToTensor(), layer='4')\n"
        "g.wait()\ng"
    ),
)
# As the page about hosts tells it.
PICTURES_FIRST = Config(
    {
        "NbConvertBase": {
            "display_data_priority": ["image/png", "text/html", "text/markdown", "text/plain"]
        }
    }
)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_notebook(tmp_path_factory.mktemp("every") / "every.ipynb", *LESSON)
    read = nbformat.read(path, as_version=4)
    execute(read, path, 300, None, lambda _: None)
    nbformat.write(read, path)
    return path


def answers_every_class(explorer: Explorer) -> None:
    """Classes of which no view was computed ahead are answered as a kernel answers them."""
    known: dict[str, Any] = {}
    exec(CELLS[1], known)
    widget = known["explorer"](ahead=False)
    explorer.picture("dune").click()
    explorer.expect_status("in dune")
    for name in ("<b>blue</b>", "green"):
        explorer.class_row(name).click()
        explorer.expect_status(f"Grad-CAM at 4 for {name} (", "in dune")
        expect(explorer.error).to_be_empty()
        widget.image_index, widget.target = 1, name
        levels = explorer.pixels()[..., 0].astype(int)
        assert (np.abs(levels - 255 * widget.heatmap) <= 2.5).mean() >= 0.95
    widget.close()


def test_a_published_notebook_answers_every_class(
    browser: Browser, notebook: Path, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    assert main(["publish", str(notebook), "-o", str(file), "--no-execute"]) == 0
    with offline(browser, file, WINDOW) as page:
        answers_every_class(Explorer(page, page.locator(".xcnn").first))


def test_a_saved_notebook_opened_again_answers_every_class(
    lab: Lab, server: Server, notebook: Path
) -> None:
    open_again(lab, server, nbformat.read(notebook, as_version=4), "every.ipynb")
    answers_every_class(lab.explorer())


def test_without_a_network_nbconvert_shows_the_pictures_if_asked_to(
    browser: Browser, notebook: Path, tmp_path: Path
) -> None:
    """Its page asks the web for the script of widgets, and has nothing else in their place."""
    converted, _ = HTMLExporter(config=PICTURES_FIRST).from_notebook_node(
        nbformat.read(notebook, as_version=4)
    )
    (tmp_path / "page.html").write_text(converted, encoding="utf-8")
    context = browser.new_context(viewport=WINDOW, offline=True)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    pictures = page.locator(".jp-OutputArea-output img")
    expect(pictures).to_have_count(2)
    for picture in pictures.all():
        expect(picture).to_be_visible()
        width, height = picture.evaluate("(image) => [image.naturalWidth, image.naturalHeight]")
        assert width > 200
        assert height > 100
    context.close()
