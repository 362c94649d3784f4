"""Jupyter otherwise: the notebook as it was before version 7, and a JupyterLab that two people share."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from ..board import Board
from ..conftest import PAGE_PATIENCE
from ..explorer import Explorer
from ..lab import Lab
from ..server import running_server
from ..small_network import PREPARE
from .elsewhere import ENVIRONMENT, PYTHON, expect_whole, needs_hosts

WINDOW: ViewportSize = {"width": 1400, "height": 900}
CELLS = (
    PREPARE,
    "w = explorer(); w",
    "g = xw.GalleryWidget(MODEL, PICTURES, NAMES, transform=ToTensor()); g",
    "b = xw.OcclusionBrush(MODEL, PICTURES, NAMES, transform=ToTensor()); b",
)
# Until then nbclassic's widgets are being restored, and it draws all outputs anew, those of widgets empty.
RESTORED = """async () => {
    const ready = () => window.Jupyter?.notebook?.kernel?.widget_manager;
    while (!ready()) await new Promise(requestAnimationFrame);
    const { kernel } = Jupyter.notebook;
    for (let i = 0; i < 3; i++) await new Promise((done) => kernel.kernel_info(done));
}"""


def all_three_answer(page: Page) -> None:
    """Explorer, gallery and brush are drawn, and a choice in each is answered."""
    expect_whole(page)
    gallery = page.locator(".xcnn:has(> .xcnn-gallery)").first
    gallery.locator("[data-xcnn=rows] [value=classes]").click()
    expect(gallery.locator("[data-xcnn=status]")).to_contain_text("classes of")
    board = Board(SimpleNamespace(page=page))
    board.drag((0.2, 0.3), (0.8, 0.7))
    expect(board.status).to_contain_text("% hidden")
    expect(board.status).not_to_contain_text("0% hidden")


@pytest.mark.hosts
@needs_hosts
def test_all_widgets_answer_in_nbclassic(
    browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    with running_server(tmp_path / "jupyter", str(PYTHON), "nbclassic", ENVIRONMENT) as server:
        path = server.write_notebook("three", *CELLS)
        page = browser.new_page(viewport=WINDOW)
        page.set_default_timeout(1000 * PAGE_PATIENCE)
        page.goto(server.address(f"nbclassic/notebooks/{path}"))
        page.evaluate(RESTORED)
        page.evaluate("() => Jupyter.notebook.execute_all_cells()")
        expect(page.locator(".xcnn-brush")).to_be_visible()
        all_three_answer(page)
        page.screenshot(path=screenshots / "nbclassic.png")
        explorer = Explorer(page, page.locator(".xcnn:has([data-xcnn=status])").first)
        for element in (explorer.picture("ant"), explorer.control("reset"), explorer.method):
            element.focus()
            for letter in "abcdxyz":
                page.keyboard.press(letter)
            page.keyboard.press("d")
        assert page.evaluate("() => Jupyter.notebook.ncells()") == len(CELLS)
        page.close()


@pytest.mark.hosts
@needs_hosts
def test_two_people_share_the_widgets_of_a_notebook(
    browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    with running_server(tmp_path / "jupyter", str(PYTHON), "jupyterlab", ENVIRONMENT) as server:
        path = server.write_notebook("three", *CELLS)
        contexts = [browser.new_context(viewport=WINDOW) for _ in range(2)]
        for context in contexts:
            context.set_default_timeout(1000 * PAGE_PATIENCE)
        people = []
        for number, context in enumerate(contexts, 1):
            lab = Lab(context, server)
            people.append(lab)
            lab.open(path)
            expect(lab.page.get_by_role("tab", name="Collaboration")).to_be_visible()
            # Who has it open already sees the stored pictures, as of any widget, until it is opened again.
            if number == 1:
                lab.run_all()
            expect(lab.page.locator(".xcnn-brush")).to_be_visible()
            all_three_answer(lab.page)
            lab.page.screenshot(path=screenshots / f"collaboration-{number}.png")
        for mine, other in (people, people[::-1]):
            label = "Guided Grad-CAM" if mine is people[0] else "Deconvnet"
            mine.explorer().method.select_option(label=label)
            other.explorer().expect_status(label)
        for lab in people:
            assert lab.problems == []
        for context in contexts:
            context.close()
