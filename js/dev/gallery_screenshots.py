"""Draw the gallery with made-up data in a real browser: screenshots, accessibility, console errors.

Usage: python js/dev/gallery_screenshots.py FOLDER [SCENE ...]
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from screenshots import CHROMIUM_FLAGS, serve, violations

SCENES = [
    "",
    "common",
    "heatmap",
    "four",
    "layers",
    "classes",
    "class",
    "loading",
    "plain_data",
    "nothing",
    "failed",
]


def main(folder: Path, scenes: list[str]) -> int:
    """Write one PNG a scene, theme and width; return how many problems were found."""
    folder.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as site, sync_playwright() as playwright:
        address = serve(Path(site), "gallery.html", "gallery_harness.ts")
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS
        )
        for theme in ["light", "dark", ""]:
            for width in [1280, 960, 400]:
                page = browser.new_page(viewport={"width": width + 32, "height": 1000})
                listen(page, problems)
                for scene in scenes if theme and width != 1280 else [""]:
                    page.goto(f"{address}/?scene={scene}&theme={theme}&width={width}")
                    name = f"{scene or 'plain'}-{theme or 'no-theme'}-{width}"
                    problems += [f"{name}: {found}" for found in gallery_violations(page)]
                    page.screenshot(path=folder / f"{name}.png", full_page=True)
                if theme and width != 1280:
                    page.goto(f"{address}/?theme={theme}&width={width}&size=50&pictures=10000")
                    name = f"used-{theme}-{width}"
                    use(page)
                    problems += [f"{name}: {found}" for found in gallery_violations(page)]
                    page.screenshot(path=folder / f"{name}.png", full_page=True)
                page.close()
        browser.close()
    print("\n".join(problems) or "no problem found")
    return len(problems)


def listen(page: Page, problems: list[str]) -> None:
    """Note what the page writes to its console, and the errors that nobody caught."""
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text))


def use(page: Page) -> None:
    """Choose a row, walk to another cell, and search a class."""
    page.click("[data-xcnn=row] >> nth=1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("[data-xcnn=row][aria-selected=true]")
    page.eval_on_selector_all("details", "folds => folds.forEach((fold) => { fold.open = true; })")
    page.fill("[data-xcnn=class-search]", "cat")


def gallery_violations(page: Page) -> list[str]:
    """What axe-core finds wrong once the page has been drawn."""
    page.wait_for_selector("[data-xcnn=count]:not(:empty), .xcnn-nothing:not([hidden])")
    return violations(page, "[data-xcnn=grid]")


if __name__ == "__main__":
    sys.exit(min(1, main(Path(sys.argv[1]), sys.argv[2:] or SCENES)))
