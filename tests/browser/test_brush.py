"""The brush in JupyterLab: paint by mouse and by keyboard, undo, history, reload, looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode
from playwright.sync_api import expect

from tests.pages.lesson import write_notebook
from xcnn_widgets.pages.execution import execute

from .board import Board, violations
from .explorer import Explorer
from .lab import Lab
from .reopened import open_again, open_converted
from .server import Kernel, Server
from .small_network import PREPARE
from .test_other_pages import colours
from .test_page import CUT_OFF, OVERFLOW

BRUSH = """
class Waits(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.gate, self.waiting = MODEL, threading.Event(), 0
        self.gate.set()
    def forward(self, inputs):
        self.waiting += 1
        self.gate.wait(100)
        self.waiting -= 1
        return self.inner(inputs)

def brush(model=MODEL, **choices):
    opening = {"size": 16 / 72, "target": 3}
    return xw.OcclusionBrush(model, PICTURES, NAMES, transform=ToTensor(), **{**opening, **choices})
"""
HALF = """
half = np.zeros((72, 104), bool)
half[:36] = True
b = brush(fill='black', method='grad_cam', mask=half); b"""
# A notebook that needs no other kernel.
ALONE = (PREPARE + BRUSH, HALF)
AGAIN = "Run the cell again to go on."
NO_KERNEL = "Painting needs a running kernel."
SAVED = "ant, 50.0% hidden"
# Names of which letters reach out of their own box, or out of the row that clips it.
HIDDEN_LETTERS = """(names) => names.filter((name) => {
    const text = document.createRange();
    text.selectNodeContents(name);
    const row = name.parentElement.getBoundingClientRect();
    const rows = [...text.getClientRects()];
    return rows.length === 0 || rows.some(({ left, right, top, bottom, width }) => width < 3 ||
        left < row.left || right > row.right || top < row.top || bottom > row.bottom);
}).map((name) => name.textContent)"""
FLOOD = """(canvas) => {
    const box = canvas.getBoundingClientRect();
    const tell = (type, x, y) => canvas.dispatchEvent(new MouseEvent(type, {
        bubbles: true, clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
    tell("mousedown", 0.1, 0.1);
    for (let i = 0; i < 2000; i++) tell("mousemove", 0.1 + 0.8 * (i % 100) / 100, 0.1 + i / 2500);
    tell("mouseup", 0.9, 0.9);
}"""


@pytest.fixture(scope="session")
def brush_kernel(kernel: Kernel) -> Kernel:
    """The shared kernel, with a brush to make; other tests close all its widgets, ipycanvas's own too."""
    kernel.run(BRUSH)
    return kernel


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


@pytest.fixture
def show_explorer(
    request: pytest.FixtureRequest, lab: Lab, server: Server, brush_kernel: Kernel
) -> Iterator[Callable[[], Explorer]]:
    """From a cell to the explorer that it shows: `w`."""

    def show() -> Explorer:
        path = server.write_notebook(re.sub(r"\W+", "-", request.node.name), "w = explorer(); w")
        lab.open(path, brush_kernel.identity)
        lab.run_all()
        explorer = lab.explorer()
        expect(explorer.status).not_to_be_empty()
        return explorer

    yield show
    lab.close_notebook()
    brush_kernel.run("w.close()")


def test_a_stroke_by_mouse_is_seen_and_answered_and_can_be_undone(show_brush, brush_kernel):
    board = show_brush()
    picture = brush_kernel.ask("np.array(PICTURES['ant'])[36, 52].tolist()")
    board.expect_colour((0.505, 0.505), picture)
    board.drag((0.2, 0.5), (0.8, 0.5))
    board.expect_colour((0.505, 0.505), [0, 0, 0])
    board.expect_hidden(brush_kernel.ask("f'{100 * b.mask.mean():.1f}'"))
    assert brush_kernel.ask("len(b.history)") == 1
    assert brush_kernel.ask("bool(b.mask[36, 30:75].all() and not b.mask[:20].any())")
    after = brush_kernel.ask("b.answer.target.after")
    expect(board.watched).to_contain_text(f"{after:.1%}")
    board.button("Undo").click()
    board.expect_hidden("0.0")
    board.expect_colour((0.505, 0.505), picture)
    board.attempts.first.click()
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
    expect(board.button("Redo")).to_be_enabled()
    board.page.keyboard.press("Tab")
    expect(board.button("Redo")).to_be_focused()
    board.page.keyboard.press("Shift+Tab")
    expect(board.canvas).to_be_focused()


def test_a_finger_paints(show_brush, brush_kernel):
    board = show_brush()
    board.touch((0.2, 0.5), (0.5, 0.5), (0.8, 0.5))
    board.expect_colour((0.505, 0.505), [0, 0, 0])
    expect(board.attempts).to_have_count(1)
    assert brush_kernel.ask("bool(b.mask[36, 30:75].all() and not b.mask[:20].any())")


@pytest.mark.parametrize("width", [960, 390])
def test_nothing_moves_with_the_first_strokes(show_brush, lab, width):
    board = show_brush("b = brush(fill='black', target=None); b")
    lab.page.set_viewport_size({"width": width + 116, "height": 1700})
    board.button("Challenge").click()
    expect(board.challenge).to_contain_text("Bring class e")
    before = board.places()
    board.drag((0.2, 0.5), (0.8, 0.5))
    expect(board.attempts).to_have_count(1)
    expect(board.challenge).to_contain_text("hidden by")
    assert board.places() == before
    board.drag((0.2, 0.2), (0.8, 0.2))
    expect(board.attempts).to_have_count(2)
    assert board.places() == before


def test_a_challenge_is_set_and_played_with_keys(show_brush, lab, brush_kernel):
    board = show_brush("b = brush(target=None, fill='black'); b")
    board.button("Challenge").focus()
    board.page.keyboard.press("Space")
    # It starts at 32.3 %.
    expect(board.challenge).to_contain_text("Bring class e from 32.3% below 20%")
    goal = board.challenge.get_by_role("slider", name="Below")
    expect(goal).to_have_attribute("max", "0.32")
    goal.focus()
    for _ in range(5):
        board.page.keyboard.press("ArrowRight")
    expect(board.challenge).to_contain_text("Bring class e from 32.3% below 25%")
    board.canvas.focus()
    board.page.keyboard.press("Space")
    expect(board.challenge).to_contain_text("hidden by")
    after = brush_kernel.ask("[b.challenge.after, b.challenge.after_grad_cam]")
    for name, share in zip(("you", "Grad-CAM"), after, strict=True):
        row = board.challenge.get_by_role("row", name=name)
        expect(row).to_contain_text(f"{share:.1%}")
    assert violations(lab) == []
    board.page.keyboard.press("Control+z")
    expect(board.challenge).to_contain_text("Bring class e")


def test_two_thousand_quick_moves_make_few_messages_and_one_last_answer(
    show_brush, lab, brush_kernel
):
    board = show_brush()
    lab.wire.forget()
    board.canvas.evaluate(FLOOD)
    expect(board.attempts).to_have_count(1)
    brush_kernel.run("b.wait(60)")
    board.expect_hidden(brush_kernel.ask("f'{100 * b.mask.mean():.1f}'"))
    assert brush_kernel.ask("len(b.history)") == 1
    brush_kernel.run("b.wait(0)")
    sent = [m.content["data"].get("content", {}).get("event") for m in lab.wire.sent()]
    assert sent.count("mouse_up") == 1
    # The page let 50 a second through, and two thousand take no two seconds to make.
    assert 2 <= sent.count("mouse_move") < 100


def test_a_stroke_is_drawn_while_the_network_is_at_work(show_brush, brush_kernel):
    board = show_brush("waits = Waits(); b = brush(waits, fill='black'); b")
    brush_kernel.run("waits.gate.clear()")
    try:
        board.drag((0.2, 0.3), (0.8, 0.3))
        board.expect_colour((0.505, 0.3), [0, 0, 0])
        board.drag((0.2, 0.7), (0.8, 0.7))
        board.expect_colour((0.505, 0.7), [0, 0, 0])
        assert brush_kernel.ask("waits.waiting") == 1
        expect(board.status).to_contain_text(" 0.0% hidden")
    finally:
        brush_kernel.run("waits.gate.set()")
    board.expect_hidden(brush_kernel.ask("f'{100 * b.mask.mean():.1f}'"))


@pytest.mark.parametrize(
    ("theme", "width"), [("Light", 1400), ("Dark", 1400), ("Light", 390), ("Dark", 390)]
)
def test_the_brush_fits_and_can_be_used_by_everybody(
    show_brush, lab, brush_kernel, screenshots, theme, width
):
    board = show_brush("b = brush(fill='blur', method='grad_cam', target=None, goal=0.3); b")
    lab.theme(theme)
    try:
        lab.page.set_viewport_size({"width": width + 116, "height": 1500})
        board.drag((0.2, 0.4), (0.6, 0.5))
        expect(board.attempts).to_have_count(1)
        board.button("Paint what the map says").click()
        expect(board.attempts).to_have_count(2)
        brush_kernel.run("b.error = 'broken.jpg cannot be read: it ends after 700 bytes'")
        expect(board.root.get_by_role("alert")).to_contain_text("broken.jpg")
        board.root.screenshot(path=screenshots / f"brush-{theme}-{width}.png".lower())
        assert board.root.evaluate(OVERFLOW) == []
        assert board.root.evaluate(CUT_OFF) == []
        assert violations(lab) == []
    finally:
        lab.theme("Light")


def test_class_names_are_whole_in_a_cell_of_150_pixels(show_brush, lab, brush_kernel, screenshots):
    box = "box = ipywidgets.Box([b], layout={'width': '150px'}); box"
    board = show_brush(f"b = brush(fill='black', target=None, goal=0.3); {box}")
    try:
        lab.page.set_viewport_size({"width": 600, "height": 1500})
        assert (
            board.root.evaluate("(root) => Math.round(root.getBoundingClientRect().width)") == 150
        )
        board.drag((0.2, 0.4), (0.6, 0.5))
        expect(board.attempts).to_have_count(1)
        names = board.root.locator(".xcnn-moves .xcnn-class-name")
        told = brush_kernel.ask("[row.name for row in b.answer.classes]")
        expect(names).to_have_text([re.compile("Predicted|Highest"), *told])
        assert names.evaluate_all(HIDDEN_LETTERS) == []
        board.root.screenshot(path=screenshots / "brush-150.png")
        assert board.root.evaluate(OVERFLOW) == []
    finally:
        # A box around a brush that is gone would keep a page from restoring all others.
        brush_kernel.run("box.close()")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_forced_colours_leave_its_sliders_buttons_and_bars(show_brush, lab, screenshots, scheme):
    board = show_brush("b = brush(method='grad_cam', target=None, goal=0.3); b")
    board.drag((0.2, 0.4), (0.6, 0.5))
    expect(board.attempts).to_have_count(1)
    lab.page.set_viewport_size({"width": 1000, "height": 1500})
    lab.page.emulate_media(forced_colors="active", color_scheme=scheme)
    try:
        board.root.screenshot(path=screenshots / f"forced-brush-live-{scheme}.png")
        seen = {
            "input[type=range]": 4,
            ".xcnn-bar": 5,
            "button": 7,
            "select": 3,
            "input[type=radio]:not([hidden])": 3,
            "[data-xcnn=attempt]": 1,
        }
        for selector, least in seen.items():
            shown = board.root.locator(f"{selector}:visible").all()[:8]
            assert len(shown) >= least, selector
            for place in shown:
                # Edges, marks or a thumb: not one colour alone.
                painted = colours(place).reshape(-1, 3).astype(int)
                assert np.ptp(painted, axis=0).max() > 60, f"{selector} in {scheme}"
    finally:
        lab.page.emulate_media(forced_colors="none", color_scheme="light")


def test_the_brush_opens_under_the_explorer_and_follows_it_both_ways(
    show_explorer, lab, brush_kernel, screenshots
):
    explorer = show_explorer()
    explorer.method.select_option("saliency")
    button = explorer.root.get_by_role("button", name="Hide and see")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    board = Board(lab)
    expect(board.canvas).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    board.expect_hidden("0.0")
    expect(board.control("method")).to_have_value("saliency")

    board.root.get_by_role("option", name="bee").click()
    explorer.expect_status("in bee")
    board.drag((0.2, 0.5), (0.8, 0.5))
    expect(board.attempts).to_have_count(1)
    explorer.method.select_option("grad_cam")
    explorer.layer.select_option("stage5")
    expect(board.control("layer")).to_have_value("stage5")
    expect(board.control("method")).to_have_value("grad_cam")
    assert brush_kernel.ask("int(w._brush.mask.sum())") > 0
    lab.page.set_viewport_size({"width": 1180, "height": 1700})
    board.root.scroll_into_view_if_needed()
    lab.page.locator(".xcnn-host").first.screenshot(path=screenshots / "hide-and-see.png")
    assert violations(lab, ".xcnn-host") == []

    button.click()
    expect(board.canvas).to_be_hidden()
    button.click()
    expect(board.canvas).to_be_visible()
    brush_kernel.run("w._brush.close()")
    expect(board.root).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "false")
    explorer.layer.select_option("stage2")
    explorer.expect_status("stage2")


def test_what_was_painted_is_drawn_again_after_a_reload(show_brush, lab, brush_kernel):
    board = show_brush()
    board.drag((0.2, 0.5), (0.8, 0.5))
    expect(board.attempts).to_have_count(1)
    hidden = brush_kernel.ask("f'{100 * b.mask.mean():.1f}'")
    path = lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    lab.command("docmanager:save")
    lab.reload()
    lab.open(path, brush_kernel.identity)
    board.expect_hidden(hidden)
    board.expect_colour((0.505, 0.505), [0, 0, 0])


def test_a_brush_draws_after_all_widgets_were_closed(show_brush, brush_kernel):
    brush_kernel.run("brush(); ipywidgets.Widget.close_all()")
    board = show_brush()
    board.expect_colour(
        (0.505, 0.505), brush_kernel.ask("np.array(PICTURES['ant'])[36, 52].tolist()")
    )
    board.drag((0.2, 0.5), (0.8, 0.5))
    board.expect_colour((0.505, 0.505), [0, 0, 0])


def test_a_restarted_kernel_leaves_it_whole_and_says_what_to_do(lab, server, screenshots):
    path = server.write_notebook("brush-restarted", *ALONE)
    lab.open(path)
    lab.run_all()
    board = Board(lab)
    expect(board.canvas).to_be_visible()
    board.drag((0.2, 0.6), (0.8, 0.6))
    expect(board.attempts).to_have_count(2)
    expect(board.status).not_to_contain_text("50.0% hidden")
    status = board.status.text_content()
    lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    expect(board.why).to_have_text(AGAIN)
    expect_whole(board, status)
    board.root.screenshot(path=screenshots / "brush-restarted.png")
    # Run again, it goes on.
    lab.run_all()
    expect(board.canvas).to_be_visible()
    expect(board.why).to_have_count(0)
    board.drag((0.2, 0.6), (0.8, 0.6))
    expect(board.attempts).to_have_count(2)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """A notebook with a brush, run and saved with its widgets' state."""
    path = write_notebook(tmp_path_factory.mktemp("saved") / "brush.ipynb", *ALONE)
    notebook = nbformat.read(path, as_version=4)
    execute(notebook, path, 300, None, lambda _: None)
    return notebook


def test_a_notebook_that_is_opened_again_shows_the_brush_as_it_was(lab, server, saved, screenshots):
    open_again(lab, server, saved, "brush-opened-again.ipynb")
    board = Board(lab)
    expect(board.why).to_have_text(AGAIN)
    expect_whole(board, SAVED)
    board.root.screenshot(path=screenshots / "brush-opened-again.png")
    lab.drop_notebook()


def test_a_page_that_nbconvert_writes_shows_the_brush_as_it_was(browser, saved, tmp_path):
    context = browser.new_context()
    page = context.new_page()
    unknown, problems = open_converted(page, saved, tmp_path / "page.html")
    board = Board(SimpleNamespace(page=page))
    expect(board.why).to_have_text(NO_KERNEL)
    expect_whole(board, SAVED)
    # Such a page looks for what draws the canvas, and need not find it.
    assert all("/ipycanvas@" in url for url in unknown)
    assert problems == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_a_page_of_its_own_shows_the_brush_as_it_was(
    browser, brush_kernel, tmp_path, screenshots, scheme, width
):
    file = tmp_path / "brush.html"
    brush_kernel.run(HALF + f"\nb.to_html({str(file)!r}, title='Hide and see'); b.close()")
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    page.goto(file.as_uri())
    board = Board(SimpleNamespace(page=page))
    expect(board.why).to_have_text(NO_KERNEL)
    expect_whole(board, SAVED)
    assert violations(board) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=screenshots / f"brush-page-{scheme}-{width}.png", full_page=True)
    context.close()


def expect_whole(board: Board, status: str) -> None:
    """The picture and what lay over it are shown, with what was said; nothing can be set."""
    expect(board.root).to_contain_text(status)
    expect(board.canvas).to_have_count(0)
    images = board.root.locator("img")
    expect(images).to_have_count(2)
    for image in images.all():
        assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 104
    assert board.root.locator("input:visible, button, select, [disabled]").count() == 0
    assert board.root.evaluate("(root) => getComputedStyle(root).opacity") == "1"
