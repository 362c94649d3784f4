"""Each way of painting shows in explorer, gallery and page what Python paints; one is sent only when it is chosen."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from .conftest import WINDOW
from .explorer import Explorer, read_png
from .offline import offline
from .small_network import EXPECTED, PREPARE

STYLES = ["heat", "in colour", "positive and negative", "contours"]
DRAWN = """
from xcnn_widgets.methods import heatmaps
from xcnn_widgets.study.painting import painted_map
def drawn_as(widget, style, display="covering"):
    sent = widget._map
    grid = np.frombuffer(sent["data"], np.uint8).reshape(1, *sent["shape"])
    # A line between two grey levels lies elsewhere in the exact map.
    heat = heatmaps(torch.tensor(grid, dtype=torch.float32), tuple(sent["size"]))[0].numpy()
    made = painted_map(shown_picture(widget), heat, sent, style, widget.look())
    out = io.BytesIO()
    Image.fromarray(getattr(made, display)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()
"""


def choices_of(view: Any) -> list[str]:
    return [text.lower() for text in view.control("painted").locator("option").all_inner_texts()]


@pytest.mark.parametrize("style", STYLES)
def test_an_explorer_paints_as_python_does(show, kernel, style):
    kernel.run(DRAWN)
    explorer = show("w = explorer(method='saliency', opacity=0.8); w")
    assert choices_of(explorer) == STYLES
    explorer.control("painted").select_option(style)
    needed = {"in colour": "colour", "positive and negative": "signed"}.get(style)
    if needed:
        expect(explorer.root.get_by_text("clipped at the 99.5th percentile")).to_be_visible()
        assert kernel.ask(f"{needed!r} in w._map")
    explorer.expect_pixels(read_png(base64.b64decode(kernel.ask(f"drawn_as(w, {style!r})"))), 3)
    explorer.display("Heatmap")
    alone = kernel.ask(f"drawn_as(w, {style!r}, 'alone')")
    explorer.expect_pixels(read_png(base64.b64decode(alone)), 4)


def test_what_the_browser_has_is_painted_without_a_message(show, lab, kernel):
    explorer = show("w = explorer(); w")
    assert choices_of(explorer) == ["heat", "contours"]
    lab.wire.forget()
    explorer.control("painted").select_option("contours")
    expect(explorer.control("threshold")).to_be_disabled()
    assert lab.wire.sent() == []


def test_the_hottest_share_alone_is_painted(show):
    explorer = show("w = explorer(opacity=1.0, blend='even'); w")
    explorer.display("Picture")
    plain = explorer.pixels()
    explorer.display("Overlay")
    explorer.root.locator(".xcnn-more summary").click()
    explorer.slide(explorer.control("top-share"), 0.1)
    changed = (explorer.pixels() != plain).any(axis=2).mean()
    assert 0.07 <= changed <= 0.11


def test_a_gallery_paints_each_method_as_it_is_usual_or_all_alike(show_gallery, drawn):
    gallery = show_gallery("w = gallery(painted=None, display='heatmap', page_size=2); w")
    for style, asked in ((None, ""), ("contours", "contours"), ("in colour", "in colour")):
        gallery.control("painted").select_option(asked)
        gallery.expect_complete()
        for place, row in enumerate(drawn(style=style)):
            gallery.expect_pixels(gallery.tile(place, 1), row["guided_grad_cam"], tolerance=3)


def test_a_page_offers_the_ways_that_were_saved(browser: Browser, tmp_path: Path) -> None:
    known: dict[str, Any] = {}
    exec(PREPARE + EXPECTED + DRAWN, known)
    widget = known["explorer"](method="guided_backprop")
    widget.precompute(layers=[], images=[0], methods=["guided_backprop", "saliency"])
    widget.to_html(tmp_path / "page.html")
    with offline(browser, tmp_path / "page.html", WINDOW) as page:
        explorer = Explorer(page, page.locator(".xcnn").first)
        assert choices_of(explorer) == ["in colour", "heat", "contours"]
        wanted = read_png(base64.b64decode(known["drawn_as"](widget, "in colour")))
        explorer.expect_pixels(wanted, 3)
        explorer.method.select_option("saliency")
        explorer.expect_status("Saliency")
        assert choices_of(explorer) == ["heat", "contours"]
        explorer.control("painted").select_option("contours")
        widget.method = "saliency"
        wanted = read_png(base64.b64decode(known["drawn_as"](widget, "contours")))
        explorer.expect_pixels(wanted, 3)
    widget.close()
