"""Draws the README's picture, docs/explainer.png: `python -m tests.browser.screenshot_readme`."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from .chromium import launch
from .lab import Lab
from .processes import PATIENCE
from .server import running_server

PICTURE = Path(__file__).parents[2] / "docs" / "explainer.png"
IMPORT = "import xcnn_widgets as xw\n\nnet, photos = xw.demo.load(), xw.demo.photos()"
# A larger one would be over 400 kB.
SCALE = 1.0
SHOW = "xw.ExplainerWidget(net, photos)"


def main() -> None:
    """Open JupyterLab, run the README's lines and save what they show."""
    expect.set_options(timeout=1000 * PATIENCE)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        context = browser.new_context(
            viewport={"width": 1010, "height": 1400}, device_scale_factor=SCALE
        )
        context.set_default_timeout(1000 * PATIENCE)
        lab = Lab(context, server)
        lab.open(server.write_notebook("explore", IMPORT, SHOW, ""))
        lab.run_all()
        explorer = lab.explorer()
        explorer.expect_status("Grad-CAM", "tiger cat", "in cat")
        thumbnails = explorer.strip.locator("img[src^=blob]")
        expect(thumbnails).to_have_count(5)
        lab.page.mouse.move(0, 0)
        lab.wire.settle()
        cell = lab.page.locator(".jp-Cell").nth(1)
        shot = Image.open(io.BytesIO(cell.screenshot(animations="disabled")))
        # Without the cell's own edge, and that of the chosen one below it.
        drawn = shot.crop((4, 2, shot.width - 2, shot.height - 4))
        browser.close()
    PICTURE.parent.mkdir(exist_ok=True)
    drawn.convert("RGB").save(PICTURE, optimize=True)
    print(f"{PICTURE.name}: {drawn.width} x {drawn.height}, {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
