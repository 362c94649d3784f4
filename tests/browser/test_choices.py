"""What a person chooses changes the picture and the traits, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


def test_layer_dropdown_changes_picture_trait_and_depth_slider(show, kernel, painted):
    explorer = show()
    before = explorer.pixels()
    explorer.layer.select_option("stage3")
    explorer.expect_status("stage3")
    explorer.expect_other_pixels(before)
    explorer.expect_pixels(painted())
    expect(explorer.depth).to_have_value("3")
    assert kernel.ask("w.layer") == "stage3"


def test_layer_dropdown_is_used_with_keys(show, kernel, painted):
    explorer = show()
    explorer.layer.press("ArrowUp")
    explorer.expect_status("stage6")
    explorer.expect_pixels(painted())
    assert kernel.ask("w.layer") == "stage6"


def test_depth_slider_is_clicked_to_a_layer(show, kernel, painted):
    explorer = show()
    box = explorer.depth.bounding_box()
    explorer.depth.click(position={"x": 2, "y": box["height"] / 2})
    explorer.expect_status("stage0")
    explorer.expect_pixels(painted())
    expect(explorer.layer).to_have_value("stage0")
    assert kernel.ask("w.layer") == "stage0"


def test_depth_slider_scrubs_with_arrow_keys(show, kernel, painted):
    explorer = show()
    for expected in ("stage6", "stage5", "stage4"):
        explorer.depth.press("ArrowLeft")
        explorer.expect_status(expected)
    explorer.expect_pixels(painted())
    expect(explorer.layer).to_have_value("stage4")
    assert kernel.ask("w.layer") == "stage4"


def test_class_is_found_by_typing_and_taken_with_the_mouse(show, kernel, painted):
    explorer = show()
    explorer.search.fill("zebra")
    matches = explorer.control("class-match")
    expect(matches).to_have_count(2)
    matches.filter(has_text="zebra crossing").click()
    explorer.expect_status("zebra crossing")
    explorer.expect_pixels(painted())
    assert kernel.ask("w.target") == 10
    expect(explorer.class_radio("zebra crossing")).to_be_checked()


def test_class_is_found_and_taken_with_keys_alone(show, kernel, painted):
    explorer = show()
    explorer.search.focus()
    explorer.page.keyboard.type("zebra cr")
    explorer.page.keyboard.press("ArrowDown")
    explorer.page.keyboard.press("Enter")
    explorer.expect_status("zebra crossing")
    explorer.expect_pixels(painted())
    assert kernel.ask("w.target") == 10


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_one_of_the_likeliest_classes_is_chosen(show, kernel, painted, by):
    explorer = show()
    first, second = kernel.ask("[p['name'] for p in w.predictions[:2]]")
    if by == "mouse":
        explorer.class_row(second).click()
    else:
        explorer.class_radio("Predicted class").focus()
        explorer.page.keyboard.press("ArrowDown")
        explorer.expect_status(first)
        explorer.page.keyboard.press("ArrowDown")
    explorer.expect_status(second)
    expect(explorer.class_radio(second)).to_be_checked()
    explorer.expect_pixels(painted())
    assert kernel.ask("w.target == w.predictions[1]['index']")


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_method_is_chosen_and_says_that_it_needs_no_layer(show, kernel, painted, by):
    explorer = show("w = explorer(methods=['grad_cam', 'saliency']); w")
    if by == "mouse":
        explorer.method.select_option(label="Saliency")
    else:
        explorer.method.press("ArrowDown")
    explorer.expect_status("Saliency")
    explorer.expect_pixels(painted())
    expect(explorer.layer).to_be_disabled()
    expect(explorer.depth).to_be_disabled()
    assert kernel.ask("w.method") == "saliency"


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_another_picture_is_chosen_from_the_strip(show, kernel, painted, by):
    explorer = show()
    before = explorer.pixels()
    expect(explorer.strip.get_by_role("option")).to_have_count(3)
    if by == "mouse":
        explorer.picture("cow").click()
    else:
        explorer.picture("ant").press("ArrowRight")
        explorer.expect_status("in bee")
        expect(explorer.picture("bee")).to_be_focused()
        explorer.page.keyboard.press("End")
    explorer.expect_status("in cow")
    explorer.expect_other_pixels(before)
    explorer.expect_pixels(painted())
    expect(explorer.picture("cow")).to_have_attribute("aria-selected", "true")
    assert kernel.ask("w.image_index") == 2


def test_thumbnails_arrive_as_pictures(show):
    explorer = show()
    for name in ("ant", "bee", "cow"):
        image = explorer.picture(name).locator("img")
        explorer.page.wait_for_function(
            "(image) => image.complete && image.naturalWidth > 0", arg=image.element_handle()
        )


def test_what_python_sets_is_seen_on_the_page(show, kernel, painted):
    explorer = show()
    kernel.run("w.image_index, w.layer, w.target, w.opacity = 1, 'stage2', 'zebra', 0.6")
    explorer.expect_status("stage2", "zebra", "in bee")
    expect(explorer.layer).to_have_value("stage2")
    expect(explorer.depth).to_have_value("2")
    expect(explorer.opacity).to_have_value("0.6")
    expect(explorer.class_radio("zebra")).to_be_checked()
    explorer.expect_pixels(painted(opacity=0.6))


def test_reset_goes_back_to_how_the_widget_opened(show, kernel, painted):
    explorer = show()
    before = explorer.pixels()
    explorer.picture("bee").click()
    explorer.layer.select_option("stage1")
    explorer.slide(explorer.opacity, 0.9)
    explorer.expect_status("stage1", "in bee")
    explorer.control("reset").click()
    explorer.expect_status("stage7", "in ant")
    explorer.expect_pixels(before, tolerance=0)
    assert kernel.ask("[w.image_index, w.layer, w.opacity]") == [0, "stage7", 0.5]


def test_keys_typed_into_the_widget_do_not_reach_the_notebook(show, lab):
    explorer = show()
    cells = lab.page.locator(".jp-Notebook .jp-Cell").count()
    for control in (explorer.layer, explorer.depth, explorer.search, explorer.canvas):
        control.focus()
        for key in ("a", "b", "x", "d", "d"):
            lab.page.keyboard.press(key)
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == cells
    expect(explorer.root).to_be_visible()
