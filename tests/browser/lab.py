"""JupyterLab in a browser, as far as these tests need it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from .explorer import Explorer
from .server import Server
from .wire import Wire

NOT_OURS = (
    # JupyterLab says so when a page is loaded anew while its debugger asks a kernel something.
    "Could not restore the debugger state",
    # ipywidgets counts a view away when its notebook is closed, and the way to the kernel is closed already.
    "Could not send widget sync message Error: Cannot send",
)

OPEN_NOTEBOOK = """async ([path, kernel]) => {
    const app = window.jupyterapp;
    const options = kernel ? { kernel: { id: kernel } } : {};
    const widget = await app.commands.execute("docmanager:open", { path, ...options });
    await widget.context.ready;
    await widget.sessionContext.ready;
    await widget.sessionContext.session.kernel.info;
}"""


class Lab:
    """A page with JupyterLab in it."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.server = server
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        # Of a page that is loaded anew JupyterLab brings back what was open, some time.
        self.is_spent = False
        self.wire = Wire(self.page)
        self.page.on("console", self._keep_error)
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        self.page.on("dialog", self._refuse)
        self.page.goto(server.address("lab", "reset"))
        self.wait_for_start()

    def wait_for_start(self) -> None:
        """Wait until JupyterLab takes commands, and fold its side bar away."""
        self.page.wait_for_function("() => window.jupyterapp?.restored?.then(() => true)")
        self.command("application:toggle-left-area") if self._side_bar_is_open() else None

    def reload(self) -> None:
        """Load the page anew; no other test gets it."""
        self.is_spent = True
        self.page.reload()
        self.wait_for_start()

    def command(self, name: str, **arguments: Any) -> Any:
        """Carry out a command of JupyterLab."""
        script = "([name, args]) => window.jupyterapp.commands.execute(name, args).then((r) => r === true)"
        return self.page.evaluate(script, [name, arguments])

    def open(self, path: str, kernel: str | None = None) -> None:
        """Open a notebook, in a kernel of its own or in one that runs already."""
        self.page.evaluate(OPEN_NOTEBOOK, [path, kernel])

    def run_all(self) -> None:
        """Run every cell of the notebook in front; no cell may fail."""
        assert self.command("notebook:run-all-cells"), "a cell failed"

    def close_notebook(self) -> None:
        """Save the notebook in front, if there is one, and close it; its kernel lives on."""
        if not self.page.evaluate("() => Boolean(window.jupyterapp.shell.currentWidget?.context)"):
            return
        self.command("docmanager:save")
        self.drop_notebook()

    def drop_notebook(self) -> None:
        """Close the notebook in front as it is; its kernel lives on."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget?.dispose()")

    def explorer(self, position: int = 0) -> Explorer:
        """Return a widget of the notebook in front."""
        return Explorer(self.page, self.page.locator(".xcnn").nth(position))

    def theme(self, name: str) -> None:
        """Change the colours: "Light" or "Dark"."""
        self.command("apputils:change-theme", theme=f"JupyterLab {name}")
        light = json.dumps(str(name == "Light").lower())
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === {light}")

    def cell_width(self, pixels: int) -> None:
        """Make the window as wide or narrow as it takes for an output to have this width."""
        width: Callable[[], int] = lambda: self.page.evaluate(  # noqa: E731
            "() => Math.round(document.querySelector('.xcnn').getBoundingClientRect().width)"
        )
        for _ in range(3):
            size = self.page.viewport_size
            assert size is not None
            self.page.set_viewport_size({"width": size["width"] + pixels - width(), "height": 1500})
            self.wire.settle()
        assert width() == pixels

    def close(self) -> None:
        """Close the page."""
        self.page.close()

    def _side_bar_is_open(self) -> bool:
        return bool(self.page.evaluate("() => !window.jupyterapp.shell.leftCollapsed"))

    def _keep_error(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NOT_OURS):
            self.problems.append(f"console: {message.text} ({message.location.get('url')})")

    def _refuse(self, dialog: Any) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()
