"""In VS Code and Colab, whose widget managers bring JupyterLab's light colours in every theme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from .conftest import WINDOW
from .offline import offline
from .small_network import PREPARE

# As VS Code's themes Dark Modern, Light Modern and its two of high contrast have them.
THEMES = {
    "vscode-dark": ("#1f1f1f", "#cccccc", "#313131"),
    "vscode-light": ("#ffffff", "#3b3b3b", "#ffffff"),
    "vscode-high-contrast": ("#000000", "#ffffff", "#000000"),
    "vscode-high-contrast-light": ("#ffffff", "#292929", "#ffffff"),
}
# What is around a widget there, and what the managers' style sheets say.
VSCODE = """([kind, surface, text, field]) => {
  document.body.dataset.vscodeThemeKind = kind;
  document.body.style.background = surface;
  const known = {
    "--vscode-editor-background": surface, "--vscode-foreground": text, "--vscode-input-background": field,
    "--jp-layout-color0": "white", "--jp-layout-color1": "white", "--jp-ui-font-color1": "rgba(0, 0, 0, 0.8)",
  };
  for (const [name, value] of Object.entries(known)) document.documentElement.style.setProperty(name, value);
  const style = document.createElement("style");
  style.textContent = ".cell-output-ipywidget-background { background: white !important; }";
  document.head.prepend(style);
  document.querySelector(".xcnn").parentElement.classList.add("cell-output-ipywidget-background");
}"""
COLAB = """() => {
  document.documentElement.setAttribute("theme", "dark");
  document.body.style.background = "#383838";
  const known = {
    "--colab-primary-surface-color": "#383838", "--colab-secondary-surface-color": "#444746",
    "--colab-primary-text-color": "#e3e3e3", "--jp-ui-font-color1": "#e3e3e3",
    "--jp-layout-color0": "white", "--jp-layout-color1": "white",
  };
  for (const [name, value] of Object.entries(known)) document.documentElement.style.setProperty(name, value);
}"""
# WCAG 2.2's contrast of a text with what is painted behind it.
CONTRAST = """(element) => {
  const behind = [];
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) behind.unshift(getComputedStyle(at).backgroundColor);
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  const luminance = () => {
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => value / 255)
      .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paint = (colour) => { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); };
  ["white", ...behind].forEach(paint);
  const below = luminance();
  paint(getComputedStyle(element).color);
  const above = luminance();
  return (Math.max(above, below) + 0.05) / (Math.min(above, below) + 0.05);
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names: dict[str, Any] = {}
    exec(PREPARE, names)
    widget = names["explorer"]()
    path = tmp_path_factory.mktemp("page") / "page.html"
    widget.to_html(path)
    widget.close()
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    with offline(browser, file, WINDOW) as page:
        page.locator(".xcnn .xcnn-status").wait_for()
        yield page


def background(place: Locator) -> str:
    found: str = place.evaluate("(element) => getComputedStyle(element).backgroundColor")
    return found


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def expect_legible(widget: Locator, scheme: str) -> None:
    assert widget.evaluate("(element) => getComputedStyle(element).colorScheme") == scheme
    texts = widget.locator("p, label, output, button, select, .xcnn-title, .xcnn-values span")
    shown = [text for text in texts.all() if text.is_visible() and text.is_enabled()]
    assert len(shown) > 20
    for text in shown:
        assert text.evaluate(CONTRAST) >= 4.5, text.evaluate("(element) => element.outerHTML")


@pytest.mark.parametrize("kind", THEMES)
def test_it_follows_vscodes_theme(page: Page, kind: str) -> None:
    page.evaluate(VSCODE, [kind, *THEMES[kind]])
    widget, sheet = page.locator(".xcnn"), page.locator(".cell-output-ipywidget-background")
    assert background(widget) == background(sheet) == rgb(THEMES[kind][0])
    expect_legible(widget, "light" if kind.endswith("light") else "dark")


def test_it_follows_colabs_dark_theme(page: Page) -> None:
    page.evaluate(COLAB)
    expect_legible(page.locator(".xcnn"), "dark")


def test_beside_widgets_of_others_the_sheet_stays(page: Page) -> None:
    page.evaluate(VSCODE, ["vscode-dark", *THEMES["vscode-dark"]])
    sheet = page.locator(".cell-output-ipywidget-background")
    sheet.evaluate("(element) => element.append(document.createElement('div'))")
    sheet.evaluate("(element) => { element.lastChild.className = 'widget-box'; }")
    assert background(sheet) == "rgb(255, 255, 255)"
    assert background(page.locator(".xcnn")) == rgb(THEMES["vscode-dark"][0])
