"""The teaching notebook where people open it: JupyterLab, Notebook 7 and Voila."""

from __future__ import annotations

import base64
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .explorer import Explorer, read_png
from .small_network import EXPECTED

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_explore.ipynb"


@pytest.fixture
def explore(request, server):
    """The first notebook, under a name of the test's own."""
    name = f"{request.node.name}.ipynb"
    shutil.copy(NOTEBOOK, server.notebooks / name)
    return name


@pytest.fixture
def page(context):
    """A page without JupyterLab; what fails in the widget's script fails the test."""
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(f"{error}\n{error.stack}"))
    yield page
    page.close()
    # anywidget loads a widget's script from a blob; Notebook 7 has complaints of its own.
    assert [problem for problem in problems if "blob:" in problem] == []


def test_first_notebook_runs_in_jupyterlab(lab, server, explore, screenshots):
    lab.open(explore)
    lab.run_all()
    kernel = server.kernel_of(explore)
    try:
        explorer = lab.explorer()
        explorer.expect_status("Occlusion", "binoculars")
        kernel.run(EXPECTED)
        explorer.method.select_option(label="Grad-CAM")
        explorer.picture("cat").click()
        explorer.class_row("Egyptian cat").click()
        explorer.expect_status("Grad-CAM", "Egyptian cat", "in cat")
        assert kernel.ask("[widget.image_index, widget.method]") == [0, "grad_cam"]
        explorer.expect_pixels(kernel_paints(kernel))
        explorer.screenshot(screenshots / "notebook-jupyterlab.png")
    finally:
        kernel.close()
        server.request(f"api/kernels/{kernel.identity}", "DELETE")


def test_first_notebook_runs_in_notebook_7(page, server, explore, screenshots):
    page.goto(server.address(f"notebooks/{explore}"))
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context?.isReady")
    page.evaluate(
        """async () => {
            const { context, sessionContext } = window.jupyterapp.shell.currentWidget;
            await context.ready;
            await sessionContext.ready;
            await sessionContext.session.kernel.info;
        }"""
    )
    assert page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    works(page, screenshots / "notebook-7.png")


def test_first_notebook_runs_in_voila(page, server, explore, screenshots):
    page.goto(server.address(f"voila/render/{explore}"))
    works(page, screenshots / "notebook-voila.png")


def works(page, picture):
    """The widget is drawn and follows a choice."""
    explorer = Explorer(page, page.locator(".xcnn").first)
    explorer.expect_status("Occlusion", "binoculars")
    expect(explorer.canvas).to_be_visible()
    explorer.method.select_option(label="Grad-CAM")
    explorer.expect_status("Grad-CAM", "binoculars", "in camera")
    before = explorer.pixels()
    explorer.layer.select_option("blocks.3")
    expect(explorer.status).to_have_text(re.compile("blocks.3"))
    explorer.expect_other_pixels(before)
    explorer.screenshot(picture)


def kernel_paints(kernel):
    """Return what Python would paint of the notebook's widget."""
    return read_png(base64.b64decode(kernel.ask("painted(widget, colormap=widget.colormap)")))
