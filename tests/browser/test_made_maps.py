"""Guided maps that a page makes by itself, opened from disk with the network cut, beside a kernel's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from xcnn_widgets import ExplainerWidget, GalleryWidget, demo
from xcnn_widgets.imaging import colours_of

from .conftest import WINDOW
from .explorer import Explorer
from .gallery import Gallery
from .offline import offline

PHOTOS = ("cat", "coffee")


@pytest.fixture(scope="module")
def widget() -> Iterator[ExplainerWidget]:
    photos = demo.photos()
    pictures = {name: photos[name] for name in PHOTOS}
    # Colours are then what a canvas shows.
    made = ExplainerWidget(demo.load(), pictures, ahead=False, display="heatmap")
    made.precompute(layers=["blocks.2", "bn2"])
    yield made
    made.close()


@pytest.fixture
def explorer(browser: Browser, widget: Any, tmp_path: Path) -> Iterator[Explorer]:
    widget.method, widget.layer, widget.target = "grad_cam", "bn2", None
    widget.to_html(tmp_path / "made.html", "Guided maps")
    with offline(browser, tmp_path / "made.html", WINDOW) as page:
        yield Explorer(page, page.locator(".xcnn").first)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("guided_grad_cam", "Guided Grad-CAM"),
        ("guided_backprop", "Guided backpropagation"),
        ("deconvnet", "Deconvnet"),
    ],
)
def test_guided_maps_of_a_page_are_those_of_a_kernel(
    explorer: Explorer, widget: Any, method: str, words: str
) -> None:
    first, second = widget.exploration.predictions(0, 2)
    explorer.method.select_option(method)
    explorer.expect_status(words, f"for {first.name}", "in cat")
    explorer.class_row(second.name).click()
    explorer.expect_status(words, f"for {second.name}", "in cat")
    if method == "guided_grad_cam":
        explorer.layer.select_option("blocks.2")
        explorer.expect_status("at blocks.2")
    widget.method, widget.layer, widget.target = method, "blocks.2", second.index
    colours, _ = colours_of(widget.explanation.values[0])
    off = np.abs(explorer.pixels().astype(int) - colours)
    assert (off <= 2).mean() >= 0.99


def test_a_gallery_page_makes_its_guided_maps(
    browser: Browser, tmp_path: Path, widget: Any
) -> None:
    photos = demo.photos()
    pictures = {name: photos[name] for name in PHOTOS}
    gallery = GalleryWidget(
        demo.load(), pictures, methods=["guided_grad_cam"], layer="blocks.2", display="heatmap"
    )
    gallery.to_html(tmp_path / "gallery.html")
    gallery.close()
    widget.method, widget.layer, widget.target = "guided_grad_cam", "blocks.2", None
    with offline(browser, tmp_path / "gallery.html", WINDOW) as page:
        shown = Gallery(page, page.locator(".xcnn").first)
        shown.expect_status("2 of 2 pictures")
        for place in range(2):
            widget.image_index = place
            explanation: Any = widget.explanation
            colours, _ = colours_of(explanation.values[0])
            off = np.abs(shown.pixels(shown.tile(place)).astype(int) - colours)
            assert (off <= 2).mean() >= 0.99
