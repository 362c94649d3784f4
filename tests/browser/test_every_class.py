"""A page that answers every class of the demo network, opened from disk with the network cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, expect

from xcnn_widgets import ExplainerWidget, demo

from .conftest import WINDOW
from .explorer import Explorer
from .offline import offline


@pytest.fixture(scope="module")
def widget() -> Iterator[ExplainerWidget]:
    photos = demo.photos()
    pictures = {name: photos[name] for name in ("cat", "coffee")}
    # Grey levels are then what a canvas shows.
    made = ExplainerWidget(demo.load(), pictures, ahead=False, display="heatmap", colormap="gray")
    made.precompute(methods=["grad_cam"], layers=["bn2"], targets=[281], classes="all")
    yield made
    made.close()


@pytest.fixture(scope="module")
def file(widget: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "every_class.html"
    widget.to_html(path, "Every class")
    return path


@pytest.fixture
def explorer(browser: Browser, file: Path) -> Iterator[Explorer]:
    with offline(browser, file, WINDOW) as page:
        yield Explorer(page, page.locator(".xcnn").first)


def probabilities(widget: Any, index: int) -> np.ndarray:
    return torch.softmax(widget.exploration.scores(index)[0].float(), 0).numpy()


def choose(explorer: Explorer, query: str) -> None:
    explorer.search.fill(query)
    explorer.search.press("Enter")


def test_a_class_that_is_not_among_the_top_ones_is_found_with_its_probability(explorer, widget):
    target = widget.exploration.class_index("zebra", 0)
    said = probabilities(widget, 0)
    assert (said > said[target]).sum() > 20
    expect(explorer.search).to_have_attribute("placeholder", "Search 1,000 classes")
    explorer.search.fill("zebra")
    match = explorer.control("class-match").first
    expect(match).to_contain_text("zebra")
    expect(match).to_contain_text("<0.1%" if said[target] < 0.001 else f"{said[target]:.1%}")
    explorer.search.press("Enter")
    explorer.expect_status("Grad-CAM at bn2 for zebra (", "in cat")
    widget.image_index, widget.target = 0, target
    height, width = widget.heatmap.shape
    levels = explorer.pixels()[..., 0].astype(int)
    assert levels.shape == (height, width)
    assert (np.abs(levels - 255 * widget.heatmap) <= 2.5).mean() > 0.95
    expect(explorer.class_row("zebra").locator("input")).to_be_checked()


def test_an_empty_search_lists_the_likeliest_first(explorer, widget):
    explorer.search.click()
    best = [found.name for found in widget.exploration.predictions(0, 10)]
    names = explorer.control("class-match").locator(".xcnn-class-name")
    expect(names.nth(9)).to_be_visible()
    assert names.all_text_contents()[:10] == best


@pytest.mark.parametrize("picture", [0, 1])
def test_maps_and_probabilities_are_those_of_python(explorer, widget, picture):
    explorer.picture(["cat", "coffee"][picture]).click()
    explorer.expect_status(f"in {['cat', 'coffee'][picture]}")
    said = probabilities(widget, picture)
    likeliest = np.argsort(-said)[:20]
    others = np.random.default_rng(8).choice(1000, 20, replace=False)
    near: dict[str, list[float]] = {"likeliest": [], "any": []}
    widget.image_index = picture
    for kind, targets in (("likeliest", likeliest), ("any", others)):
        for target in targets.tolist():
            choose(explorer, str(target))
            name = widget.exploration.class_names.name(target)
            explorer.expect_status(f"for {name} (", "in")
            widget.target = target
            levels = explorer.pixels()[..., 0].astype(int)
            near[kind].append(float((np.abs(levels - 255 * widget.heatmap) <= 2.5).mean()))
            shown = explorer.class_row(name).first.locator(".xcnn-percent").text_content()
            value = 0.0005 if shown.startswith("<") else float(shown.rstrip("%")) / 100
            assert abs(value - said[target]) < 0.005
    assert np.mean(near["likeliest"]) >= 0.99
    assert np.mean(near["any"]) >= 0.95


def test_two_classes_are_held_against_each_other(explorer, widget):
    choose(explorer, "285")
    explorer.expect_status("Egyptian cat")
    other = explorer.control("rather-than")
    other.fill("282")
    other.press("Enter")
    explorer.expect_status("for Egyptian cat rather than tiger cat (")
    widget.image_index, widget.target = 0, 285
    widget.rather_than = 282
    levels = explorer.pixels()[..., 0].astype(int)
    assert (np.abs(levels - 255 * widget.heatmap) <= 2.5).mean() > 0.95


def test_the_channels_that_speak_for_any_class_are_told(explorer, widget, screenshots):
    explorer.display("Overlay")
    explorer.control("channels").locator("summary").click()
    choose(explorer, "zebra")
    explorer.expect_status("for zebra (")
    widget.image_index, widget.target = 0, "zebra"
    table = widget.channels()
    best = int(np.argmax(table.share))
    first = explorer.control("channels-for").locator(".xcnn-tile").first
    expect(first).to_have_attribute("data-channel", str(best))
    found = float(re.findall(r"([\d.]+) %", first.text_content() or "")[0])
    assert abs(found - 100 * table.share[best]) <= 0.1
    first.locator("button").click()
    expect(explorer.control("channel-facts")).to_contain_text(f"Channel {best} speaks for zebra")
    explorer.page.screenshot(path=screenshots / "every-class-channels.png", full_page=True)
    explorer.picture("coffee").click()
    explorer.expect_status("for zebra (", "in coffee")
    widget.image_index = 1
    best = int(np.argmax(widget.channels().share))
    expect(first).to_have_attribute("data-channel", str(best))


def test_it_says_what_is_saved_and_fits_its_window(explorer, screenshots):
    words = "views, and Grad-CAM at bn2 of all 1,000 classes. A running kernel answers"
    expect(explorer.control("saved")).to_contain_text(words)
    page = explorer.page
    explorer.display("Overlay")
    for width in (1400, 390):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            explorer.search.fill("cat")
            name = f"every-class-{width}-{scheme}.png"
            page.screenshot(path=screenshots / name, full_page=True)
            explorer.search.press("Escape")
            explorer.search.press("Escape")
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_head_of_a_thousand_classes_is_small(widget):
    state = widget.page_state()["_atlas"]["head"]
    assert len(state["data"]) + len(state["scales"]) < 1_500_000
    assert max(len(part["data"]) + len(part["scores"]) for part in state["pictures"]) < 25_000
