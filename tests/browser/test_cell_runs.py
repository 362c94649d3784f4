"""A cell that is run many times over: what is left in the kernel and in the browser."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Lab

OPEN = (
    "sum(isinstance(e, xw.ExplainerWidget) for e in ipywidgets.widgets.widget._instances.values())"
)
PASSES = "sum(len(e.exploration._passes) for e in gc.get_objects() if isinstance(e, xw.ExplainerWidget))"


# The widgets of ours that ipywidgets keeps for the notebook in front.
MODELS = """async () => {
    const mimeType = "application/vnd.jupyter.widget-view+json";
    const rendermime = window.jupyterapp.shell.currentWidget.content.rendermime;
    const manager = await rendermime.createRenderer(mimeType)._manager.promise;
    const models = await Promise.all(Object.values(manager._models));
    return models.filter((model) => model.get("_view")).length;
}"""


# A script of its own in every widget costs 220 kB a run, a plain slider 35.
MOST_BYTES_A_RUN = 130_000


def test_twenty_runs_of_a_cell_leave_one_live_widget(show, lab, kernel):
    show("w = explorer()\nw")
    kernel.run("import gc")
    run_again(lab, 6)
    before = heap(lab)
    run_again(lab, 14)
    assert heap(lab) - before < 14 * MOST_BYTES_A_RUN
    # `Out` keeps all of them, which hold next to nothing.
    assert kernel.ask(OPEN) == 1
    assert kernel.ask(PASSES) == 1
    assert lab.page.evaluate(MODELS) == 1
    # A browser never forgets a module: all of them were drawn by the same one.
    assert lab.page.evaluate("globalThis[Symbol.for('xcnn-widgets')].size") == 1
    assert lab.page.locator("style#xcnn-widgets-styles").count() == 1


def run_again(lab: Lab, times: int) -> None:
    for _ in range(times):
        assert lab.command("notebook:run-cell")
        expect(lab.page.locator(".xcnn")).to_have_count(1)
        expect(lab.explorer().canvas).to_be_visible()
    lab.wire.settle()


def heap(lab: Lab) -> float:
    """Bytes of JavaScript objects that the page holds on to."""
    debugger = lab.page.context.new_cdp_session(lab.page)
    for _ in range(3):
        debugger.send("HeapProfiler.collectGarbage")
    used = debugger.send("Runtime.getHeapUsage")["usedSize"]
    debugger.detach()
    return float(used)
