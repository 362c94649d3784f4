"""One explorer widget on a page."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PageTimeoutError

from .processes import PATIENCE

READ = """(canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    let bytes = "";
    for (const byte of data) bytes += String.fromCharCode(byte);
    return { width, height, data: btoa(bytes) };
}"""

# Off by how many grey levels; infinite where the sizes differ.
DISTANCE = """(canvas, { width, height, data }) => {
    if (canvas.width !== width || canvas.height !== height) return Infinity;
    const shown = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    const wanted = atob(data);
    let most = 0;
    for (let i = 0; i < shown.length; i++) {
        most = Math.max(most, Math.abs(shown[i] - wanted.charCodeAt(i)));
    }
    return most;
}"""


class Explorer:
    """What a person sees of a widget, and sets."""

    def __init__(self, page: Page, root: Locator) -> None:
        self.page = page
        self.root = root
        self.method = self.control("method")
        self.layer = self.control("layer")
        self.depth = self.control("depth")
        self.search = self.control("class-search")
        self.strip = self.control("image-strip")
        self.opacity = self.control("opacity")
        self.threshold = self.control("threshold")
        self.colormap = self.control("colormap")
        self.canvas = self.control("canvas")
        self.status = self.control("status")
        self.error = self.control("error")
        self.progress = self.control("progress")
        self.cancel = self.control("cancel")

    def control(self, hook: str) -> Locator:
        """Return the element that carries a hook."""
        return self.root.locator(f"[data-xcnn={hook}]")

    def class_row(self, name: str) -> Locator:
        """Return the row of a class: what a mouse clicks."""
        return self.control("class-option").filter(has=self.page.get_by_text(name, exact=True))

    def class_radio(self, name: str) -> Locator:
        """Return the radio button of a class: what has the focus."""
        return self.class_row(name).locator("input")

    def picture(self, name: str) -> Locator:
        """Return a thumbnail."""
        return self.strip.get_by_role("option", name=name, exact=True)

    def display(self, label: str) -> None:
        """Choose what is drawn."""
        self.control("display").get_by_role("radio", name=label, exact=True).click()

    def slide(self, slider: Locator, value: float) -> None:
        """Put a slider to a value, as dragging it there does."""
        slider.fill(str(value))

    def enter(self, box: Locator, text: str) -> None:
        """Type into a box in place of what it holds, and leave it."""
        box.select_text()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Tab")

    def expect_status(self, *parts: str) -> None:
        """Wait until the status line holds all of these, in their order."""
        pattern = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
        expect(self.status).to_have_text(pattern)

    def pixels(self, pane: int = 0) -> NDArray[np.uint8]:
        """Return what a canvas shows: RGB, ``uint8`` ``(H, W, 3)``."""
        read = self.canvas.nth(pane).evaluate(READ)
        flat = np.frombuffer(base64.b64decode(read["data"]), np.uint8)
        return flat.reshape(read["height"], read["width"], 4)[:, :, :3]

    def expect_pixels(self, wanted: NDArray[np.uint8], tolerance: int = 2, pane: int = 0) -> None:
        """Wait until a canvas shows these pixels, to within some grey levels."""
        canvas = self.canvas.nth(pane).element_handle()
        script = f"([canvas, wanted]) => ({DISTANCE})(canvas, wanted) <= {tolerance}"
        try:
            self.page.wait_for_function(script, arg=[canvas, packed(wanted)])
        except PageTimeoutError:
            off = self.canvas.nth(pane).evaluate(DISTANCE, packed(wanted))
            raise AssertionError(f"the canvas is off by {off} grey levels") from None

    def expect_other_pixels(self, before: NDArray[np.uint8], pane: int = 0) -> None:
        """Wait until a canvas shows something else."""
        canvas = self.canvas.nth(pane).element_handle()
        script = f"([canvas, before]) => ({DISTANCE})(canvas, before) > 8"
        self.page.wait_for_function(script, arg=[canvas, packed(before)])

    def screenshot(self, file: Any) -> None:
        """Draw the widget into a file."""
        self.root.scroll_into_view_if_needed()
        self.root.screenshot(path=file, animations="disabled", timeout=1000 * PATIENCE)


def packed(picture: NDArray[np.uint8]) -> dict[str, Any]:
    """Make a picture ready for the page."""
    height, width = picture.shape[:2]
    opaque = np.dstack([picture, np.full((height, width, 1), 255, np.uint8)])
    data = base64.b64encode(opaque.tobytes()).decode()
    return {"width": width, "height": height, "data": data}


def read_png(data: bytes) -> NDArray[np.uint8]:
    """Return a PNG's pixels, RGB."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
