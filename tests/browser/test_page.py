"""The widget as a part of the page: its looks, its text, its life."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async () => {
    const { violations } = await axe.run(".xcnn");
    return violations.map(({ id, impact, nodes }) => [id, impact, nodes.map((n) => n.html)]);
}"""

# What sticks out of the widget, but for what is inside a box that scrolls or is drawn for nobody to see.
OVERFLOW = """(root) => {
    const edge = root.getBoundingClientRect();
    const clipped = (element) => element !== root && (
        getComputedStyle(element).overflowX !== "visible" || clipped(element.parentElement));
    return [...root.querySelectorAll("*")].filter((element) => {
        const box = element.getBoundingClientRect();
        if (box.width === 0 || clipped(element.parentElement)) return false;
        return box.right > edge.right + 1 || box.left < edge.left - 1;
    }).map((element) => element.outerHTML.slice(0, 120));
}"""
# Labels and buttons whose text is cut off.
CUT_OFF = """(root) => [...root.querySelectorAll("label, button, output, .xcnn-segments span")]
    .filter((element) => element.getClientRects().length && element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [960, 400])
def test_widget_fits_and_everybody_can_use_it(show, lab, screenshots, theme, width):
    explorer = show("w = explorer(PICTURES | {f'picture {i}': scene(i) for i in range(12)}); w")
    lab.theme(theme)
    try:
        lab.cell_width(width)
        explorer.search.fill("z")
        assert violations(lab) == []
        explorer.search.press("Escape")
        explorer.search.press("Escape")
        for label in ("All three", "Overlay"):
            explorer.display(label)
            expect(explorer.canvas).to_have_count(3 if label == "All three" else 1)
            assert violations(lab) == []
            assert explorer.root.evaluate(OVERFLOW) == []
            assert explorer.root.evaluate(CUT_OFF) == []
            name = f"{theme}-{width}-{label.replace(' ', '-')}".lower()
            explorer.screenshot(screenshots / f"widget-{name}.png")
        seen = explorer.canvas.bounding_box()
        controls = explorer.root.locator(".xcnn-panel").bounding_box()
        if width == 400:
            assert controls["y"] >= seen["y"] + seen["height"], (
                "the controls stand below the picture"
            )
        else:
            assert controls["x"] >= seen["x"] + seen["width"], (
                "the controls stand beside the picture"
            )
    finally:
        lab.theme("Light")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_error_and_progress_can_be_read_by_everybody(show, lab, kernel, screenshots, theme):
    explorer = show()
    lab.theme(theme)
    try:
        kernel.run(
            "w.error = 'broken.jpg cannot be read: it ends after 700 bytes'; w.progress = 0.4"
        )
        expect(explorer.error).to_contain_text("broken.jpg")
        expect(explorer.cancel).to_be_visible()
        assert violations(lab) == []
        explorer.screenshot(screenshots / f"widget-{theme.lower()}-trouble.png")
    finally:
        lab.theme("Light")


def test_names_that_look_like_html_are_shown_as_text(show, lab, kernel, screenshots):
    explorer = show("w = explorer({HTML: scene(0), 'bee': scene(1)}, target=HTML); w")
    html = "<img src=x onerror=alert(1)>"
    explorer.expect_status(html, html)
    expect(explorer.class_radio(html)).to_be_checked()
    expect(explorer.picture(html)).to_have_attribute("title", html)
    explorer.search.fill("<img")
    expect(explorer.control("class-match")).to_contain_text([html])
    explorer.screenshot(screenshots / "widget-names-as-text.png")
    explorer.page.keyboard.press("Enter")
    kernel.run(f"w.error = w.note = w.status = {html!r}")
    expect(explorer.error).to_have_text(html)
    expect(explorer.control("note")).to_have_text(html)
    assert lab.page.locator("img[src=x]").count() == 0
    with lab.page.expect_download() as download:
        explorer.control("save").click()
    assert not set(download.value.suggested_filename) & set('<>"/\\|?*:')


def test_same_widget_in_two_cells_stays_in_step(show, lab, kernel, painted):
    first = show("w = explorer(); w", "w")
    second = lab.explorer(1)
    second.layer.select_option("stage2")
    for view in (first, second):
        view.expect_status("stage2")
        expect(view.layer).to_have_value("stage2")
        expect(view.depth).to_have_value("2")
        view.expect_pixels(painted())
    first.slide(first.opacity, 0.2)
    expect(second.opacity).to_have_value("0.2")
    second.expect_pixels(painted(opacity=0.2))
    assert kernel.ask("w.layer") == "stage2"


def test_closed_widget_leaves_the_page(show, lab, kernel):
    explorer = show("w = explorer(); w", "v = explorer(layer='stage1'); v")
    other = lab.explorer(1)
    other.expect_status("stage1")
    kernel.run("w.close()")
    expect(lab.page.locator(".xcnn")).to_have_count(1)
    explorer.layer.select_option("stage4")
    explorer.expect_status("stage4")
    assert kernel.ask("v.layer") == "stage4"


def test_widget_is_there_again_after_the_page_is_loaded_anew(show, lab, kernel, painted, server):
    explorer = show()
    explorer.layer.select_option("stage5")
    explorer.expect_status("stage5")
    path = lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    lab.command("docmanager:save")
    lab.reload()
    lab.open(path, kernel.identity)
    explorer = lab.explorer()
    explorer.expect_status("stage5")
    expect(explorer.layer).to_have_value("stage5")
    explorer.expect_pixels(painted())
    explorer.layer.select_option("stage1")
    explorer.expect_status("stage1")
    explorer.expect_pixels(painted())


def violations(lab):
    """Return what axe-core finds, of any weight."""
    if not lab.page.evaluate("() => 'axe' in window"):
        lab.page.add_script_tag(path=AXE)
    return lab.page.evaluate(VIOLATIONS)
