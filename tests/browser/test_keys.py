"""What is typed in a widget stays in it: no key turns, cuts, adds, runs or deletes a cell of the notebook around it."""

from __future__ import annotations

import string
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import ElementHandle, Page, expect

from .lab import Lab
from .server import Kernel, Server
from .test_brush import brush_kernel  # noqa: F401

WIDGETS = {
    "explorer": "w = explorer({f'picture {i}': scene(i) for i in range(70)}, method='occlusion', patch=24, stride=12); w",
    "gallery": "w = gallery(labels=LABELS); w",
    "brush": "w = brush(); w",
}
# Of two models; their controls are known to the hosts by the others.
TWO = {
    "explorer of two": "w = explorer(model={'before': MODEL, 'after': small_model()}); w",
    "gallery of two": (
        "w = gallery(model={'before': DISCERNING, 'after': small_model(4)}, labels=LABELS, page_size=2,"
        " metrics=['deletion'], methods=['grad_cam']); w.trust(); w.summary(); w"
    ),
}
TYPED = string.ascii_letters + string.digits + "dd00iixxzzaabb,./;'[]-=`"
PRESSED = [
    *("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"),
    *("Delete", "Backspace", "Space", "Enter", "Shift+Enter", "Control+Enter", "Alt+Enter"),
    *("Shift+ArrowUp", "Shift+ArrowDown", "Shift+Home", "Shift+End"),
    *("Control+Backspace", "Control+Shift+ArrowUp", "Control+Shift+ArrowDown"),
    *("Control+Shift+M", "Control+z", "Control+y", "Control+Shift+Z", "Control+a", "Control+x"),
]
FOCUSABLE = (
    ":is(a[href], button, input, select, textarea, summary, [tabindex]):not(:disabled, [type=file])"
)
CELLS = """() => {
    const { content } = window.jupyterapp.shell.currentWidget;
    const cells = content.widgets.map(({ model }) =>
        [model.id, model.type, model.sharedModel.getSource(), model.executionCount ?? null]);
    return { cells, selected: content.selectedCells.length };
}"""
RUN = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"


@pytest.fixture
def notebook(
    request: pytest.FixtureRequest,
    lab: Lab,
    server: Server,
    brush_kernel: Kernel,  # noqa: F811
    gallery_kernel: Kernel,
) -> Iterator[Any]:
    """From a host and a widget's name to the page and the element that the widget fills."""
    pages: list[Page] = []

    def open_in(host: str, widget: str) -> tuple[Page, Any]:
        cells = ["'above'", (WIDGETS | TWO)[widget], "'below'"]
        path = server.write_notebook(f"keys-{host}-{widget}".replace(" ", "-"), *cells)
        kernel = brush_kernel.identity
        if host == "lab":
            page = lab.page
            lab.open(path, kernel)
        else:
            session = {"path": path, "name": path, "type": "notebook", "kernel": {"id": kernel}}
            server.request("api/sessions", "POST", session)
            page = lab.page.context.new_page()
            pages.append(page)
            page.goto(server.address(f"notebooks/{path}"))
            page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.content?.widgets")
            page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.ready")
        page.evaluate(RUN)
        expect(
            page.locator(".xcnn canvas:visible, .xcnn-brush canvas:visible").first
        ).to_be_visible()
        return page, page.locator(".xcnn-brush, .xcnn-host:has(.xcnn)").first

    yield open_in
    for page in pages:
        page.close()
    lab.close_notebook()
    brush_kernel.run("ipywidgets.Widget.close_all()")


def focusable(root: Any) -> list[ElementHandle]:
    """Return what can have the focus: of those alike, as classes are, the first."""
    seen: dict[str, int] = {}
    found = []
    for handle in root.locator(FOCUSABLE).element_handles():
        kind = handle.evaluate(
            "(e) => [e.tagName, e.type, e.role, e.className, e.dataset.xcnn].join()"
        )
        seen[kind] = seen.get(kind, 0) + 1
        if handle.is_visible() and seen[kind] == 1:
            found.append(handle)
    return found


