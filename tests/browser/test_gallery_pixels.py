"""Each tile shows what Python draws; how it is painted is the browser's own business."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import expect

ALL = "['grad_cam', 'guided_grad_cam', 'guided_backprop', 'saliency', 'deconvnet']"
METHODS = ("grad_cam", "guided_grad_cam")
TWO = "w = gallery(dict(list(MANY.items())[:2])); w"


def test_heatmap_tiles_are_those_that_python_draws(show_gallery, drawn):
    gallery = show_gallery(
        f"w = gallery(methods={ALL}, display='heatmap', colormap='gray', page_size=3); w"
    )
    rows = drawn(colormap="gray")
    assert len(rows) == 3
    for place, row in enumerate(rows):
        row.pop("picture")
        for column, tile in enumerate(row.values()):
            gallery.expect_pixels(gallery.tile(place, column), tile, tolerance=1)


def test_overlays_lie_over_the_picture_that_the_model_saw(show_gallery, drawn):
    gallery = show_gallery()
    rows = drawn(display="heatmap")
    assert len(rows) == 5
    for place, row in enumerate(rows):
        picture = gallery.pixels(gallery.picture(place))
        # It came as JPEG.
        assert np.abs(picture.astype(int) - row["picture"]).mean() < 10
        for column, method in enumerate(METHODS):
            wanted = blended(picture, row[method], 0.5)
            gallery.expect_pixels(gallery.tile(place, column), wanted)


def test_tiles_agree_with_explain_for_the_picture_alone(show_gallery, kernel):
    gallery = show_gallery("w = gallery(display='heatmap', colormap='gray', layer='stage2'); w")
    gallery.expect_complete()
    for place in range(3):
        for column, method in enumerate(METHODS):
            heat = kernel.ask(
                f"xw.explain(DISCERNING, ToTensor()(MANY['ant {place}'])[None], {method!r}, "
                "layer='stage2').heatmaps()[0].tolist()"
            )
            levels = np.minimum(255, np.floor(np.array(heat) * 256)).astype(np.uint8)
            gallery.expect_pixels(gallery.tile(place, column), np.dstack([levels] * 3))


def test_looks_change_the_tiles_and_tell_the_kernel_nothing(show_gallery, lab, drawn):
    gallery = show_gallery(TWO)
    picture = gallery.pixels(gallery.picture(1))
    own, magma, common = (
        drawn(**look)[1]["grad_cam"]
        for look in ({}, {"colormap": "magma"}, {"colormap": "magma", "common_range": True})
    )
    changes = [
        (lambda: None, blended(picture, own, 0.5)),
        (lambda: gallery.control("opacity").fill("0.85"), blended(picture, own, 0.85)),
        (
            lambda: gallery.control("colormap").select_option("magma"),
            blended(picture, magma, 0.85),
        ),
        (lambda: gallery.control("common-range").check(), blended(picture, common, 0.85)),
        (lambda: gallery.radio("display", "heatmap").click(), common),
        (lambda: gallery.control("common-range").uncheck(), magma),
    ]
    # What comes before would not pass for what comes after.
    for (_, before), (_, after) in pairwise(changes):
        assert np.abs(before.astype(int) - after).max() > 8
    gallery.expect_pixels(gallery.tile(1), changes[0][1], 3)
    lab.wire.forget()
    for change, wanted in changes:
        change()
        # One step in the table of colours.
        gallery.expect_pixels(gallery.tile(1), wanted, 3)
    assert lab.wire.sent() == []


def test_a_common_range_has_one_colour_bar_a_column(show_gallery, kernel):
    gallery = show_gallery()
    bars = gallery.root.locator(".xcnn-heads .xcnn-colourbar")
    expect(gallery.root.locator(".xcnn-scale:visible")).not_to_have_count(0)
    gallery.control("common-range").focus()
    gallery.page.keyboard.press("Space")
    expect(gallery.control("common-range")).to_be_checked()
    expect(bars.locator("visible=true")).to_have_count(2)
    expect(gallery.root.locator(".xcnn-scale:visible")).to_have_count(0)
    low, high = kernel.ask(
        "[f(w.row(i)['maps']['grad_cam']['range'][k] for i in range(5)) for k, f in enumerate((min, max))]"
    )
    shown = bars.first.locator(".xcnn-values > *").all_inner_texts()
    assert float(shown[0]) == pytest.approx(low, abs=0.01 * (high - low))
    assert float(shown[-1]) == pytest.approx(high, abs=0.01 * (high - low))


def test_looks_reach_python_with_the_next_choice(show_gallery, kernel):
    gallery = show_gallery()
    gallery.control("opacity").fill("0.25")
    gallery.control("colormap").select_option("gray")
    gallery.control("common-range").check()
    gallery.radio("display", "heatmap").click()
    look = "[w.opacity, w.colormap, w.common_range, w.display]"
    assert kernel.ask(look) == [0.5, "viridis", False, "overlay"]
    gallery.control("next").click()
    gallery.expect_names("ant 5", "ant 6", "ant 7", "bee 0", "bee 1")
    assert kernel.ask(look) == [0.25, "gray", True, "heatmap"]


def blended(picture, colours, opacity):
    """Colours over a picture."""
    return np.rint((1 - opacity) * picture + opacity * colours).astype(np.uint8)
