"""A kernel that hears the page on threads of its own (subshells, as JupyterLab asks for them), driven by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_client.manager import KernelManager, start_new_kernel

from ..browser.processes import PATIENCE
from ..browser.server import Kernel

PREPARE = """
import threading, time
import numpy as np, torch, xcnn_widgets as xw
from torch import nn

class Gated(nn.Sequential):
    gate = threading.Event()
    def forward(self, x):
        if threading.current_thread() is not threading.main_thread():
            Gated.gate.wait(60)
        return super().forward(x)

torch.manual_seed(0)
MODEL = Gated(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.ReLU(),
              nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)).eval()
PICTURES = list(np.random.default_rng(0).integers(0, 256, (30, 16, 16, 3), dtype=np.uint8))
"""


class Page(Kernel):
    """What a page is to a kernel: messages to a widget, on a subshell of the page's own."""

    def subshell(self) -> str:
        """Start a thread of the kernel for what is said to widgets."""
        return str(self._control("create_subshell_request", {})["subshell_id"])

    def delete(self, subshell: str) -> None:
        """End it."""
        self._control("delete_subshell_request", {"subshell_id": subshell})

    def say(self, type: str, comm: str, data: dict[str, Any], subshell: str) -> None:
        """Send a widget something; nothing is waited for."""
        message = self.client.session.msg(type, {"comm_id": comm, "data": data})
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def choose(self, comm: str, subshell: str, **choices: Any) -> None:
        """Choose something in a widget."""
        data = {"method": "update", "state": choices, "buffer_paths": []}
        self.say("comm_msg", comm, data, subshell)

    def hear_of(self, comm: str, **traits: Any) -> None:
        """Wait until a widget has said this, without saying anything."""
        while True:
            content = self.client.get_iopub_msg(timeout=PATIENCE)["content"]
            if content.get("comm_id") == comm and content["data"].get("state") == traits:
                return

    def _control(self, type: str, content: dict[str, Any]) -> dict[str, Any]:
        message = self.client.session.msg(type, content)
        self.client.control_channel.send(message)
        while True:
            reply = self.client.get_control_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                assert reply["content"]["status"] == "ok", reply["content"]
                return dict(reply["content"])


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    manager: KernelManager
    manager, client = start_new_kernel(startup_timeout=PATIENCE)
    page = Page(manager.kernel_id, client)
    page.run(PREPARE)
    yield page
    page.close()
    manager.shutdown_kernel(now=True)


def within(seconds: float, true: Callable[[], bool]) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def until(heard: str, first: str = "") -> str:
    """A cell that goes on until something is heard, or for a while."""
    return f"""
{first}
end = time.monotonic() + 20
while not ({heard}) and time.monotonic() < end:
    time.sleep(0.05)
heard = bool({heard})
"""


@pytest.fixture
def gallery(page: Page) -> str:
    """`g`, whose first page is held up on its way; its comm."""
    page.run("Gated.gate.clear(); g = xw.GalleryWidget(MODEL, PICTURES, page_size=5)")
    return str(page.ask("g.model_id"))


def test_a_gallery_at_work_hears_the_page_after_another_subshell_went(
    page: Page, gallery: str
) -> None:
    mine, others = page.subshell(), page.subshell()
    page.run("threading.Timer(2.0, Gated.gate.set).start()")
    # Another notebook on this kernel is opened: it asks for all widgets, and lets its subshell go.
    page.say("comm_close", "of nobody", {}, others)
    time.sleep(0.5)
    page.delete(others)
    # All that the gallery says follows a message over a subshell that is gone.
    page.hear_of(gallery, progress=None)
    # On the wire pages are counted from 0.
    page.choose(gallery, mine, page=1)
    assert within(10, lambda: page.ask("g.page") == 2)
    page.run("g.wait(60)")
    assert page.ask("[g.error, g._page['page']]") == ["", 1]


def test_a_gallery_hears_the_page_during_the_cell_that_set_a_choice(
    page: Page, gallery: str
) -> None:
    mine = page.subshell()
    page.run("Gated.gate.set(); g.wait(60)")
    page.client.execute(until("g.page == 3", "g.page = 1"))
    time.sleep(0.5)
    page.choose(gallery, mine, page=2)
    assert page.ask("heard")


def test_a_brush_hears_the_page_during_the_cell_that_made_it(page: Page) -> None:
    mine = page.subshell()
    page.run("Gated.gate.set(); b = xw.OcclusionBrush(MODEL, PICTURES)")
    canvas, brush = page.ask("[b._canvas[3].model_id, b.model_id]")
    page.client.execute(until("b.mask.any()"))
    time.sleep(0.5)
    for kind in ("down", "up"):
        event = {"event": f"mouse_{kind}", "x": 9, "y": 9}
        page.say("comm_msg", canvas, {"method": "custom", "content": event}, mine)
    assert page.ask("heard")
    page.client.execute(until("not b.mask.any()"))
    time.sleep(0.5)
    page.choose(brush, mine, _wanted=[[1, "clear"]])
    assert page.ask("heard")
