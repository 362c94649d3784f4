"""Bytes on the wire: what the widget's comm sends when a person chooses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import comm
import torch
from comm.base_comm import BaseComm

from .networks import Network
from .rows import Bound, Contender, Rival, Row, row

_LIMIT = 1024


class _RecordingComm(BaseComm):
    """A comm that keeps the size of every message: its content as JSON, and its buffers."""

    sizes: list[int]

    def publish_msg(
        self,
        msg_type: str,
        data: Any = None,
        metadata: Any = None,
        buffers: Any = None,
        **keys: Any,
    ) -> None:
        content = json.dumps({"comm_id": self.comm_id, "data": data, **keys})
        size = len(content.encode()) + sum(memoryview(buffer).nbytes for buffer in buffers or [])
        self.__dict__.setdefault("sizes", []).append(size)


@contextmanager
def _recording() -> Iterator[None]:
    usual = comm.create_comm
    comm.create_comm = _RecordingComm
    try:
        yield
    finally:
        comm.create_comm = usual


def wire(network: Network) -> Iterator[Row]:
    """All messages of a change of class, at the layer shown first and at the one with the largest map."""
    from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

    picture = torch.rand(3, network.side, network.side, generator=torch.Generator().manual_seed(0))
    with _recording():
        widget = ExplainerWidget(
            network.model, {"noise": picture}, transform=as_it_is, layers=network.layers, target=0
        )
        for where, layer in (
            ("first shown", network.layers[-1]),
            ("largest map", network.layers[0]),
        ):
            widget.layer = layer
            before = len(widget.comm.sizes)
            # As the browser does, which costs an echo on top of the answer.
            widget.set_state({"target": 1 if widget.target == 0 else 0})
            sent = float(sum(widget.comm.sizes[before:]))
            yield row(
                f"9 bytes of a Grad-CAM update, layer {where}",
                network.name,
                Contender("ours", "set_state({'target': ...})", lambda: None),
                Rival(
                    Contender(
                        "1 KB", "content as JSON and buffers of every message sent", lambda: None
                    ),
                    Bound("at_most", 1.0 if where == "first shown" else None),
                ),
                [sent],
                [float(_LIMIT)],
                "bytes",
            )
        widget.close()


def as_it_is(picture: Any) -> torch.Tensor:
    """A transform that leaves a picture as it is, in [0, 1]."""
    from torchvision.transforms.functional import pil_to_tensor

    pixels: torch.Tensor = pil_to_tensor(picture)
    return pixels.float() / 255
