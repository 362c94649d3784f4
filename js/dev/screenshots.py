"""Draw the widget with made-up data in a real browser: screenshots, accessibility, console errors.

Usage: python js/dev/screenshots.py FOLDER
"""

import subprocess
import sys
import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Page, sync_playwright

JS = Path(__file__).resolve().parents[1]
SCENES = ["", "error", "progress", "note", "other", "three", "heatmap", "loading"]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main(folder: Path) -> int:
    """Write one PNG a scene, theme and width; return how many problems were found."""
    folder.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as site, sync_playwright() as playwright:
        address = serve(Path(site))
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS
        )
        for theme in ["light", "dark", ""]:
            for width in [960, 400]:
                page = browser.new_page(viewport={"width": width + 32, "height": 900})
                page.on("pageerror", lambda error: problems.append(str(error)))
                page.on("console", lambda line: problems.append(line.text))
                for scene in SCENES if theme else [""]:
                    page.goto(f"{address}/?scene={scene}&theme={theme}&width={width}")
                    name = f"{scene or 'plain'}-{theme or 'no-theme'}-{width}"
                    problems.extend(f"{name}: {found}" for found in violations(page))
                    page.screenshot(path=folder / f"{name}.png", full_page=True)
                if theme:
                    page.goto(f"{address}/?theme={theme}&width={width}&pictures=10000")
                    page.fill("[data-xcnn=class-search]", "cat")
                    problems.extend(
                        f"search {theme} {width}: {found}" for found in violations(page)
                    )
                    page.screenshot(path=folder / f"search-{theme}-{width}.png", full_page=True)
                page.close()
        browser.close()
    print("\n".join(problems) or "no problem found")
    return len(problems)


def serve(site: Path, page: str = "index.html", harness: str = "harness.ts") -> str:
    """Bundle a harness into a folder and serve its page; the address."""
    (site / "index.html").write_text((JS / "dev" / page).read_text())
    bundle = ["npx", "esbuild", f"dev/{harness}", "--bundle", "--format=esm", "--log-level=error"]
    subprocess.run([*bundle, f"--outdir={site / 'build'}"], cwd=JS, check=True)
    handler = partial(QuietHandler, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


class QuietHandler(SimpleHTTPRequestHandler):
    """A file server that prints no line for each request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def violations(page: Page, drawn: str = "[data-xcnn=canvas], .xcnn-waiting") -> list[str]:
    """What axe-core finds wrong in the widget, once it has painted."""
    page.wait_for_selector(drawn, state="attached")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.add_script_tag(path=JS / "node_modules" / "axe-core" / "axe.min.js")
    found = page.evaluate("axe.run('.xcnn').then((result) => result.violations)")
    return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found]


if __name__ == "__main__":
    sys.exit(min(1, main(Path(sys.argv[1]))))
