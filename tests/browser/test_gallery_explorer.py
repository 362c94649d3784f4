"""A row of a gallery opens in an explorer below it, with its true label."""

from __future__ import annotations

from playwright.sync_api import expect


def test_enter_on_a_row_opens_it_in_an_explorer_that_tells_the_true_label(
    show_gallery, kernel, lab, screenshots
):
    gallery = show_gallery("w = gallery(labels=LABELS); w")
    right, wrong = kernel.ask("[w.row(place)['label'] for place in range(2)]")
    expect(gallery.control("open-explorer")).to_be_disabled()
    gallery.cell(1, 0).focus()
    lab.page.keyboard.press("Enter")
    label = lab.page.locator("[data-xcnn=true-label]")
    expect(label).to_have_text(f"True label: {wrong} ✗ wrong")
    gallery.cell(0, 0).click()
    expect(label).to_have_text(f"True label: {right} ✓ right")
    assert kernel.ask("w._explorer.image_index") == 0
    lab.page.screenshot(path=screenshots / "gallery-explorer.png")
    gallery.control("open-explorer").click()
    expect(label).to_be_hidden()
