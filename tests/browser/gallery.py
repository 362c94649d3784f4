"""One gallery widget on a page."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLate

from .explorer import DISTANCE, READ, packed
from .processes import PATIENCE


class Gallery:
    """What a person sees of a gallery, and sets."""

    def __init__(self, page: Page, root: Locator) -> None:
        self.page = page
        self.root = root
        self.grid = self.control("grid")
        self.rows = self.control("row")
        self.names = self.rows.locator(".xcnn-name")
        self.count = self.control("count")
        self.status = self.control("status")
        self.error = self.control("error")
        self.progress = self.control("progress")
        self.cancel = self.control("cancel")

    def control(self, hook: str) -> Locator:
        """Return the element that carries a hook."""
        return self.root.locator(f"[data-xcnn={hook}]")

    def radio(self, hook: str, value: str) -> Locator:
        """Return one of a row of buttons."""
        return self.root.locator(f"[data-xcnn={hook}] [value={value}]")

    def choose(self, hook: str, value: str, by: str) -> None:
        """Press one of a row of buttons, by "mouse" or by "keys" from the one that is pressed."""
        aim = self.radio(hook, value)
        if by == "mouse":
            aim.click()
            return
        self.root.locator(f"[data-xcnn={hook}] :checked").focus()
        for _ in range(self.control(hook).get_by_role("radio").count()):
            if aim.is_checked():
                break
            self.page.keyboard.press("ArrowRight")
        expect(aim).to_be_checked()

    def cell(self, place: int, column: int) -> Locator:
        """Return a cell of the grid, without the heads: column 0 is what the row is about."""
        return self.rows.nth(place).locator("[role=rowheader], [role=gridcell]").nth(column)

    def tile(self, place: int, column: int = 0) -> Locator:
        """Return the canvas of a method's column."""
        return self.rows.nth(place).locator("[data-xcnn=tile]").nth(column)

    def picture(self, place: int) -> Locator:
        """Return the canvas of a row's picture."""
        return self.rows.nth(place).locator("[data-xcnn=picture]")

    def expect_names(self, *names: str) -> None:
        """Wait until the page has exactly these rows, all of them there."""
        expect(self.names).to_have_text(list(names))
        self.expect_complete()

    def expect_complete(self) -> None:
        """Wait until every row of the page is there."""
        expect(self.grid).to_have_attribute("aria-busy", "false")
        expect(self.progress).to_be_hidden()

    def expect_status(self, *parts: str) -> None:
        """Wait until the status line holds all of these, in their order."""
        expect(self.status).to_have_text(re.compile(".*".join(map(re.escape, parts)), re.DOTALL))

    def pixels(self, canvas: Locator) -> NDArray[np.uint8]:
        """Return what a canvas shows once it is in sight: RGB, ``uint8`` ``(H, W, 3)``."""
        read = self._in_sight(canvas).evaluate(READ)
        flat = np.frombuffer(base64.b64decode(read["data"]), np.uint8)
        return flat.reshape(read["height"], read["width"], 4)[:, :, :3]

    def expect_pixels(self, canvas: Locator, wanted: NDArray[np.uint8], tolerance: int = 2) -> None:
        """Wait until a canvas shows these pixels, to within some grey levels."""
        script = f"([canvas, wanted]) => ({DISTANCE})(canvas, wanted) <= {tolerance}"
        handle = self._in_sight(canvas).element_handle()
        try:
            self.page.wait_for_function(script, arg=[handle, packed(wanted)])
        except TooLate:
            off = canvas.evaluate(DISTANCE, packed(wanted))
            raise AssertionError(f"the canvas is off by {off} grey levels") from None

    def settled(self) -> None:
        """Let the frame that a change asked for be painted."""
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def screenshot(self, file: Any) -> None:
        """Draw the widget into a file."""
        self.root.scroll_into_view_if_needed()
        self.root.screenshot(path=file, animations="disabled", timeout=1000 * PATIENCE)

    def _in_sight(self, canvas: Locator) -> Locator:
        canvas.scroll_into_view_if_needed()
        self.page.wait_for_function("(canvas) => canvas.width > 0", arg=canvas.element_handle())
        return canvas
