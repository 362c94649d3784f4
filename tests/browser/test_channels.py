"""The panel about a layer's channels, by mouse and keyboard, with a kernel behind it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .board import violations

DEMO = "net = xw.demo.load(); w = xw.ExplainerWidget(net, xw.demo.photos()); w"


@pytest.fixture
def opened(show):
    """An explorer whose panel a person has opened."""
    explorer = show()
    panel = explorer.control("channels")
    assert panel.get_attribute("open") is None
    panel.locator("summary").click()
    expect(explorer.control("channels-all").locator(".xcnn-tile").first).to_be_visible()
    return explorer


def tile(explorer, number, sheet="channels-all"):
    return explorer.control(sheet).locator(f".xcnn-tile[data-channel='{number}']")


def test_closed_it_costs_no_message_and_opened_it_tells_the_shares(opened, lab, kernel):
    shares = kernel.ask("w.channels().share.tolist()")
    best = max(range(len(shares)), key=shares.__getitem__)
    first = opened.control("channels-for").locator(".xcnn-tile").first
    expect(first).to_have_attribute("data-channel", str(best))
    expect(first).to_contain_text(f"{100 * shares[best]:.1f} %")
    assert kernel.ask("w.channels_open")
    opened.control("channels").locator("summary").click()
    expect(opened.control("channels-all")).to_have_count(0)
    opened.layer.select_option("stage5")
    opened.expect_status("stage5")
    assert kernel.ask("[w.channels_open, w._channel_layer['layer']]") == [False, "stage7"]


def test_a_click_shows_a_channel_and_the_box_switches_it_off(opened, kernel):
    first = opened.control("channels-for").locator(".xcnn-tile").first
    number = int(first.get_attribute("data-channel") or "")
    first.locator("button").click()
    expect(opened.control("channel-facts")).to_contain_text(f"Channel {number} speaks for")
    expect(opened.control("channel-map")).to_be_visible()
    first.locator("input").uncheck()
    expect(opened.control("channels-off")).to_contain_text(re.compile(r"1 channel off .*→"))
    assert kernel.ask("w.channels_off") == [number]
    tile(opened, (number + 1) % 36).locator("input").uncheck()
    expect(opened.control("channels-off")).to_contain_text(re.compile("2 channels off .*→"))
    opened.control("channels-on").click()
    expect(opened.control("channels-off")).to_be_hidden()
    assert kernel.ask("[w.channels_off, w._channels_after]") == [[], None]


def test_it_follows_the_class_and_is_used_with_the_keyboard(opened, lab, kernel):
    second = kernel.ask("w.predictions[1]['name']")
    opened.class_row(second).click()
    expect(opened.control("channels")).to_contain_text(f"Speak most for {second}")
    opened.control("channels-order").select_option("number")
    sheet = opened.control("channels-all")
    expect(sheet.locator(".xcnn-tile").first).to_have_attribute("data-channel", "0")
    sheet.locator("button").first.focus()
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("Enter")
    expect(opened.control("channel-facts")).to_contain_text("Channel 1 ")
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Space")
    expect(opened.control("channels-off")).to_contain_text("(1)")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_everybody_can_use_it(opened, lab, screenshots, theme):
    lab.theme(theme)
    try:
        opened.control("channels-for").locator("button").first.click()
        opened.control("channels-for").locator("input").first.uncheck()
        expect(opened.control("channels-off")).to_contain_text("→")
        assert violations(lab, ".xcnn") == []
        opened.screenshot(screenshots / f"channels-{theme.lower()}.png")
    finally:
        lab.theme("Light")


def test_the_pictures_that_excite_a_channel_are_shown_on_request(opened, kernel):
    opened.control("channels-for").locator("button").first.click()
    opened.control("channel-search").click()
    pictures = opened.control("channel-pictures").locator("img")
    expect(pictures.first).to_be_visible()
    names = kernel.ask("[tile['name'] for tile in w._channel_pictures['tiles']]")
    expect(pictures).to_have_count(len(names))
    expect(pictures.first).to_have_attribute("alt", re.compile(f"^{names[0]}: "))


def test_of_1280_channels_only_those_in_sight_are_in_the_page(show):
    explorer = show(DEMO)
    explorer.control("channels").locator("summary").click()
    sheet = explorer.control("channels-all")
    expect(sheet.locator(".xcnn-tile").first).to_be_visible()
    assert sheet.locator(".xcnn-tile").count() < 150
    explorer.control("channels-order").select_option("number")
    expect(tile(explorer, 0)).to_be_visible()
    sheet.locator("button").first.focus()
    explorer.page.keyboard.press("End")
    expect(tile(explorer, 1279).locator("button")).to_be_focused()
    assert sheet.locator(".xcnn-tile").count() < 150


PAINTED = """() => {
    const own = CanvasRenderingContext2D.prototype;
    const paint = own.putImageData;
    window.painted = 0;
    own.putImageData = function (...all) { window.painted += 1; return paint.apply(this, all); };
}"""
COLUMNS = "(sheet) => sheet.querySelector('.xcnn-sheet-row').children.length"
SCROLL = """(sheet) => new Promise((done) => {
    const more = sheet.querySelector(".xcnn-sheet-row").getBoundingClientRect().height + 6;
    let left = 20;
    const step = () => {
        if (left-- === 0) return requestAnimationFrame(() => requestAnimationFrame(done));
        sheet.scrollTop += more;
        requestAnimationFrame(step);
    };
    step();
})"""


def test_scrolling_paints_only_the_channels_that_come_into_sight(show):
    explorer = show(DEMO)
    explorer.control("channels").locator("summary").click()
    sheet = explorer.control("channels-all")
    explorer.control("channels-order").select_option("number")
    tile(explorer, 0).locator("button").focus()
    explorer.page.evaluate(PAINTED)
    columns = sheet.evaluate(COLUMNS)
    sheet.evaluate(SCROLL)
    assert columns * 18 <= explorer.page.evaluate("window.painted") <= columns * 21
    # The tile that had the focus is gone; the keys stay, and go on from there.
    expect(tile(explorer, 0)).to_have_count(0)
    expect(sheet).to_be_focused()
    explorer.page.keyboard.press("ArrowRight")
    expect(tile(explorer, 1).locator("button")).to_be_focused()
    explorer.page.keyboard.press("Enter")
    expect(explorer.control("channel-facts")).to_contain_text("Channel 1 ")
    # Scrolled away by a pointer, Tab comes to what is in sight.
    sheet.evaluate("(it) => { it.scrollTop = it.scrollHeight; }")
    expect(tile(explorer, 1279)).to_be_visible()
    explorer.control("channels-order").focus()
    explorer.page.keyboard.press("Tab")
    assert (
        int(explorer.page.evaluate("document.activeElement.closest('.xcnn-tile').dataset.channel"))
        > 1200
    )
