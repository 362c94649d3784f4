"""A page of `to_html`, opened from disk with the network cut: no kernel, no server, the same pixels."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect

from .conftest import WINDOW
from .explorer import Explorer, read_png
from .offline import offline
from .small_network import EXPECTED, PREPARE

TITLE = "Ants & <bees></script>"


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the tests' kernel would know, in this process."""
    known: dict[str, Any] = {}
    exec(PREPARE + EXPECTED, known)
    return known


@pytest.fixture(scope="module")
def widget(names: dict[str, Any]) -> Iterator[Any]:
    made = names["explorer"]()
    made.precompute(layers=["stage3", "stage5", "stage7"], images=[0, 1])
    yield made
    made.close()


@pytest.fixture(scope="module")
def file(widget: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    widget.to_html(path, TITLE)
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    with offline(browser, file, WINDOW) as page:
        yield page


@pytest.fixture
def explorer(page: Page) -> Explorer:
    return Explorer(page, page.locator(".xcnn").first)


@pytest.fixture
def painted(names: dict[str, Any], widget: Any) -> Iterator[Callable[..., NDArray[np.uint8]]]:
    """What Python paints after some choices."""

    def painted(look: dict[str, Any] | None = None, **choices: Any) -> NDArray[np.uint8]:
        for name, value in choices.items():
            setattr(widget, name, value)
        return read_png(base64.b64decode(names["painted"](widget, **(look or {}))))

    yield painted
    widget.reset()


def test_it_opens_on_the_picture_that_was_shown(explorer, page, painted):
    explorer.expect_pixels(painted())
    explorer.expect_status("Grad-CAM at stage7", "in ant")
    assert page.title() == TITLE
    expect(page.get_by_role("heading")).to_have_text(TITLE)
    # Painting asks the network anew, which is not here.
    expect(explorer.control("hide-and-see")).to_be_hidden()


def test_every_choice_shows_what_python_computes(explorer, painted):
    before = explorer.pixels()
    explorer.layer.select_option("stage5")
    explorer.expect_pixels(painted(layer="stage5"))
    explorer.expect_other_pixels(before)
    # Of the layers saved, stage3 is the first.
    explorer.slide(explorer.depth, 0)
    explorer.expect_status("stage3")
    explorer.expect_pixels(painted(layer="stage3"))
    for method in ("guided_grad_cam", "guided_backprop", "deconvnet", "saliency", "grad_cam"):
        explorer.method.select_option(method)
        explorer.expect_pixels(painted(method=method))


def test_class_and_picture_show_what_python_computes(explorer, widget, painted):
    second = widget.predictions[1]
    explorer.class_row(second["name"]).click()
    explorer.expect_status(second["name"])
    explorer.expect_pixels(painted(target=second["index"]))
    explorer.class_row("Predicted class").click()
    explorer.picture("bee").click()
    explorer.expect_status("in bee")
    explorer.expect_pixels(painted(target=None, image_index=1))
    expect(explorer.control("class-option").nth(1)).to_contain_text(widget.predictions[0]["name"])
    explorer.control("reset").click()
    explorer.expect_status("in ant")


@pytest.mark.parametrize(
    "look",
    [
        {"opacity": 0.65},
        {"threshold": 0.4},
        {"wipe": 0.5},
        {"colormap": "gray"},
        {"display": "picture"},
    ],
)
def test_looks_change_pixels_as_python_would(explorer, widget, painted, look):
    before = explorer.pixels()
    [(name, value)] = look.items()
    if name == "display":
        explorer.display(value.capitalize())
    elif name == "colormap":
        explorer.colormap.select_option(value)
    else:
        explorer.slide(explorer.control(name), value)
    explorer.expect_other_pixels(before)
    wanted = painted(look)
    # The page knows the map in 256 levels, so a value at the very threshold may fall on either side.
    clear = np.abs(widget.heatmap - look.get("threshold", -1)) > 1 / 255
    assert np.abs(explorer.pixels().astype(int) - wanted)[clear].max() <= 2


def test_only_what_is_saved_is_offered(explorer, widget):
    layers = explorer.layer.locator("option").evaluate_all("(all) => all.map((o) => o.value)")
    assert layers == ["stage3", "stage5", "stage7"]
    quick = ["Grad-CAM", "Guided Grad-CAM", "Saliency", "Guided backpropagation", "Deconvnet"]
    expect(explorer.method.locator("option")).to_have_text(quick)
    expect(explorer.strip.get_by_role("option")).to_have_count(2)
    # The five classes saved have their rows.
    expect(explorer.search).to_be_hidden()
    expect(explorer.control("rather-than")).to_be_hidden()
    # Two pictures, five classes, two methods at three layers and three without.
    words = "Saved on this page: 90 views. A running kernel answers every picture"
    expect(explorer.control("saved")).to_contain_text(words)
    explorer.picture("bee").click()
    explorer.expect_status("in bee")
    explorer.control("reset").click()
    explorer.expect_status("in ant")
    expect(explorer.error).to_be_empty()


def test_values_under_the_cursor_are_read_out(explorer, page, widget):
    height, width = widget.heatmap.shape
    explorer.canvas.focus()
    page.keyboard.press("ArrowRight")
    expect(explorer.control("readout")).to_contain_text(f"x {width // 2 + 1}, y {height // 2}: ")


def test_a_narrow_page_fits_its_window(explorer, page, screenshots):
    for width, scheme in ((400, "dark"), (1180, "light")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=screenshots / f"offline-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
