"""Everybody can use the gallery: light and dark, wide and narrow, with a screen reader."""

from __future__ import annotations

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import expect


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [1000, 400])
def test_gallery_is_accessible_and_looked_at(show_gallery, lab, theme, width, screenshots):
    gallery = show_gallery("w = gallery(labels=LABELS); w")
    lab.theme(theme)
    lab.cell_width(width)
    size = lab.page.viewport_size
    lab.page.set_viewport_size({**size, "height": 1500})
    gallery.cell(1, 0).click()
    expect(gallery.rows.nth(1)).to_have_attribute("aria-selected", "true")
    gallery.pixels(gallery.tile(0))
    for rows in ("layers", "classes", "pictures"):
        gallery.choose("rows", rows, "mouse")
        expect(gallery.grid).to_have_attribute("aria-label", f"{rows.capitalize()} by method")
        gallery.expect_complete()
        gallery.settled()
        found = Axe().run(lab.page, ".xcnn")["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
        gallery.screenshot(screenshots / f"gallery-{rows}-{theme.lower()}-{width}.png")
    assert gallery.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    lab.theme("Light")


def test_the_grid_tells_a_screen_reader_where_it_is(show_gallery):
    gallery = show_gallery()
    gallery.control("next").click()
    gallery.expect_names("ant 5", "ant 6", "ant 7", "bee 0", "bee 1")
    expect(gallery.grid).to_have_attribute("aria-rowcount", "25")
    expect(gallery.grid).to_have_attribute("aria-colcount", "4")
    expect(gallery.rows.first).to_have_attribute("aria-rowindex", "7")
    expect(gallery.picture(0)).to_have_accessible_name("Picture ant 5")
    for column, method in enumerate(("Grad-CAM", "Guided Grad-CAM")):
        expect(gallery.tile(0, column)).to_have_role("img")
        label = gallery.tile(0, column).get_attribute("aria-label")
        assert label.startswith(f"Overlay of {method} of '")
        assert " at stage3 on picture ant 5, from " in label
    expect(gallery.grid.locator("[tabindex='0']")).to_have_count(1)
