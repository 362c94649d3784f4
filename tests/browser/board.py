"""One brush on a page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

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

    def __init__(self, lab: Any) -> None:
        self.page: Page = lab.page
        self.root = self.page.locator(".xcnn-brush")
        self.canvas = self.root.locator(".xcnn-brush-canvas")
        self.status = self.root.locator('[data-xcnn="status"]')
        self.attempts = self.root.locator('[data-xcnn="attempt"]')
        self.challenge = self.root.get_by_role("group", name="Challenge")
        self.watched = self.root.locator(".xcnn-watched")
        self.why = self.root.locator(".xcnn-standing")

    def control(self, hook: str) -> Locator:
        return self.root.locator(f'[data-xcnn="{hook}"]')

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

    def touch(self, *way: tuple[float, float]) -> None:
        """Draw with a finger, through points given as shares of the picture."""
        self.canvas.scroll_into_view_if_needed()
        box = self.canvas.bounding_box()
        assert box is not None
        debugger = self.page.context.new_cdp_session(self.page)

        def tell(kind: str, *points: tuple[float, float]) -> None:
            at = [
                {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
                for x, y in points
            ]
            debugger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

        debugger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        try:
            tell("touchStart", way[0])
            for point in way[1:]:
                tell("touchMove", point)
            tell("touchEnd")
        finally:
            debugger.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
            debugger.detach()

    def places(self) -> dict[str, int]:
        """Where each control and group stands, in pixels from the top of the brush."""
        script = """(root) => Object.fromEntries(
            [...root.querySelectorAll("[data-xcnn]:not([data-xcnn=attempt]), .xcnn-group")]
                .map((node, i) => [node.dataset.xcnn ?? `group ${i}`, Math.round(
                    node.getBoundingClientRect().top - root.getBoundingClientRect().top)])
                .filter(([name]) => !["status", "error", "note", "class-option"].includes(name)))"""
        found: dict[str, int] = self.root.evaluate(script)
        return found

    def expect_colour(self, at: tuple[float, float], colour: list[int]) -> None:
        """Wait until the picture has a colour at a place, to within three levels."""
        script = f"(arg) => ({COLOUR})(arg[0]).every((v, i) => Math.abs(v - arg[1][i]) <= 3)"
        self.page.wait_for_function(
            script, arg=[[self.canvas.element_handle(), *at], [*colour, 255]]
        )

    def expect_hidden(self, share: str) -> None:
        expect(self.status).to_contain_text(f"{share}% hidden")


def violations(lab: Any, root: str = ".xcnn-brush") -> list[Any]:
    """Return what axe-core finds, of any weight."""
    if not lab.page.evaluate("() => 'axe' in window"):
        lab.page.add_script_tag(path=AXE)
    found: list[Any] = lab.page.evaluate(VIOLATIONS, root)
    return found
