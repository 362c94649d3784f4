"""The messages between a page and its kernels, as they went through the websocket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from playwright.sync_api import Page, WebSocket


@dataclass(frozen=True)
class Message:
    """One message, with the size of what it carries and of the frame it came in.

    `subshell` is the thread of the kernel that is asked to handle it: JupyterLab has one for all widgets.
    """

    way: Literal["sent", "received"]
    type: str
    id: str
    parent: str
    subshell: str
    content: dict[str, Any]
    payload_bytes: int
    frame_bytes: int

    @property
    def state(self) -> dict[str, Any]:
        """The traits that a widget's message sets."""
        return dict(self.content.get("data", {}).get("state", {})) if self.is_comm else {}

    @property
    def is_comm(self) -> bool:
        """Whether a widget speaks."""
        return self.type.startswith("comm_")


class Wire:
    """Writes down every message of a page, in order."""

    def __init__(self, page: Page) -> None:
        self.messages: list[Message] = []
        self._seen: set[str] = set()
        self._page = page
        page.on("websocket", self._listen)

    def forget(self) -> None:
        """Start counting anew, from what the page has already seen."""
        self.settle()
        self.messages.clear()

    def settle(self) -> None:
        """Let the page hand over the messages that it has seen."""
        self._page.evaluate("() => new Promise(requestAnimationFrame)")

    def sent(self) -> list[Message]:
        """Return what the page's widgets said to a kernel."""
        self.settle()
        return [m for m in self.messages if m.way == "sent" and m.is_comm]

    def received(self) -> list[Message]:
        """Return what a kernel said to the page's widgets."""
        self.settle()
        return [m for m in self.messages if m.way == "received" and m.is_comm]

    def most_unanswered(self) -> int:
        """Return how many of the page's widget messages at most were waiting for the kernel at once."""
        self.settle()
        waiting: set[str] = set()
        most = 0
        for message in self.messages:
            if message.way == "sent" and message.is_comm:
                waiting.add(message.id)
                most = max(most, len(waiting))
            elif message.type == "status" and message.content["execution_state"] == "idle":
                waiting.discard(message.parent)
        return most

    def _listen(self, socket: WebSocket) -> None:
        if "/channels" in socket.url:
            socket.on("framesent", lambda frame: self._keep("sent", frame))
            socket.on("framereceived", lambda frame: self._keep("received", frame))

    def _keep(self, way: Literal["sent", "received"], frame: str | bytes) -> None:
        parts = split(frame)
        header, parent, _, content = (json.loads(part) for part in parts[:4])
        # After a reload JupyterLab holds two connections to one kernel; each brings every message.
        if header["msg_id"] in self._seen:
            return
        self._seen.add(header["msg_id"])
        self.messages.append(
            Message(
                way,
                header["msg_type"],
                header["msg_id"],
                parent.get("msg_id", ""),
                header.get("subshell_id") or "",
                content,
                sum(map(len, parts[3:])),
                len(frame),
            )
        )


def split(frame: str | bytes) -> list[bytes]:
    """Return header, parent header, metadata, content and buffers (protocol v1.kernel.websocket.jupyter.org)."""
    if isinstance(frame, str):
        message = json.loads(frame)
        names = ("header", "parent_header", "metadata", "content")
        return [json.dumps(message[name]).encode() for name in names]
    count = int.from_bytes(frame[:8], "little")
    offsets = [int.from_bytes(frame[8 * i : 8 * i + 8], "little") for i in range(1, count + 1)]
    channel, *parts = [frame[a:b] for a, b in pairwise(offsets)]
    assert channel in (b"shell", b"iopub", b"control", b"stdin"), channel
    return parts
