"""Panel, which draws ipywidgets inside of Bokeh's own layout."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from ..processes import serving
from ..server import free_port
from .elsewhere import ENVIRONMENT, PYTHON, expect_whole, needs_hosts, visiting, write_app

APP = """
import panel

panel.extension("ipywidgets")
panel.Column(*made()).servable()
"""


@pytest.mark.hosts
@needs_hosts
def test_widgets_are_as_wide_as_panel_s_page(
    browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    app, port = write_app(tmp_path, APP), free_port()
    address = f"http://127.0.0.1:{port}/app"
    command = [str(PYTHON), "-m", "panel", "serve", str(app), "--port", str(port)]
    with serving(command, tmp_path, address, ENVIRONMENT):
        for number in (1, 2):
            with visiting(browser, address) as page:
                expect_whole(page)
                page.screenshot(path=screenshots / f"panel-{number}.png", full_page=True)
                page.set_viewport_size({"width": 390, "height": 844})
                assert page.evaluate("document.documentElement.scrollWidth") <= 390
