"""Hosts that have an environment of their own, which `make test PART=hosts` sets up: Solara, Panel, Sphinx, other Jupyters."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from ..conftest import PAGE_PATIENCE
from ..small_network import PREPARE

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-hosts" / "bin" / "python"
_SHARE = Path(sys.prefix) / "share" / "jupyter"
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "JUPYTER_PATH": str(_SHARE),
    "JUPYTER_CONFIG_PATH": str(Path(sys.prefix) / "etc" / "jupyter"),
}
# What an app runs first: the network, the pictures, and the two widgets that answer everywhere.
WIDGETS = """
names = {{}}
exec(open({prepare!r}).read(), names)
OTHERS = (names["MODEL"], names["PICTURES"], names["NAMES"])


def made():
    explorer = names["explorer"]()
    return explorer, names["xw"].GalleryWidget(*OTHERS, transform=names["ToTensor"]())


"""

needs_hosts = pytest.mark.skipif(
    not PYTHON.is_file(), reason="run `make test PART=hosts`, which sets up these hosts"
)


def write_app(folder: Path, code: str) -> Path:
    """Write an app that begins with `WIDGETS`; its path."""
    prepare = folder / "prepare.py"
    prepare.write_text(PREPARE)
    app = folder / "app.py"
    app.write_text(WIDGETS.format(prepare=str(prepare)) + code)
    return app


@contextmanager
def visiting(browser: Browser, address: str, system: str = "light") -> Iterator[Page]:
    """A visitor of their own; what a host fetches of anywidget from the web is here."""
    context = browser.new_context(
        viewport={"width": 1400, "height": 900},
        color_scheme="dark" if system == "dark" else "light",
    )
    context.set_default_timeout(1000 * PAGE_PATIENCE)
    context.route(re.compile(r"https://.*anywidget@.*"), _own_file)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def _own_file(route: Route) -> None:
    route.fulfill(path=_SHARE / "nbextensions" / "anywidget" / "index.js")


def expect_whole(page: Page) -> Locator:
    """Explorer and gallery stand there, wide and with their styles, and the explorer answers."""
    explorer = page.locator(".xcnn:has([data-xcnn=status])").first
    expect(explorer.locator("canvas").first).to_be_visible()
    expect(explorer.locator(".xcnn-layout")).to_have_css("display", "grid")
    gallery = page.locator(".xcnn:has(.xcnn-gallery)")
    gallery.scroll_into_view_if_needed()
    expect(gallery.locator("[data-xcnn=tile]").first).to_be_visible()
    for widget in (explorer, gallery):
        box = widget.bounding_box()
        assert box is not None
        assert box["width"] > 900
    explorer.locator("[data-xcnn=method]").select_option("saliency")
    expect(explorer.locator("[data-xcnn=status]")).to_contain_text("Saliency")
    expect(explorer.locator("[data-xcnn=error]")).to_be_empty()
    return explorer
