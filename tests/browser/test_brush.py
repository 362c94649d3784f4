"""The brush in JupyterLab: paint by mouse and by keyboard, undo, history, reload, looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from .lab import Lab
from .server import Kernel, Server
from .small_network import PREPARE
from .test_page import OVERFLOW

BRUSH = """
def brush(**choices):
    opening = {"size": 16, "layer": "stage7", "target": 3}
    return xw.OcclusionBrush(MODEL, PICTURES, NAMES, transform=ToTensor(), **{**opening, **choices})
"""
# The alpha of strokes cannot be read of the page, but the colour there can.
COLOUR = """([canvas, x, y]) => [...canvas.getContext("2d")
    .getImageData(x * canvas.width, y * canvas.height, 1, 1).data]"""
FLOOD = """(canvas) => {
    const box = canvas.getBoundingClientRect();
    const tell = (type, x, y) => canvas.dispatchEvent(new MouseEvent(type, {
        bubbles: true, clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
    tell("mousedown", 0.1, 0.1);
    for (let i = 0; i < 2000; i++) tell("mousemove", 0.1 + 0.8 * (i % 100) / 100, 0.1 + i / 2500);
    tell("mouseup", 0.9, 0.9);
}"""


class Board:
    """What a person sees of a brush, and does with it."""

    def __init__(self, lab: Lab) -> None:
        self.page = lab.page
        self.root = lab.page.locator(".xcnn-brush")
        self.canvas = self.root.locator(".xcnn-brush-canvas")
        self.status = self.root.get_by_role("status")
        self.rows = self.root.locator("table tr")

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def drag(self, *way: tuple[float, float]) -> None:
        """Draw with the mouse, through points given as shares of the picture."""
        self.canvas.scroll_into_view_if_needed()
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


@pytest.fixture(scope="module")
def brush_kernel(server: Server) -> Iterator[Kernel]:
    """A kernel of its own: closing all widgets, as other tests do, closes ipycanvas for good."""
    kernel = server.start_kernel()
    kernel.run(PREPARE + BRUSH)
    yield kernel
    kernel.close()


@pytest.fixture
def show_brush(
    request: pytest.FixtureRequest, lab: Lab, server: Server, brush_kernel: Kernel
) -> Iterator[Callable[..., Board]]:
    """From a cell to the brush that it shows: `b`."""

    def show(cell: str = "b = brush(fill='black'); b") -> Board:
        path = server.write_notebook(re.sub(r"\W+", "-", request.node.name), cell)
        lab.open(path, brush_kernel.identity)
        lab.run_all()
        board = Board(lab)
        expect(board.canvas).to_be_visible()
        board.expect_hidden("0.0")
        return board

    yield show
    lab.close_notebook()
    brush_kernel.run("b.close()")


def test_a_stroke_by_mouse_is_seen_and_answered_and_can_be_undone(show_brush, brush_kernel):
    board = show_brush()
    picture = brush_kernel.ask("b._exploration.prepared(0).picture[36, 52].tolist()")
    board.expect_colour((0.505, 0.505), picture)
    board.drag((0.2, 0.5), (0.8, 0.5))
    board.expect_colour((0.505, 0.505), [0, 0, 0])
    board.expect_hidden(brush_kernel.ask("f'{100 * b.mask.mean():.1f}'"))
    assert brush_kernel.ask("len(b.history)") == 1
    assert brush_kernel.ask("bool(b.mask[36, 30:75].all() and not b.mask[:20].any())")
    after = brush_kernel.ask("b.answer.target.after")
    expect(board.root.locator("tr.target")).to_contain_text(f"{after:.1%}")
    board.button("Undo").click()
    board.expect_hidden("0.0")
    board.expect_colour((0.505, 0.505), picture)
    board.root.locator(".xcnn-brush-attempt button").first.click()
    board.expect_colour((0.505, 0.505), [0, 0, 0])
    assert brush_kernel.ask("len(b.history)") == 1


def test_keys_paint_and_undo_and_lead_out_of_the_picture(show_brush, brush_kernel):
    board = show_brush()
    board.canvas.focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Space"):
        board.page.keyboard.press(key)
    expect(board.status).not_to_contain_text(" 0.0% hidden")
    rows, columns = brush_kernel.ask("[v.tolist() for v in np.nonzero(b.mask)]")
    middle = sum(rows) / len(rows) + 0.5, sum(columns) / len(columns) + 0.5
    assert middle == (36 - 8, 52 - 16)
    board.page.keyboard.press("Control+z")
    board.expect_hidden("0.0")
    board.page.keyboard.press("Tab")
    expect(board.button("Clear")).to_be_focused()


def test_what_was_painted_is_drawn_again_after_a_reload(show_brush, lab, brush_kernel):
    board = show_brush("b = brush(fill='black'); b")
    board.drag((0.2, 0.5), (0.8, 0.5))
    board.expect_colour((0.505, 0.505), [0, 0, 0])
    hidden = brush_kernel.ask("f'{100 * b.mask.mean():.1f}'")
    path = lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    lab.command("docmanager:save")
    lab.page.reload()
    lab.wait_for_start()
    lab.open(path, brush_kernel.identity)
    board.expect_hidden(hidden)
    board.expect_colour((0.505, 0.505), [0, 0, 0])


def test_a_flood_of_moves_ends_in_one_last_answer(show_brush, brush_kernel):
    board = show_brush()
    board.canvas.evaluate(FLOOD)
    expect(board.status).not_to_contain_text(" 0.0% hidden")
    brush_kernel.run("b.wait(60)")
    board.expect_hidden(brush_kernel.ask("f'{100 * b.mask.mean():.1f}'"))
    assert brush_kernel.ask("len(b.history)") == 1
    assert not brush_kernel.ask("b._worker.busy")


@pytest.mark.parametrize(("theme", "width"), [("Light", 960), ("Dark", 400)])
def test_the_brush_fits_and_can_be_looked_at(
    show_brush, lab, brush_kernel, screenshots, theme, width
):
    board = show_brush("b = brush(fill='blur', method='grad_cam'); b")
    lab.theme(theme)
    try:
        lab.page.set_viewport_size({"width": width + 116, "height": 1500})
        board.drag((0.2, 0.4), (0.6, 0.5))
        board.button("Paint what the map says").click()
        expect(board.root.locator(".xcnn-brush-attempt:visible")).to_have_count(2)
        brush_kernel.run("b.error = 'broken.jpg cannot be read: it ends after 700 bytes'")
        expect(board.root.get_by_role("alert")).to_contain_text("broken.jpg")
        board.root.screenshot(path=screenshots / f"brush-{theme}-{width}.png".lower())
        assert board.root.evaluate(OVERFLOW) == []
    finally:
        lab.theme("Light")
