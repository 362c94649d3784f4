"""Ten thousand pictures, many changes at once, and a page that is loaded anew."""

from __future__ import annotations

import re

from playwright.sync_api import expect

FLOOD = """(root) => {
    const slider = root.querySelector("[data-xcnn=depth]");
    const box = root.querySelector("[data-xcnn=method-saliency]");
    const next = root.querySelector("[data-xcnn=next]");
    for (let move = 1; move <= 200; move++) {
        slider.value = String(move % 3);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        if (move % 20 === 0) box.click();
        if (move % 50 === 0) next.click();
    }
}"""


def test_ten_thousand_pictures_are_opened_page_by_page(show_gallery, kernel):
    gallery = show_gallery("lazy = Lazy(10_000); w = gallery(lazy); w")
    expect(gallery.count).to_have_text("Pictures 1\u20135 of 10,000")
    assert kernel.ask("sorted(set(lazy.opened))") == list(range(5))
    assert kernel.ask("len(lazy.opened)") == 5

    number = gallery.control("page")
    number.fill("1001")
    number.press("Enter")
    expect(gallery.count).to_have_text("Pictures 5,001\u20135,005 of 10,000")
    gallery.expect_complete()
    gallery.control("next").click()
    expect(gallery.count).to_have_text("Pictures 5,006\u20135,010 of 10,000")
    gallery.expect_complete()
    assert kernel.ask("sorted(lazy.opened)") == [*range(5), *range(5000, 5010)]

    gallery.control("previous").click()
    expect(gallery.count).to_have_text("Pictures 5,001\u20135,005 of 10,000")
    gallery.expect_complete()
    assert kernel.ask("len(lazy.opened)") == 15


def test_a_flood_of_changes_ends_on_the_last(show_gallery, lab, kernel, drawn):
    gallery = show_gallery("w = gallery(display='heatmap'); w")
    lab.wire.forget()
    gallery.root.evaluate(FLOOD)
    last = f"stage{200 % 3}"
    expect(gallery.control("layer")).to_have_value(last)
    page = gallery.control("page").input_value()
    expect(gallery.count).to_have_text(
        f"Pictures {5 * int(page) - 4}\u2013{min(24, 5 * int(page))} of 24"
    )
    expect(gallery.tile(1)).to_have_attribute("aria-label", re.compile(f" at {last} on "))
    gallery.expect_complete()
    assert kernel.ask("[w.layer, w.page, w.error]") == [last, int(page), ""]
    assert kernel.ask("w.methods") == ["grad_cam", "guided_grad_cam"]
    gallery.expect_pixels(gallery.tile(1), drawn()[1]["grad_cam"], tolerance=3)
    # The first goes out at once, all others are merged into the next.
    assert lab.wire.most_unanswered() <= 1
    assert len(lab.wire.sent()) <= 5


def test_a_page_loaded_anew_shows_the_gallery_as_it_stood(show_gallery, lab, kernel, drawn):
    gallery = show_gallery("w = gallery(display='heatmap'); w")
    gallery.control("next").click()
    gallery.expect_names("ant 5", "ant 6", "ant 7", "bee 0", "bee 1")
    gallery.cell(1, 0).click()
    expect(gallery.rows.nth(1)).to_have_attribute("aria-selected", "true")
    lab.command("docmanager:save")
    lab.reload()
    gallery.expect_names("ant 5", "ant 6", "ant 7", "bee 0", "bee 1")
    expect(gallery.rows.nth(1)).to_have_attribute("aria-selected", "true")
    gallery.expect_pixels(gallery.tile(1), drawn()[1]["grad_cam"], tolerance=3)
    gallery.control("previous").click()
    gallery.expect_names(*(f"ant {i}" for i in range(5)))
