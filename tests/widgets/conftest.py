"""A small network with a known answer, pictures for it, and a comm that writes down what is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import comm
import numpy as np
import pytest
import torch
from comm.base_comm import BaseComm
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.transforms import ToTensor

from xcnn_widgets.widgets.explorer.widget import ExplainerWidget
from xcnn_widgets.widgets.live_view import LiveView

NAMES = ["red", "green", "blue", "<img src=x onerror=alert(1)>"]


class Message(dict[str, Any]):
    """A message to the browser: its data, and its binary parts."""

    def __init__(self, data: dict[str, Any], buffers: list[Any]) -> None:
        super().__init__(data)
        self.buffers = buffers

    @property
    def state(self) -> dict[str, Any]:
        """The traits that an update carries."""
        return self.get("state", {}) if self.get("method") == "update" else {}


class RecordingComm(BaseComm):
    """A comm without a browser behind it."""

    sent: list[Message]

    def publish_msg(
        self,
        msg_type: str,
        data: Any = None,
        metadata: Any = None,
        buffers: Any = None,
        **keys: Any,
    ) -> None:
        """Write a message down."""
        self.__dict__.setdefault("sent", []).append(Message(data or {}, list(buffers or [])))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Callable[[ExplainerWidget], list[Message]]:
    """From a widget made after it to all messages that the widget has sent."""
    monkeypatch.setattr(comm, "create_comm", RecordingComm)
    return lambda widget: widget.comm.sent


@pytest.fixture
def model() -> nn.Module:
    """Three stages, four classes, input of any size; a test's own, which no widget of another test runs."""
    torch.manual_seed(3)
    layers: list[nn.Module] = []
    for channels_in, channels_out in [(3, 8), (8, 12), (12, 16)]:
        layers += [
            nn.Conv2d(channels_in, channels_out, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
        ]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4))


@pytest.fixture(scope="session")
def pictures() -> dict[str, NDArray[np.uint8]]:
    """Three pictures, wider than high."""
    random = np.random.default_rng(5)
    return {
        name: random.integers(0, 256, (40, 56, 3), dtype=np.uint8) for name in ("ant", "bee", "cow")
    }


def to_input(picture: Any) -> Tensor:
    """The whole picture, in [0, 1]."""
    return ToTensor()(picture)


def on_page(widget: LiveView) -> dict[str, Any]:
    """What a page knows of a widget: its traits, as they go over the wire."""
    state: dict[str, Any] = widget.get_state()
    return state


@pytest.fixture
def widget(model: nn.Module, pictures: dict[str, Any], sent: Any) -> Iterator[ExplainerWidget]:
    """A widget on the small network."""
    made = ExplainerWidget(model, pictures, NAMES, transform=to_input)
    made.wait(60)
    yield made
    made.close()
