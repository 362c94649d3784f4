"""How the heatmap is painted is the browser's own business: no message goes to the kernel."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

UNDER = "(button, [x, y]) => button.contains(document.elementFromPoint(x, y))"


def test_look_changes_pixels_and_tells_the_kernel_nothing(show, lab, kernel, painted):
    explorer = show()
    explorer.expect_pixels(painted())
    lab.wire.forget()

    look: dict[str, Any] = {}
    wanted: list[dict[str, Any]] = [{}]
    seen = [explorer.pixels()]
    for changed in (
        {"opacity": 0.6},
        {"colormap": "gray"},
        {"threshold": 0.4},
        {"wipe": 0.5},
        {"display": "heatmap"},
        {"display": "picture"},
    ):
        for name, value in changed.items():
            set_look(explorer, name, value)
        look |= changed
        wanted.append(dict(look))
        seen.append(settled(explorer, lab))

    assert lab.wire.sent() == []
    for before, after in pairwise(seen):
        assert np.abs(before.astype(int) - after).max() > 8
    # The page knows the map in 256 levels, so a value at the very threshold may fall on either side.
    clear = np.array(kernel.ask("(abs(w.heatmap - 0.4) > 1 / 255).tolist()"))
    for look, pixels in zip(wanted, seen, strict=True):
        assert np.abs(pixels.astype(int) - painted(**look))[clear].max() <= 2, look


def test_opacity_is_moved_with_arrow_keys_and_tells_the_kernel_nothing(show, lab, painted):
    explorer = show()
    lab.wire.forget()
    for _ in range(10):
        explorer.opacity.press("ArrowRight")
    expect(explorer.opacity).to_have_value("0.6")
    settled(explorer, lab)
    assert lab.wire.sent() == []
    explorer.expect_pixels(painted(opacity=0.6))


def test_look_reaches_python_with_the_next_choice(show, kernel):
    explorer = show()
    explorer.slide(explorer.opacity, 0.25)
    explorer.colormap.select_option("gray")
    assert kernel.ask("[w.opacity, w.colormap]") == [0.5, "viridis"]
    explorer.layer.select_option("stage5")
    explorer.expect_status("stage5")
    assert kernel.ask("[w.opacity, w.colormap]") == [0.25, "gray"]


def test_all_three_panes_are_shown_side_by_side(show, painted):
    explorer = show()
    explorer.display("All three")
    expect(explorer.canvas).to_have_count(3)
    for pane, display in enumerate(["picture", "heatmap", "overlay"]):
        # One of 256 levels is up to three grey levels of this colormap where nothing shines through.
        explorer.expect_pixels(painted(display=display), tolerance=3, pane=pane)


@pytest.mark.parametrize("width", [1000, 390])
def test_the_display_that_was_clicked_stays_under_the_pointer(show, lab, width):
    explorer = show()
    lab.cell_width(width)
    lab.page.set_viewport_size({**lab.page.viewport_size, "height": 844})
    for display in ("All three", "Overlay", "All three", "Heatmap", "All three", "Picture"):
        button = explorer.control("display").locator("label", has_text=display)
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        lab.page.mouse.click(x, y)
        expect(explorer.canvas).to_have_count(3 if display == "All three" else 1)
        settled(explorer, lab)
        assert button.evaluate(UNDER, [x, y]), f"{display} moved away"


@pytest.mark.parametrize("display", ["Overlay", "Heatmap", "Picture", "All three"])
def test_save_png_downloads_what_is_shown(show, lab, display):
    explorer = show()
    explorer.display(display)
    expect(explorer.canvas).to_have_count(3 if display == "All three" else 1)
    settled(explorer, lab)
    with lab.page.expect_download() as download:
        explorer.control("save").click()
    saved = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert saved.format == "PNG"
    assert download.value.suggested_filename.startswith("ant")
    assert download.value.suggested_filename.endswith(".png")
    pixels = np.asarray(saved.convert("RGB")).astype(int)
    height, width = explorer.pixels().shape[:2]
    panes = explorer.canvas.count()
    scale = max(2, -(-448 // max(height, width)))
    top = 24 + (30 if panes > 1 else 0)
    for pane in range(panes):
        left = 24 + pane * (scale * width + 16)
        found = pixels[top : top + scale * height, left : left + scale * width]
        # In the middle of four pixels of the sheet stands one of the screen.
        means = found.reshape(height, scale, width, scale, 3).mean(axis=(1, 3))
        assert np.abs(means - explorer.pixels(pane)).mean() < 6
    # The picture alone has no colour bar; below all there is a caption.
    below = pixels[top + scale * height + 16 :]
    assert (np.ptp(below[10, 24:-24], axis=0).max() > 20) == (display != "Picture")
    assert (below[-60:].max(axis=2) < 80).any()


def test_save_svg_has_words_and_save_csv_the_true_values(show, lab, kernel):
    explorer = show("w = explorer(method='saliency', painted='positive and negative'); w")
    with lab.page.expect_download() as download:
        explorer.control("save-svg").click()
    drawn = download.value.path().read_text(encoding="utf-8")
    assert download.value.suggested_filename.endswith(".svg")
    assert drawn.count("<image") == 2
    assert "clipped at the 99.5th percentile" in drawn
    assert "Saliency of" in drawn
    with lab.page.expect_download() as download:
        explorer.control("save-csv").click()
    values = np.loadtxt(download.value.path(), delimiter=",")
    clip = kernel.ask("w._map['signed']['clip']")
    summed = np.array(kernel.ask("w.explanation.values[0].sum(0).tolist()"))
    assert np.abs(values - summed.clip(-clip, clip)).max() <= 2 * clip / 200


def test_value_under_pointer_and_keys_is_the_true_one(show, lab, kernel):
    explorer = show()
    readout = explorer.control("readout")
    box = explorer.canvas.bounding_box()
    height, width = explorer.pixels().shape[:2]
    x, y = 30, 50
    position = {"x": (x + 0.5) * box["width"] / width, "y": (y + 0.5) * box["height"] / height}
    explorer.canvas.hover(position=position)
    expect(readout).to_contain_text(f"x {x}, y {y}")
    low, high, value = kernel.ask(
        "[*w.explanation.ranges()[0], float(torch.nn.functional.interpolate("
        "w.explanation.maps()[None], size=w.heatmap.shape, mode='bilinear')"
        f"[0, 0, {y}, {x}])]"
    )
    shown = float(readout.inner_text().rpartition(": ")[2])
    assert shown == pytest.approx(value, abs=(high - low) / 100)

    lab.page.mouse.move(0, 0)
    explorer.canvas.focus()
    lab.page.keyboard.press("ArrowRight")
    expect(readout).to_contain_text(f"x {width // 2 + 1}, y {height // 2}")
    lab.page.keyboard.press("Shift+ArrowUp")
    expect(readout).to_contain_text(f"x {width // 2 + 1}, y {height // 2 - 10}")
    lab.page.keyboard.press("Escape")
    expect(readout).not_to_contain_text("x ")


def set_look(explorer, name, value):
    if name == "display":
        explorer.display(value.capitalize())
    elif name == "colormap":
        explorer.colormap.select_option(value)
    else:
        explorer.slide(explorer.control(name), value)


def settled(explorer, lab):
    """Return the pixels once the frame that a change asked for is painted."""
    lab.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    return explorer.pixels()
