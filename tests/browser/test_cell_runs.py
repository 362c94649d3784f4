"""A cell that is run many times over: what is left in the kernel and in the browser."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Lab
from .server import Kernel, Server

OPEN = (
    "sum(isinstance(e, xw.ExplainerWidget) for e in ipywidgets.widgets.widget._instances.values())"
)
PASSES = (
    "sum(len(e.exploration._passes) for e in gc.get_objects() if isinstance(e, xw.ExplainerWidget))"
)


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


CELLS = {
    "slider": ("ipywidgets.IntSlider()", ".widget-slider"),
    "explorer": ("explorer(ahead=False)", ".xcnn canvas:visible"),
    "gallery": (
        "xw.GalleryWidget(MODEL, PICTURES, NAMES, transform=ToTensor())",
        ".xcnn canvas:visible",
    ),
    "brush": (
        "xw.OcclusionBrush(MODEL, PICTURES, NAMES, transform=ToTensor())",
        ".xcnn canvas:visible",
    ),
}
ALL_MODELS = MODELS.replace('.filter((model) => model.get("_view"))', "")


def test_a_page_keeps_of_twenty_runs_what_it_keeps_of_a_slider_s(lab, server, kernel):
    kept = {name: left_by(lab, server, kernel, name, *cell) for name, cell in CELLS.items()}
    slider = kept.pop("slider")
    for name, (nodes, models) in kept.items():
        assert nodes <= 3 * slider[0], (name, nodes, slider)
        assert models <= 3 * slider[1], (name, models, slider)


def left_by(
    lab: Lab, server: Server, kernel: Kernel, name: str, code: str, drawn: str
) -> tuple[float, float]:
    """DOM nodes and models of widgets that one more run leaves in the page."""
    lab.open(server.write_notebook(f"runs-of-{name}", code), kernel.identity)
    lab.run_all()
    shown = lab.page.locator(f".jp-OutputArea-output {drawn}").first
    counts = []
    for times in (3, 20):
        for _ in range(times):
            assert lab.command("notebook:run-cell")
            expect(shown).to_be_visible()
        lab.wire.settle()
        counts.append((nodes(lab), lab.page.evaluate(ALL_MODELS)))
    lab.close_notebook()
    kernel.run("ipywidgets.Widget.close_all()")
    (nodes_before, models_before), (nodes_after, models_after) = counts
    return (nodes_after - nodes_before) / 20, (models_after - models_before) / 20


def nodes(lab: Lab) -> int:
    """Nodes that the page holds on to, in the document or not."""
    debugger = lab.page.context.new_cdp_session(lab.page)
    for _ in range(3):
        debugger.send("HeapProfiler.collectGarbage")
    counted = debugger.send("Memory.getDOMCounters")["nodes"]
    debugger.detach()
    return int(counted)
