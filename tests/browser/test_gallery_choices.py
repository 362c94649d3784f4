"""Every choice by mouse and by keyboard: the rows on the page are those that it asks for."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from xcnn_widgets.study import percent

BY = pytest.mark.parametrize("by", ["mouse", "keys"])
LABELLED = "w = gallery(labels=LABELS); w"
NAMES = [f"{name} {i}" for name in ("ant", "bee", "cow") for i in range(8)]


@BY
def test_pages_are_turned(show_gallery, kernel, by):
    gallery = show_gallery()
    if by == "mouse":
        gallery.control("next").click()
    else:
        gallery.cell(0, 1).focus()
        gallery.page.keyboard.press("PageDown")
    gallery.expect_names(*NAMES[5:10])
    expect(gallery.count).to_have_text("Pictures 6\u201310 of 24")
    if by == "mouse":
        gallery.control("previous").click()
    else:
        gallery.page.keyboard.press("PageUp")
    gallery.expect_names(*NAMES[:5])
    assert kernel.ask("w.page") == 1


def test_a_page_is_gone_to_by_its_number(show_gallery, kernel):
    gallery = show_gallery()
    gallery.control("page").fill("5")
    gallery.control("page").press("Enter")
    gallery.expect_names(*NAMES[20:])
    expect(gallery.control("next")).to_be_disabled()
    assert kernel.ask("w.page") == 5


def test_page_size_keeps_the_first_row_in_sight(show_gallery, kernel):
    gallery = show_gallery()
    gallery.control("next").click()
    gallery.control("next").click()
    gallery.expect_names(*NAMES[10:15])
    gallery.control("page-size").select_option("10")
    gallery.expect_names(*NAMES[10:20])
    assert kernel.ask("[w.page, w.page_size]") == [2, 10]


def test_orders_by_what_the_model_says(show_gallery, kernel):
    gallery = show_gallery(LABELLED)
    chances = kernel.ask("ANSWERS.max(1).values.tolist()")
    ranked = sorted(range(24), key=lambda i: -chances[i])
    order = gallery.control("order")
    order.select_option("confidence")
    gallery.expect_names(*(NAMES[i] for i in ranked[:5]))
    order.select_option("least_confident")
    gallery.expect_names(*(NAMES[i] for i in ranked[::-1][:5]))
    order.select_option("wrong")
    gallery.expect_names(*[NAMES[i] for i in ranked if i % 2][:5])
    expect(gallery.control("mark").locator("visible=true")).to_have_text(["✗ Wrong"] * 5)


def test_disagreement_brings_up_the_pictures_on_which_two_methods_differ_most(show_gallery, kernel):
    gallery = show_gallery()
    gallery.control("order").press("End")
    expect(gallery.control("order")).to_have_value("disagreement")
    # Another gallery tells what is to come; the page itself still shows the order given.
    kernel.run("told = gallery(order='disagreement'); told.wait()")
    table = kernel.ask("told.to_dataframe().set_index('name')['disagreement'].to_dict()")
    assert len(table) == 24
    first = sorted(table, key=lambda name: -table[name])[:5]
    gallery.expect_names(*first)
    shown = gallery.control("disagreement").all_inner_texts()
    assert shown == [f"Disagreement {table[name]:.2f}" for name in first]


@BY
def test_only_wrong_ones_are_shown(show_gallery, kernel, by):
    gallery = show_gallery(LABELLED)
    gallery.choose("show", "wrong", by)
    gallery.expect_names(*NAMES[1:10:2])
    expect(gallery.count).to_have_text("Pictures 1\u20135 of 12, chosen from 24")


@BY
def test_one_predicted_class_is_shown(show_gallery, kernel, by):
    gallery = show_gallery()
    search = gallery.control("show-class")
    search.fill("zebra cros")
    if by == "mouse":
        gallery.control("class-match").first.click()
    else:
        search.press("Enter")
    zebras = [n for n, p in zip(NAMES, kernel.ask("PREDICTED"), strict=True) if p == 10]
    gallery.expect_names(*zebras[:5])
    clear = gallery.control("show-class-clear")
    clear.click() if by == "mouse" else clear.press("Enter")
    gallery.expect_names(*NAMES[:5])


def test_text_in_the_name_is_searched_and_nothing_found_is_said(show_gallery, kernel):
    gallery = show_gallery()
    gallery.control("next").click()
    gallery.expect_names(*NAMES[5:10])
    text = gallery.control("show-text")
    text.fill("COW")
    text.press("Enter")
    gallery.expect_names(*NAMES[16:21])
    text.fill("cow 7")
    text.press("Enter")
    gallery.expect_names("cow 7")
    text.fill("no such name")
    text.press("Enter")
    expect(gallery.root.get_by_text("No picture passes the filters.")).to_be_visible()
    gallery.control("show-all").click()
    gallery.expect_names(*NAMES[:5])


@BY
def test_target_is_the_label_or_one_class(show_gallery, kernel, drawn, by):
    gallery = show_gallery(LABELLED)
    gallery.choose("target", "label", by)
    label = kernel.ask("NAMES[LABELS[1]]")
    expect(gallery.tile(1)).to_have_attribute("aria-label", containing(f"of '{label}'"))
    gallery.expect_complete()
    search = gallery.control("class-search")
    search.fill("zebra cros")
    if by == "mouse":
        gallery.control("class-match").first.click()
    else:
        search.press("Enter")
    for place in range(3):
        expect(gallery.tile(place)).to_have_attribute("aria-label", containing("'zebra crossing'"))
    assert kernel.ask("w.target") == 10
    gallery.radio("display", "heatmap").click()
    gallery.expect_pixels(gallery.tile(2), drawn()[2]["grad_cam"], tolerance=3)


@BY
def test_methods_are_ticked_and_become_columns(show_gallery, kernel, drawn, by):
    gallery = show_gallery("w = gallery(display='heatmap'); w")
    heads = gallery.grid.get_by_role("columnheader")
    for name in ("saliency", "grad_cam"):
        box = gallery.control(f"method-{name}")
        if by == "mouse":
            box.click()
        else:
            box.press("Space")
        expect(box).to_be_checked(checked=name == "saliency")
    expect(heads).to_have_text(["Name", "Picture", "Guided Grad-CAM", "Saliency"])
    # The heads follow the boxes at once; the kernel has been asked when its rows are there.
    expect(gallery.tile(1, 1)).to_have_attribute("aria-label", containing("of Saliency"))
    gallery.expect_complete()
    row = drawn()[1]
    gallery.expect_pixels(gallery.tile(1, 0), row["guided_grad_cam"], tolerance=3)
    gallery.expect_pixels(gallery.tile(1, 1), row["saliency"], tolerance=3)
    gallery.control("method-guided_grad_cam").click()
    expect(heads).to_have_count(3)
    expect(gallery.control("method-saliency")).to_be_disabled()
    expect(gallery.control("layer")).to_be_disabled()
    gallery.settled()
    assert kernel.ask("w.methods") == ["saliency"]


@BY
def test_layers_of_one_picture_are_compared(show_gallery, kernel, drawn, by):
    gallery = show_gallery("w = gallery(display='heatmap'); w")
    gallery.cell(2, 0).click()
    gallery.choose("rows", "layers", by)
    gallery.expect_status("4 layers of ant 2 shown")
    shapes = ("8 x 72 x 104", "12 x 72 x 104", "16 x 36 x 52", "20 x 36 x 52")
    gallery.expect_names(*(f"stage{i} ({shape})" for i, shape in enumerate(shapes)))
    rows = drawn()
    for place in (0, 3):
        gallery.expect_pixels(gallery.tile(place, 0), rows[place]["grad_cam"], tolerance=3)
    gallery.control("image-next").click()
    gallery.expect_status("4 layers of ant 3 shown")
    assert kernel.ask("[w.image_index, w.rows]") == [3, "layers"]


@BY
def test_classes_of_one_picture_are_compared(show_gallery, kernel, drawn, by):
    gallery = show_gallery("w = gallery(display='heatmap'); w")
    gallery.choose("rows", "classes", by)
    gallery.expect_status("5 classes of ant 0 shown")
    best = kernel.ask("[[NAMES[i], float(ANSWERS[0, i])] for i in ANSWERS[0].topk(5).indices]")
    gallery.expect_names(*(f"{name} ({percent(chance)})" for name, chance in best))
    rows = drawn()
    for place in (0, 4):
        gallery.expect_pixels(gallery.tile(place, 1), rows[place]["guided_grad_cam"], tolerance=3)
    gallery.choose("rows", "pictures", "mouse")
    gallery.expect_names(*NAMES[:5])


@BY
def test_layer_is_chosen_by_name_or_depth(show_gallery, kernel, drawn, by):
    gallery = show_gallery("w = gallery(display='heatmap'); w")
    if by == "mouse":
        gallery.control("layer").select_option("stage2")
    else:
        gallery.control("depth").press("ArrowLeft")
    expect(gallery.tile(1)).to_have_attribute("aria-label", containing("at stage2"))
    gallery.expect_complete()
    gallery.expect_pixels(gallery.tile(1), drawn()[1]["grad_cam"], tolerance=3)
    expect(gallery.control("layer")).to_have_value("stage2")
    expect(gallery.control("depth")).to_have_value("2")
    assert kernel.ask("w.layer") == "stage2"


def test_reset_goes_back_to_how_the_gallery_opened(show_gallery, kernel):
    gallery = show_gallery(LABELLED)
    gallery.choose("show", "wrong", "mouse")
    gallery.control("layer").select_option("stage1")
    gallery.control("method-saliency").click()
    gallery.expect_names(*NAMES[1:10:2])
    gallery.control("reset").click()
    gallery.expect_names(*NAMES[:5])
    assert kernel.ask("[w.show, w.layer, w.methods]") == [
        "all",
        "stage3",
        ["grad_cam", "guided_grad_cam"],
    ]


def containing(text):
    """Return a pattern for what holds a text."""
    return re.compile(re.escape(text))
