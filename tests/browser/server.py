"""A Jupyter server of one's own, and the kernels that run in it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client import BlockingKernelClient

from .processes import PATIENCE, running

TOKEN = "only-for-this-run"
NOTHING: Mapping[str, str] = {}
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True)
class Server:
    """JupyterLab, Notebook 7 and Voila at one address, on one folder of notebooks."""

    url: str
    notebooks: Path
    runtime: Path

    def address(self, path: str, *options: str) -> str:
        """Return the address of a page, with the token."""
        return f"{self.url}{path}?{'&'.join([*options, f'token={TOKEN}'])}"

    def request(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """Ask the server's REST interface."""
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def start_kernel(self) -> Kernel:
        """Start a kernel that no notebook owns."""
        return self.kernel(self.request("api/kernels", "POST", {"name": "python3"})["id"])

    def kernel_of(self, notebook: str) -> Kernel:
        """Return the kernel that a notebook runs in."""
        sessions = {each["path"]: each["kernel"]["id"] for each in self.request("api/sessions")}
        return self.kernel(sessions[notebook])

    def kernel(self, identity: str) -> Kernel:
        """Return a running kernel."""
        client = BlockingKernelClient(connection_file=str(self.runtime / f"kernel-{identity}.json"))
        client.load_connection_file()
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        return Kernel(identity, client)

    def write_notebook(self, name: str, *cells: str) -> str:
        """Write a notebook of code cells; its path, as the server calls it."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.notebooks / f"{name}.ipynb")
        return f"{name}.ipynb"


@dataclass(frozen=True)
class Kernel:
    """A second way into a kernel, past the page, for what Python thinks."""

    identity: str
    client: BlockingKernelClient

    def run(self, code: str) -> None:
        """Run code; what it raises fails the test."""
        self._content(code, {})

    def ask(self, expression: str) -> Any:
        """Return the value of an expression, by way of JSON."""
        content = self._content("import json", {"answer": f"json.dumps({expression})"})
        answer = content["user_expressions"]["answer"]
        assert answer["status"] == "ok", f"{expression}: {answer}"
        return json.loads(eval(answer["data"]["text/plain"]))

    def until(self, expression: str) -> None:
        """Wait until an expression is true: a choice made on a page reaches the kernel by another way than this one."""
        late = time.monotonic() + PATIENCE
        while not self.ask(f"bool({expression})"):
            assert time.monotonic() < late, f"never true: {expression}"

    def close(self) -> None:
        """Hang up; the kernel lives on."""
        self.client.stop_channels()
        self.client.context.destroy(linger=0)

    def _content(self, code: str, expressions: dict[str, str]) -> dict[str, Any]:
        reply = self.client.execute(code, True, False, expressions, reply=True, timeout=PATIENCE)
        content: dict[str, Any] = reply["content"]
        assert content["status"] == "ok", "\n".join(content.get("traceback", [str(content)]))
        return content


@contextmanager
def running_server(
    folder: Path,
    python: str = sys.executable,
    app: str = "jupyterlab",
    environment: Mapping[str, str] = NOTHING,
) -> Iterator[Server]:
    """Run a server that knows nothing of the user's own settings, and stop it with its kernels."""
    places = {
        name: folder / name
        for name in (
            "notebooks",
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
            "IPYTHONDIR",
        )
    }
    for place in places.values():
        place.mkdir(parents=True)
    for name, settings in SETTINGS.items():
        file = places["JUPYTERLAB_SETTINGS_DIR"] / f"@jupyterlab/{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))
    options = {
        "IdentityProvider.token": TOKEN,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": free_port(),
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "ServerApp.root_dir": places["notebooks"],
        "ServerApp.log_level": "WARN",
        "LabApp.extension_manager": "readonly",
        "LabApp.expose_app_in_browser": True,
        "JupyterNotebookApp.expose_app_in_browser": True,
    }
    own = {name: str(place) for name, place in places.items() if name.isupper()}
    command = [python, "-m", app, *(f"--{k}={v}" for k, v in options.items())]
    runtime = places["JUPYTER_RUNTIME_DIR"]

    def ask(process: subprocess.Popen[bytes]) -> str:
        """Where the server has written down that it listens, once it answers there."""
        file = runtime / f"jpserver-{process.pid}.json"
        url = str(json.loads(file.read_text())["url"])
        urllib.request.urlopen(f"{url}api", timeout=PATIENCE).close()
        return url

    with running(command, folder, {**environment, **own}, ask) as url:
        yield Server(url, places["notebooks"], runtime)


def free_port() -> int:
    """Return a port that nobody listens on; the server takes the next one if somebody is faster."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
