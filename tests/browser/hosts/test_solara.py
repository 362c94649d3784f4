"""Solara, which serves all visitors from one process."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ..processes import serving
from ..server import free_port
from .elsewhere import ENVIRONMENT, PYTHON, expect_whole, needs_hosts, visiting, write_app

APP = """
import solara


@solara.component
def Page():
    explorer, gallery = solara.use_memo(made, [])
    make = lambda: names["xw"].OcclusionBrush(*OTHERS, transform=names["ToTensor"]())
    brush = solara.use_memo(make, [])
    with solara.Column():
        for widget in (explorer, gallery, brush):
            solara.display(widget)
"""


@pytest.mark.hosts
@needs_hosts
def test_the_second_visitor_of_solara_gets_what_the_first_gets(
    browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    app, port = write_app(tmp_path, APP), free_port()
    address = f"http://127.0.0.1:{port}"
    command = [str(PYTHON), "-m", "solara", "run", str(app), "--production", "--port", str(port)]
    with (
        serving([*command, "--host", "127.0.0.1"], tmp_path, address, ENVIRONMENT),
        visiting(browser, address) as first,
        visiting(browser, address) as second,
    ):
        for number, page in enumerate((first, second), 1):
            expect_whole(page)
            brush = page.locator(".xcnn-brush")
            expect(brush.locator(".xcnn-brush-frame").locator("canvas, img").first).to_be_visible()
            page.screenshot(path=screenshots / f"solara-{number}.png", full_page=True)
