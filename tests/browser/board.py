"""One brush on a page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from .lab import Lab
from .test_page import AXE

# The alpha of strokes cannot be read of the page, but the colour there can.
COLOUR = """([canvas, x, y]) => [...canvas.getContext("2d")
    .getImageData(x * canvas.width, y * canvas.height, 1, 1).data]"""
VIOLATIONS = """async (root) => {
    const { violations } = await axe.run(root);
    return violations.map(({ id, impact, nodes }) => [id, impact, nodes.map((n) => n.html)]);
}"""


class Board:
    """What a person sees of a brush, and does with it."""

    def __init__(self, lab: Lab) -> None:
        self.page = lab.page
        self.root = lab.page.locator(".xcnn-brush")
        self.canvas = self.root.locator(".xcnn-brush-canvas")
        self.status = self.root.get_by_role("status").first
        self.attempts = self.root.locator(".xcnn-brush-attempt:visible")
        self.challenge = self.root.locator(".xcnn-brush-challenge")

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def drag(self, *way: tuple[float, float]) -> None:
        """Draw with the mouse, through points given as shares of the picture."""
        # Which waits until it has found its place and size.
        self.canvas.hover()
        box = self.canvas.bounding_box()
        assert box is not None
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in way]
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point, steps=5)
        self.page.mouse.up()

    def expect_colour(self, at: tuple[float, float], colour: list[int]) -> None:
        """Wait until the picture has a colour at a place, to within three levels."""
        script = f"(arg) => ({COLOUR})(arg[0]).every((v, i) => Math.abs(v - arg[1][i]) <= 3)"
        self.page.wait_for_function(
            script, arg=[[self.canvas.element_handle(), *at], [*colour, 255]]
        )

    def expect_hidden(self, share: str) -> None:
        expect(self.status).to_contain_text(f"{share}% hidden")


def violations(lab: Lab, root: str = ".xcnn-brush") -> list[Any]:
    """Return what axe-core finds, of any weight."""
    if not lab.page.evaluate("() => 'axe' in window"):
        lab.page.add_script_tag(path=AXE)
    found: list[Any] = lab.page.evaluate(VIOLATIONS, root)
    return found
