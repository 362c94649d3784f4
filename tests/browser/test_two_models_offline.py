"""Two models side by side on a page without a kernel: they are switched, and held against each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from xcnn_widgets import ExplainerWidget

from ..models.two_by_hand import colour_net, picture, to_input

pytestmark = pytest.mark.browser


def test_a_page_switches_models_and_shows_their_difference(
    context: BrowserContext, tmp_path: Path
) -> None:
    nets = {
        "before": colour_net((4.0, 0.0, 0.0), (0.0, 5.0, 0.0)),
        "after": colour_net((0.0, 5.0, 0.0), (4.0, 0.0, 0.0)),
    }
    pictures = {"one": picture(1, 32, 48), "two": picture(2, 32, 48)}
    with_both = ExplainerWidget(nets, pictures, ["red", "green"], transform=to_input)
    with_both.to_html(tmp_path / "two.html")
    with_both.close()
    page = context.new_page()
    page.goto((tmp_path / "two.html").as_uri())
    captions = page.locator(".xcnn-panes figcaption")
    expect(captions).to_have_count(3)
    expect(captions.nth(2)).to_have_text("after \u2212 before")
    verdict = page.locator('[data-xcnn="verdict"]')
    expect(verdict).to_contain_text("They differ: before says")
    page.locator('[data-xcnn="model"]').select_option("after")
    expect(captions.nth(2)).to_have_text("before \u2212 after")
    expect(verdict).to_contain_text("They differ: after says")
    expect(page.locator('[data-xcnn="error"]')).to_be_empty()
    page.locator('[data-xcnn="beside"]').select_option(label="no other")
    expect(captions).to_have_count(1)
    expect(verdict).to_be_hidden()
