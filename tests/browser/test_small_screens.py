"""The explorer on a phone, at 200 % and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .small_network import PREPARE

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
# A control counts with the label that it is clicked by.
SMALL = """() => [...document.querySelectorAll(".xcnn :is(button, input, select, summary, [role=option])")]
    .filter((control) => control.checkVisibility())
    .map((control) => [control, (control.closest("label") ?? control).getBoundingClientRect()])
    .filter(([, box]) => box.width < 44 || box.height < 44)
    .map(([control, box]) => `${control.outerHTML.slice(0, 80)}: ${box.width} x ${box.height}`)"""
SIDEWAYS = "() => document.documentElement.scrollWidth - window.innerWidth"
# The strip goes sideways; nothing else has a scroll bar of its own.
SCROLLERS = """() => [...document.querySelectorAll(".xcnn *")]
    .filter((e) => e.scrollHeight > e.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(e).overflowY))
    .map((e) => e.className)"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with an explorer of forty pictures."""
    names: dict[str, Any] = {}
    exec(PREPARE, names)
    pictures = {f"picture {i}": names["scene"](i) for i in range(40)}
    path = tmp_path_factory.mktemp("page") / "page.html"
    widget = names["explorer"](pictures)
    widget.wait()
    widget.to_html(path, precompute=False)
    widget.close()
    return Path(path).as_uri()


@pytest.fixture
def opened(browser: Browser, written: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(**request.param)
    page = context.new_page()
    page.goto(written)
    expect(page.locator(".xcnn canvas:visible").first).to_be_visible()
    yield page
    context.close()


@pytest.mark.parametrize("opened", [PHONE], indirect=True)
def test_a_finger_finds_every_target_and_one_scroller(opened, screenshots):
    assert opened.evaluate(SMALL) == []
    assert opened.evaluate(SIDEWAYS) <= 0
    assert opened.evaluate(SCROLLERS) == []
    opened.screenshot(path=screenshots / "explorer-phone.png")


@pytest.mark.parametrize("opened", [PHONE], indirect=True)
def test_a_tap_reads_the_value_there(opened):
    readout = opened.locator("[data-xcnn=readout]")
    opened.locator("[data-xcnn=canvas]").tap(position={"x": 60, "y": 50})
    expect(readout).to_contain_text("x 17, y 14: ")
    opened.locator("[data-xcnn=canvas]").tap(position={"x": 300, "y": 50})
    expect(readout).not_to_contain_text("x 17")
    expect(readout).to_contain_text("y 14: ")


@pytest.mark.parametrize(
    "opened", [{"viewport": {"width": 700, "height": 450}, "device_scale_factor": 2}], indirect=True
)
def test_at_200_percent_nothing_stands_beside_the_page(opened):
    assert opened.evaluate(SIDEWAYS) <= 0
    assert opened.evaluate(SCROLLERS) == []


@pytest.mark.parametrize("opened", [{"viewport": {"width": 794, "height": 1123}}], indirect=True)
def test_on_paper_all_thumbnails_and_names_are_whole(opened):
    opened.emulate_media(media="print")
    thumbnails = opened.locator("[data-xcnn=image-strip]")
    assert thumbnails.evaluate("(list) => list.scrollWidth <= list.clientWidth")
    names = opened.locator(".xcnn-classes .xcnn-class-name")
    assert names.count() > 0
    for name in names.all():
        assert name.evaluate("(e) => e.scrollWidth <= e.clientWidth")
    assert opened.locator(".xcnn-bar").first.evaluate(
        "(e) => getComputedStyle(e).printColorAdjust === 'exact'"
    )
