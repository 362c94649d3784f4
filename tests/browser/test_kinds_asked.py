"""What a person asks of each kind of network, in JupyterLab: another reading, a pixel, a box, one class rather than another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from .explorer import Explorer
from .kinds import OF_EACH_PICTURE
from .server import Kernel
from .test_kinds import faults, rows

ROOT = Path(__file__).parents[2]
PREPARE = f"""
import sys
sys.path.append({str(ROOT)!r})
from tests.browser.kinds import KINDS
from tests.models.kinds import CHOICE, one_choice, quarter
"""
CHOOSING = "w = xw.ExplainerWidget(one_choice(), {'it': quarter()}, CHOICE); w"


@pytest.fixture(scope="module")
def kernel(kernel: Kernel) -> Kernel:
    """The shared kernel, which knows the kinds."""
    kernel.run(PREPARE)
    return kernel


@pytest.fixture
def looked_at(lab: Any, screenshots: Path) -> Callable[[Explorer, str], None]:
    """Hold what is shown to what everybody needs, narrow, dark and light, and keep pictures of it."""

    def looked_at(shown: Explorer, name: str) -> None:
        lab.cell_width(480)
        try:
            for theme in ("Dark", "Light"):
                lab.theme(theme)
                assert faults(lab.page, shown.root) == []
                shown.screenshot(screenshots / f"kind-asked-{name}-{theme.lower()}.png")
        finally:
            lab.theme("Light")

    return looked_at


def test_scores_are_read_in_another_way(show, kernel, looked_at):
    shown = show(CHOOSING)
    reading = shown.control("activation")
    expect(reading).to_have_value("softmax")
    shown.expect_status("for cat (60.0%)")

    reading.select_option(label="Each by itself (sigmoid)")
    shown.expect_status("for cat (85.7%)")
    expect(shown.root.get_by_text(OF_EACH_PICTURE)).to_have_count(0)
    assert rows(shown) == [("cat", "85.7%"), ("dog", "75.0%"), ("bird", "50.0%")]
    expect(shown.class_radio("cat")).to_be_checked()
    expect(shown.control("reading")).to_have_text(
        "Each class by itself, by a sigmoid of the model's scores."
    )
    looked_at(shown, "each-by-itself")

    reading.press("ArrowDown")
    shown.expect_status("for cat (1.79)")
    assert rows(shown) == [("cat", "1.79"), ("dog", "1.10"), ("bird", "0")]
    expect(shown.control("reading")).to_have_text("Plain scores, no probabilities.")
    assert kernel.ask("w.activation") == "none"

    reading.press("Home")
    shown.expect_status("for cat (60.0%)")
    assert rows(shown)[1:] == [("cat", "60.0%"), ("dog", "30.0%"), ("bird", "10.0%")]


def test_a_pixel_is_asked_for_by_click_and_at_the_cross(show, kernel, lab, looked_at):
    shown = show("w = KINDS['segmentation'].explorer(); w")
    shown.expect_status("for lesion (25.0%)")
    rings = shown.root.locator("svg.xcnn-marks circle")
    expect(rings).to_have_count(0)

    # Row 12, column 40 is just inside the square's upper right corner.
    box = shown.canvas.bounding_box()
    shown.canvas.click(position={"x": 40.5 * box["width"] / 56, "y": 12.5 * box["height"] / 40})
    shown.expect_status("for lesion at pixel (12, 40) (3.00)")
    assert kernel.ask("w.pixel") == [12, 40]
    expect(rings).to_have_count(2)
    assert rings.first.evaluate("(ring) => [ring.cy, ring.cx].map((c) => c.baseVal.value)") == [
        12.5,
        40.5,
    ]
    expect(shown.class_radio("lesion at pixel (12, 40)")).to_be_checked()
    looked_at(shown, "pixel")

    # Ten rows up and ten columns to the right of the cross lies the other class.
    lab.page.mouse.move(0, 0)
    shown.canvas.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowUp", "Enter"):
        lab.page.keyboard.press(key)
    shown.expect_status("for skin at pixel (0, 39) (2.00)")
    assert kernel.ask("w.pixel") == [0, 39]

    shown.class_row("lesion").click()
    shown.expect_status("for lesion (25.0%)")
    expect(rings).to_have_count(0)
    assert kernel.ask("w.pixel") is None


def test_a_box_is_explained_by_a_click_on_its_border(show, kernel, lab, looked_at):
    shown = show("w = KINDS['detection'].explorer(); w")
    shown.expect_status("for cat, box 0 (90.0%)")
    before = shown.pixels()

    # The upper border of the right box, between its corners at columns 32 and 52.
    box = shown.canvas.bounding_box()
    right = {"x": box["x"] + 40 * box["width"] / 56, "y": box["y"] + 10 * box["height"] / 40}
    lab.page.mouse.click(right["x"], right["y"])
    shown.expect_status("for dog, box 1 (60.0%)")
    shown.expect_other_pixels(before)
    assert kernel.ask("w.target") == 1
    expect(shown.class_radio("dog, box 1")).to_be_checked()
    expect(shown.root.locator("svg.xcnn-marks g.xcnn-explained")).to_have_attribute(
        "data-index", "1"
    )
    looked_at(shown, "box")

    shown.class_radio("dog, box 1").focus()
    lab.page.keyboard.press("ArrowUp")
    shown.expect_status("for cat, box 0 (90.0%)")
    # What lies inside a box is the picture: a click there asks for nothing.
    box = shown.canvas.bounding_box()
    shown.canvas.click(position={"x": 42 * box["width"] / 56, "y": 20 * box["height"] / 40})
    shown.class_row("Surest box").click()
    expect(shown.class_radio("Surest box")).to_be_checked()
    shown.expect_status("for cat, box 0 (90.0%)")
    shown.expect_pixels(before)


def test_one_class_is_explained_rather_than_another(show, kernel, lab, looked_at):
    shown = show(CHOOSING)
    shown.expect_status("for cat (60.0%)")
    other = shown.control("rather-than")
    other.fill("dog")
    shown.control("class-match").filter(has_text="dog").click()
    # The scores log 6 and log 3.
    shown.expect_status("for cat rather than dog (0.693)")
    assert kernel.ask("w.rather_than") == 1
    expect(shown.class_radio("cat rather than dog")).to_be_checked()
    assert rows(shown)[-1] == ("cat rather than dog", "0.693")
    looked_at(shown, "rather-than")

    other.focus()
    lab.page.keyboard.type("bir")
    lab.page.keyboard.press("Enter")
    shown.expect_status("for cat rather than bird (1.79)")

    # A class against itself says nothing, and what was shown stays.
    other.focus()
    lab.page.keyboard.type("cat")
    lab.page.keyboard.press("Enter")
    expect(shown.error).to_contain_text("it is the class that is explained; choose another one")
    shown.expect_status("for cat rather than bird (1.79)")

    shown.class_row("dog").click()
    shown.expect_status("for dog (30.0%)")
    assert kernel.ask("w.rather_than") is None
