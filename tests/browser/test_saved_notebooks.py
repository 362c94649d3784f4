"""A notebook whose kernel is gone: as a page of `publish`, as nbconvert writes it, and opened again in JupyterLab."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from nbconvert import HTMLExporter
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect

from tests.pages.lesson import CELLS
from xcnn_widgets.command import main
from xcnn_widgets.imaging.overlays import overlay
from xcnn_widgets.methods.heatmaps import heatmaps

from .conftest import WINDOW
from .explorer import Explorer, read_png
from .reopened import open_again, open_converted
from .small_network import EXPECTED

# On a page; and where a cell can be run.
NOT_SAVED = re.compile(
    "^(Not saved on this page: needs a running kernel|Run the cell again to go on).$"
)
# Made by the versions that first saved such a state.
GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("saved_notebook_*.ipynb"))


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the notebook's kernel knew, in this process."""
    known: dict[str, Any] = {}
    exec(CELLS[1] + EXPECTED, known)
    known["widget"] = known["explorer"]()
    return known


@pytest.fixture
def painted(names: dict[str, Any]) -> Iterator[Callable[..., NDArray[np.uint8]]]:
    """What Python paints after some choices."""
    widget = names["widget"]

    def painted(**choices: Any) -> NDArray[np.uint8]:
        for name, value in choices.items():
            setattr(widget, name, value)
        return read_png(base64.b64decode(names["painted"](widget, colormap=widget.colormap)))

    yield painted
    widget.reset()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with the network cut."""
    context = browser.new_context(viewport=WINDOW, offline=True)
    yield context.new_page()
    context.close()


def works_without_a_kernel(
    explorer: Explorer, painted: Callable[..., Any], *, narrowed: bool = False
) -> None:
    """What is saved is shown, what is not is not offered or says so, and the last picture stays."""
    explorer.expect_pixels(painted())
    explorer.layer.select_option("1")
    explorer.expect_pixels(painted(layer="1"))
    explorer.expect_status("Grad-CAM at 1", "in ring")
    explorer.class_row("green").click()
    explorer.expect_status("for green")
    explorer.expect_pixels(painted(target="green"))
    explorer.method.select_option("saliency")
    explorer.expect_pixels(painted(method="saliency"))
    if narrowed:
        offered = explorer.method.locator("option")
        expect(offered).to_have_text(["Grad-CAM", "Saliency"])
        explorer.method.select_option("grad_cam")
        explorer.expect_pixels(painted(method="grad_cam"))
        return
    explorer.method.select_option("deconvnet")
    expect(explorer.error).to_have_text(NOT_SAVED)
    explorer.expect_pixels(painted())
    explorer.method.select_option("grad_cam")
    expect(explorer.error).to_be_empty()
    explorer.expect_pixels(painted(method="grad_cam"))


def answers_with_what_it_shows(explorer: Explorer, *, narrowed: bool = False) -> None:
    """Of a widget without views computed ahead, the view shown can be gone back to."""
    before = explorer.pixels()
    if narrowed:
        expect(explorer.method.locator("option")).to_have_text(["Grad-CAM"])
        expect(explorer.control("saved")).to_contain_text("Saved on this page: 1 view.")
        return
    explorer.method.select_option("saliency")
    expect(explorer.error).to_have_text(NOT_SAVED)
    explorer.method.select_option("grad_cam")
    expect(explorer.error).to_be_empty()
    explorer.expect_status("Grad-CAM at 4", "in dune")
    explorer.expect_pixels(before)


def test_a_published_page_works(page, saved_notebook, painted, screenshots, tmp_path):
    requests: list[str] = []
    problems: list[str] = []
    file = tmp_path / "page.html"
    assert main(["publish", str(saved_notebook), "-o", str(file), "--no-execute"]) == 0
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: problems.extend([message.text] * (message.type == "error")))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(file.as_uri())
    first, other, again = (Explorer(page, page.locator(".xcnn").nth(i)) for i in range(3))
    works_without_a_kernel(first, painted, narrowed=True)
    # One widget shown twice is one model.
    again.expect_status("for green")
    answers_with_what_it_shows(other, narrowed=True)
    for width, scheme in ((400, "dark"), (1180, "light")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=screenshots / f"published-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    sent = [url for url in requests if not url.startswith(("blob:", "data:"))]
    assert sent == [file.as_uri()]
    assert problems == []


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_what_an_earlier_version_saved_still_opens(page, golden, tmp_path):
    file = tmp_path / "page.html"
    assert main(["publish", str(golden), "-o", str(file), "--no-execute"]) == 0
    state = json.loads(re.findall(r'id="xcnn-state-\w+">(.*?)</script>', file.read_text())[0])
    page.goto(file.as_uri())
    explorer = Explorer(page, page.locator(".xcnn").first)
    for layer in ("4", "1"):
        explorer.layer.select_option(layer)
        explorer.expect_status(f"Grad-CAM at {layer}", "in ring")
        explorer.expect_pixels(painted_from(state, layer))


def painted_from(state: dict[str, Any], layer: str) -> NDArray[np.uint8]:
    """What a page's own state says of the predicted class at a layer."""
    wanted = ("grad_cam", layer, state["predictions"][0]["index"])
    [entry] = [
        entry
        for entry in state["_atlas"]["entries"]
        if (entry["method"], entry["layer"], entry["target"]["index"]) == wanted
    ]
    data = base64.b64decode(entry["data"]["base64"])
    levels = zlib.decompress(data) if entry["encoding"] == "deflate" else data
    grid = np.frombuffer(levels, np.uint8).reshape(1, *entry["shape"])
    size = tuple(entry["size"])
    heatmap = heatmaps(torch.tensor(grid, dtype=torch.float32), size)[0].numpy()
    picture = read_png(base64.b64decode(state["_picture"]["data"]["base64"]))
    look = [state[name] for name in ("opacity", "colormap", "threshold")]
    # What was saved before there was a choice is even.
    return overlay(picture, heatmap, *look, blend=state.get("blend", "even"))


def test_what_nbconvert_writes_works(page, saved_notebook, painted, screenshots, tmp_path):
    notebook = nbformat.read(saved_notebook, as_version=4)
    unknown, problems = open_converted(page, notebook, tmp_path / "page.html")
    explorer = Explorer(page, page.locator(".xcnn").first)
    works_without_a_kernel(explorer, painted)
    answers_with_what_it_shows(Explorer(page, page.locator(".xcnn").nth(1)))
    explorer.screenshot(screenshots / "nbconvert.png")
    assert unknown == []
    assert problems == []


def test_without_widget_state_nbconvert_shows_the_picture(saved_notebook):
    notebook = nbformat.read(saved_notebook, as_version=4)
    del notebook.metadata["widgets"]
    converted, _ = HTMLExporter().from_notebook_node(notebook)
    assert converted.count('src="data:image/png;base64,') == 1


def test_opened_again_in_jupyterlab_it_works(lab, server, saved_notebook, painted, screenshots):
    notebook = nbformat.read(saved_notebook, as_version=4)
    # Its pictures lie elsewhere.
    del notebook.cells[0]
    open_again(lab, server, notebook, "saved.ipynb")
    works_without_a_kernel(lab.explorer(), painted)
    answers_with_what_it_shows(lab.explorer(1))
    lab.explorer().screenshot(screenshots / "opened-again.png")
