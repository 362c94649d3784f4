"""The panel "Can I trust it?": with a kernel, by keyboard, on a page without one, and for everybody."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from .board import violations
from .conftest import WINDOW
from .explorer import Explorer
from .offline import offline
from .small_network import PREPARE


@pytest.fixture
def opened(show):
    """An explorer whose panel a person has opened."""
    explorer = show()
    panel = explorer.control("trust")
    assert panel.get_attribute("open") is None
    panel.locator("summary").click()
    expect(explorer.control("trust-randomised")).to_contain_text("rank correlation")
    return explorer


def test_closed_it_computes_nothing_and_opened_it_tells_what_python_tells(show, kernel):
    explorer = show()
    assert kernel.ask("[w.trust_open, w._trust]") == [False, None]
    explorer.control("trust").locator("summary").click()
    expect(explorer.control("trust-randomised")).to_contain_text("rank correlation")
    mean = kernel.ask("float(w.trust().randomised.mean_correlation)")
    expect(explorer.control("trust-randomised")).to_contain_text(f"{mean:.2f}")
    expect(explorer.control("trust-other")).to_contain_text(kernel.ask("w.trust().other.name"))
    expect(explorer.control("trust-removed")).to_contain_text("On this picture")
    explorer.method.select_option(label="Saliency")
    expect(explorer.control("trust-randomised")).to_be_visible()
    assert kernel.ask("(w.wait(), w._trust['method'])[1]") == "saliency"


def test_sliders_go_through_the_steps_with_the_keyboard(opened, kernel):
    found = kernel.ask(
        "(lambda t: [t.randomised.rank_correlation.tolist(), "
        "t.removed.deletion['map'].tolist()])(w.trust())"
    )
    step = opened.control("trust-step")
    step.focus()
    step.press("End")
    expect(step).to_have_attribute("aria-valuetext", "all")
    expect(opened.control("trust-correlation")).to_contain_text(f"{found[0][-1]:.2f}")
    expect(opened.control("trust-random")).to_have_attribute("aria-label", "Random: all")
    share = opened.control("trust-share")
    share.press("Home")
    share.press("ArrowRight")
    expect(share).to_have_attribute("aria-valuetext", "the hottest 5%")
    words = f"{100 * found[1][1]:.1f}%"
    expect(opened.control("trust-removed-picture")).to_have_attribute(
        "aria-label", re.compile(re.escape(words))
    )
    opened.control("trust-deletion").locator("svg").first.hover()
    expect(opened.control("trust-deletion")).to_contain_text("50% gone")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_everybody_can_use_it(opened, lab, screenshots, theme):
    lab.theme(theme)
    try:
        assert violations(lab, ".xcnn") == []
        opened.screenshot(screenshots / f"trust-{theme.lower()}.png")
    finally:
        lab.theme("Light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_without_a_kernel_has_what_was_saved(
    browser: Browser, tmp_path: Path, screenshots: Path, scheme: Any
) -> None:
    names: dict[str, Any] = {}
    exec(PREPARE, names)
    widget = names["explorer"]()
    widget.precompute(methods=["grad_cam", "saliency"], layers=["stage7"], images=[0], trust=True)
    sentence = widget._trust["randomised"]["sentence"]
    widget.to_html(tmp_path / "page.html")
    widget.close()
    with offline(browser, tmp_path / "page.html", {**WINDOW, "width": 480}) as page:
        page.emulate_media(color_scheme=scheme)
        explorer = Explorer(page, page.locator(".xcnn").first)
        explorer.control("trust").locator("summary").click()
        expect(explorer.control("trust-randomised")).to_have_text(sentence)
        explorer.control("trust-step").press("End")
        expect(explorer.control("trust-random")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 480
        explorer.control("trust").screenshot(path=screenshots / f"trust-480-{scheme}.png")
        explorer.method.select_option(label="Saliency")
        expect(explorer.control("trust")).to_contain_text("needs a running kernel")


def test_a_page_where_nothing_of_it_was_saved_does_not_offer_it(
    browser: Browser, tmp_path: Path
) -> None:
    names: dict[str, Any] = {}
    exec(PREPARE, names)
    widget = names["explorer"]()
    widget.precompute(methods=["grad_cam"], layers=["stage7"], images=[0])
    widget.to_html(tmp_path / "page.html")
    widget.close()
    with offline(browser, tmp_path / "page.html", WINDOW) as page:
        explorer = Explorer(page, page.locator(".xcnn").first)
        expect(explorer.control("channels")).to_be_visible()
        expect(explorer.control("trust")).to_be_hidden()
        expect(explorer.control("saved")).to_contain_text("what a map is worth")