def focus(handle: ElementHandle) -> bool:
    """Put the focus on an element that is still there; whether it took it."""
    script = "(e) => { e.focus({ preventScroll: true }); return document.activeElement === e; }"
    return bool(handle.evaluate(script))


@pytest.mark.parametrize(
    ("host", "widget"),
    [*product(["lab", "notebook 7"], WIDGETS), *product(["lab"], TWO)],
)
def test_no_key_in_a_widget_reaches_the_cells(notebook, host, widget):
    page, root = notebook(host, widget)
    if widget == "gallery of two":
        root.locator("summary", has_text="Confusion matrix").click()
    before = page.evaluate(CELLS)
    assert len(before["cells"]) == 3
    pressed = 0
    for handle in focusable(root):
        what = handle.evaluate("(e) => e.outerHTML.slice(0, 120)")
        if focus(handle):
            pressed += 1
            page.keyboard.type(TYPED)
        for key in PRESSED:
            if focus(handle):
                page.keyboard.press(key)
        assert page.evaluate(CELLS) == before, what
    assert pressed >= 8


def test_a_click_beside_the_controls_keeps_the_keys_in_the_widget(notebook):
    page, root = notebook("lab", "explorer")
    expect(root.locator("[data-xcnn=progress]")).to_be_hidden()
    before = page.evaluate(CELLS)
    # A browser does not give the focus to what is clicked in selected text.
    page.evaluate("() => document.getSelection().selectAllChildren(document.body)")
    for place in ("[data-xcnn=status]", ".xcnn-title:visible", "[aria-label='Previous picture']"):
        root.locator(place).first.click(force=True)
        page.keyboard.type("bxdd")
        assert page.evaluate(CELLS) == before, place


def test_escape_and_tab_leave_the_widget(notebook):
    page, root = notebook("lab", "explorer")
    count = len(page.evaluate(CELLS)["cells"])
    root.locator("[data-xcnn=opacity]").focus()
    page.keyboard.press("Escape")
    page.keyboard.type("b")
    assert len(page.evaluate(CELLS)["cells"]) == count + 1
    page.keyboard.type("z")
    root.locator("button:visible").last.focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if not root.evaluate("(e) => e.contains(document.activeElement)"):
            break
    assert not root.evaluate("(e) => e.contains(document.activeElement)")


def test_saving_goes_through_from_every_control(notebook):
    page, root = notebook("lab", "explorer")
    # The command, not the file: on a busy machine a second save may ask whether the file changed meanwhile.
    page.evaluate(
        """() => {
            window.saves = 0;
            window.jupyterapp.commands.commandExecuted.connect((_, { id }) => {
                if (id === "docmanager:save") window.saves += 1;
            });
        }"""
    )
    places = ("[data-xcnn=opacity]", "[role=option][tabindex='0']", "[data-xcnn=patch]")
    for count, place in enumerate(places, 1):
        root.locator(place).first.focus()
        page.keyboard.press("Control+s")
        page.wait_for_function(f"() => window.saves === {count}")


SCROLLED = """(root) => {
    for (let at = root; at; at = at.parentElement) if (at.scrollTop > 0) return at.scrollTop;
    return 0;
}"""


def test_the_wheel_over_a_number_that_has_the_focus_scrolls_the_page(notebook, lab):
    page, root = notebook("lab", "explorer")
    window = page.viewport_size
    page.set_viewport_size({"width": 1000, "height": 420})
    try:
        patch = root.get_by_label("Patch")
        patch.scroll_into_view_if_needed()
        patch.click()
        expect(patch).to_be_focused()
        value, before = patch.input_value(), patch.evaluate(SCROLLED)
        lab.wire.forget()
        for turn in (60, 60, -60):
            patch.hover()
            page.mouse.wheel(0, turn)
            page.wait_for_function(
                f"([it, last]) => ({SCROLLED})(it) !== last", arg=[patch.element_handle(), before]
            )
            before = patch.evaluate(SCROLLED)
        assert patch.input_value() == value
        assert lab.wire.sent() == []
        # Typed into, it changes as ever.
        expect(patch).to_be_editable()
        patch.press("ArrowUp")
        expect(patch).not_to_have_value(value)
    finally:
        page.set_viewport_size(window)
