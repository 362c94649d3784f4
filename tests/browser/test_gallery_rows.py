"""Rows arrive one by one, under a progress that tells how far they are; what fails fails alone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

METHODS = ("grad_cam", "guided_grad_cam")
GATED = "GATE.close(); w = gallery(labels=LABELS, batch_size=1); w"


def test_rows_are_on_screen_while_others_are_awaited(show_gallery, kernel, drawn, screenshots):
    gallery = show_gallery(GATED, complete=False)
    waiting = [f"Picture {place}: not there yet" for place in range(1, 6)]
    expect(gallery.names).to_have_text(waiting)
    expect(gallery.progress).to_have_js_property("value", 0)

    kernel.run("GATE.let_through(2)")
    expect(gallery.names).to_have_text(["ant 0", "ant 1", *waiting[2:]])
    expect(gallery.grid).to_have_attribute("aria-busy", "true")
    expect(gallery.status).to_have_text(
        re.compile(r"^Explained 2 of 5 pictures, about \d+ (s|min) left$")
    )
    expect(gallery.progress).to_have_js_property("value", 0.4)
    there = drawn(display="heatmap")
    assert len(there) == 2
    for place, row in enumerate(there):
        for column, method in enumerate(METHODS):
            heat, picture = row[method], gallery.pixels(gallery.picture(place))
            blended = (0.5 * picture + 0.5 * heat).round().astype("uint8")
            gallery.expect_pixels(gallery.tile(place, column), blended)
    gallery.screenshot(screenshots / "gallery-progress.png")

    kernel.run("GATE.open()")
    gallery.expect_names(*(f"ant {i}" for i in range(5)))
    gallery.expect_status("5 of 24 pictures shown")


def test_cancel_keeps_the_rows_that_are_there(show_gallery, kernel):
    gallery = show_gallery(GATED, complete=False)
    kernel.run("GATE.let_through(2)")
    gallery.expect_status("Explained 2 of 5 pictures")
    gallery.cancel.click()
    gallery.expect_status("Cancelled; what is there stays")
    expect(gallery.progress).to_be_hidden()
    kernel.run("GATE.open(); w.wait(20)")
    gallery.settled()
    expect(gallery.names).to_have_text(
        ["ant 0", "ant 1", *(f"Picture {place}: not there yet" for place in (3, 4, 5))]
    )

    gallery.control("next").click()
    gallery.expect_names("ant 5", "ant 6", "ant 7", "bee 0", "bee 1")


def test_another_page_is_asked_for_while_the_first_is_awaited(show_gallery, kernel):
    gallery = show_gallery(GATED, complete=False)
    kernel.run("GATE.let_through(1)")
    gallery.expect_status("Explained 1 of 5 pictures")
    gallery.control("next").click()
    expect(gallery.control("page")).to_have_value("2")
    kernel.run("GATE.open()")
    gallery.expect_names("ant 5", "ant 6", "ant 7", "bee 0", "bee 1")
    assert kernel.ask("w.page") == 2


def test_a_row_tells_name_label_prediction_and_disagreement(show_gallery, kernel):
    gallery = show_gallery("w = gallery(labels=LABELS); w")
    for place in range(2):
        row = kernel.ask(
            f"{{k: v for k, v in w._row_{place}.items() if k not in ('picture', 'maps')}}"
        )
        cell = gallery.cell(place, 0)
        expect(cell).to_contain_text(row["name"])
        expect(cell).to_contain_text(f"True label: {row['label']}")
        expect(cell).to_contain_text(
            f"{row['prediction']['name']} {row['prediction']['probability']:.1%}"
        )
        expect(cell).to_contain_text(f"Disagreement {row['disagreement']:.2f}")
        expect(cell).to_contain_text("✓ Right" if place == 0 else "✗ Wrong")


def test_a_broken_file_says_so_among_good_ones(show_gallery, kernel, tmp_path, screenshots):
    kernel.run(
        f"folder = Path({str(tmp_path)!r})\n"
        "for name in ('a', 'b', 'd'): Image.fromarray(MANY['ant 0']).save(folder / f'{name}.png')\n"
        "(folder / 'c.png').write_bytes(b'no picture')"
    )
    gallery = show_gallery("w = gallery(folder); w")
    gallery.expect_names("a.png", "b.png", "c.png", "d.png")
    gallery.expect_status("4 of 4 pictures shown; 1 could not be read")
    failure = gallery.control("row-error")
    expect(failure).to_have_count(1)
    expect(gallery.rows.nth(2).locator("[data-xcnn=row-error]")).to_contain_text("c.png")
    assert kernel.ask("list(w.failures)") == ["c.png"]
    assert failure.inner_text() == kernel.ask("w.failures['c.png']")
    expect(gallery.tile(3, 1)).to_be_visible()
    gallery.screenshot(screenshots / "gallery-broken-file.png")


def test_what_the_page_cannot_show_at_all_is_told_above_it(
    show_gallery, kernel, tmp_path, screenshots
):
    kernel.run(
        f"folder = Path({str(tmp_path)!r})\n"
        "for name in ('a', 'b'): Image.fromarray(MANY['ant 0']).save(folder / f'{name}.png')\n"
        "(folder / 'c.png').write_bytes(b'no picture')"
    )
    gallery = show_gallery("w = gallery(folder, rows='layers'); w")
    expect(gallery.error).to_be_empty()
    number = gallery.control("image-index")
    number.fill("3")
    number.press("Enter")
    expect(gallery.error).to_contain_text("c.png")
    expect(gallery.progress).to_be_hidden()
    gallery.screenshot(screenshots / "gallery-error.png")
    number.fill("2")
    number.press("Enter")
    expect(gallery.error).to_be_empty()
    gallery.expect_status("layers of b.png shown")


def test_names_are_shown_as_text(show_gallery, kernel):
    gallery = show_gallery(
        "w = gallery({HTML: MANY['ant 0'], '<b>bold</b>': MANY['bee 1']}, labels=[HTML, HTML], target=8); w"
    )
    html = kernel.ask("HTML")
    gallery.expect_names(html, "<b>bold</b>")
    expect(gallery.cell(0, 0)).to_contain_text(f"True label: {html}")
    expect(gallery.cell(0, 0)).to_contain_text(html)
    gallery.cell(0, 0).click()
    expect(gallery.rows.first).to_have_attribute("aria-selected", "true")
    expect(gallery.root.locator("img, b")).to_have_count(0)
