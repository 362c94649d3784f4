"""Sphinx with the theme furo: a page of ours in a frame."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from .elsewhere import ENVIRONMENT, PYTHON, needs_hosts, visiting, write_app

SETTINGS = """
project = "Course"
extensions = ["myst_parser"]
html_theme = "furo"
html_extra_path = ["own"]
"""
INDEX = """
# Course

```{raw} html
<iframe src="page.html" style="width: 100%; height: 900px; border: 0"></iframe>
```
"""
TEXT_COLOUR = "(element) => getComputedStyle(element).color.match(/\\d+/g).map(Number)"
SAVE = """
from pathlib import Path

explorer, _ = made()
explorer.precompute(methods=["grad_cam", "saliency"])
Path("own").mkdir()
explorer.to_html("own/page.html")
"""


@pytest.mark.hosts
@needs_hosts
@pytest.mark.parametrize("system", ["light", "dark"])
def test_a_page_of_ours_stands_in_the_documentation(
    browser: Browser, tmp_path: Path, screenshots: Path, system: str
) -> None:
    app = write_app(tmp_path, SAVE)
    run(tmp_path, str(app))
    (tmp_path / "conf.py").write_text(SETTINGS)
    (tmp_path / "index.md").write_text(INDEX)
    run(tmp_path, "-m", "sphinx", "-q", "-b", "html", ".", "built")
    address = (tmp_path / "built" / "index.html").as_uri()
    with visiting(browser, address, system) as page:
        explorer = page.frame_locator("iframe").locator(".xcnn").first
        expect(explorer.locator("canvas").first).to_be_visible()
        text = explorer.evaluate(TEXT_COLOUR)
        assert (sum(text[:3]) > 3 * 128) == (system == "dark")
        explorer.locator("[data-xcnn=method]").select_option("saliency")
        expect(explorer.locator("[data-xcnn=status]")).to_contain_text("Saliency")
        page.screenshot(path=screenshots / f"sphinx-{system}.png")


def run(folder: Path, *arguments: str) -> None:
    subprocess.run(
        [str(PYTHON), *arguments],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT},
        check=True,
        timeout=300,
    )
