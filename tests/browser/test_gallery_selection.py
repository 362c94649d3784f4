"""A row is chosen by mouse or keyboard, and an explorer on the page follows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .explorer import Explorer

BOTH = ["w = gallery(); w", "e = w.explorer(); e"]


def test_keys_lead_through_the_grid_and_choose_a_row(show_gallery, kernel, lab):
    gallery = show_gallery()
    gallery.cell(0, 0).focus()
    for key, place, column in (
        ("ArrowDown", 1, 0),
        ("ArrowRight", 1, 1),
        ("End", 1, 3),
        ("ArrowDown", 2, 3),
        ("Home", 2, 0),
        ("Control+End", 4, 3),
        ("ArrowUp", 3, 3),
    ):
        lab.page.keyboard.press(key)
        expect(gallery.cell(place, column)).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(gallery.rows.nth(3)).to_have_attribute("aria-selected", "true")
    expect(gallery.root.locator("[data-xcnn=row][aria-selected=true]")).to_have_count(1)
    lab.page.keyboard.press("PageDown")
    gallery.expect_names("ant 5", "ant 6", "ant 7", "bee 0", "bee 1")
    assert kernel.ask("w.selected") == 3
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == 1


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_the_explorer_shows_the_picture_that_is_chosen(show_gallery, lab, kernel, by):
    gallery = show_gallery(*BOTH)
    explorer = Explorer(lab.page, lab.page.locator(".xcnn").nth(1))
    explorer.expect_status("ant 0")
    before = explorer.pixels()
    if by == "mouse":
        gallery.cell(2, 2).click()
    else:
        gallery.cell(0, 0).focus()
        for key in ("ArrowDown", "ArrowDown", "Enter"):
            lab.page.keyboard.press(key)
    explorer.expect_status("in ant 2")
    explorer.expect_other_pixels(before)
    gallery.control("next").click()
    gallery.expect_names("ant 5", "ant 6", "ant 7", "bee 0", "bee 1")
    gallery.cell(3, 0).click()
    explorer.expect_status("in bee 0")
    assert kernel.ask("[w.selected, e.image_index]") == [8, 8]


def test_the_explorer_goes_to_the_layer_and_class_of_the_chosen_row(show_gallery, lab, kernel):
    gallery = show_gallery(*BOTH)
    explorer = Explorer(lab.page, lab.page.locator(".xcnn").nth(1))
    gallery.choose("rows", "layers", "mouse")
    gallery.expect_status("4 layers of ant 0 shown")
    gallery.cell(1, 0).click()
    explorer.expect_status("at stage1")
    gallery.choose("rows", "classes", "mouse")
    gallery.expect_status("5 classes of ant 0 shown")
    gallery.cell(4, 0).click()
    explorer.expect_status(kernel.ask("NAMES[int(ANSWERS[0].topk(5).indices[4])]"))
    assert kernel.ask("e.target == int(ANSWERS[0].topk(5).indices[4])")
