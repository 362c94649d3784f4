"""A published notebook on a phone."""

from __future__ import annotations

from pathlib import Path

import nbformat
from playwright.sync_api import Browser

from xcnn_widgets.pages.notebook_page import notebook_page

TABLE = """
| method | what it shows | in one line |
| --- | --- | --- |
| Saliency | Which pixels would change the score | thelargestoverredgreenandblueofthegradientofthescore |
"""


def test_on_a_phone_only_the_table_scrolls_sideways(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(TABLE)])
    path.write_text(notebook_page(notebook, {}, path)[0])
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    table = page.locator("table")
    assert table.evaluate("(element) => element.scrollWidth > element.clientWidth")
    context.close()
