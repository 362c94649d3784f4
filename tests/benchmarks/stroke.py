"""From the end of a stroke on the brush to changed bars, as the page's messages drive it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import torch

import xcnn_widgets as xw

from .networks import Network
from .rows import Bound, Contender, Rival, Row, row
from .timing import Effort
from .wire import as_it_is

_BEYOND = 0.1


def stroke(network: Network, effort: Effort) -> Iterator[Row]:
    """The seconds from the message that ends a stroke to the bars' new text, against a forward pass and 100 ms."""
    picture = torch.rand(3, network.side, network.side, generator=torch.Generator().manual_seed(0))
    brush = xw.OcclusionBrush(
        network.model, {"noise": picture}, transform=as_it_is, target=0, fill="blur"
    )
    changed = threading.Event()
    # The bars' own text may stay the same; it is written right after this.
    brush.observe(lambda _: changed.set(), "answer")
    inputs = brush.masked_input.unsqueeze(0)
    ours: list[float] = []
    bare: list[float] = []
    began = perf_counter()
    while len(ours) < effort.rounds or (
        len(ours) < effort.most_rounds and perf_counter() - began < effort.seconds
    ):
        _draw(brush)
        changed.clear()
        start = effort.clock()
        _send(brush, "mouse_up", 330, 60)
        assert changed.wait(100), "the stroke changed nothing"
        ours.append(effort.clock() - start)
        brush.wait()
        start = effort.clock()
        with torch.no_grad():
            network.model(inputs)
        bare.append(effort.clock() - start)
    brush.close()
    yield row(
        "13 stroke end to changed bars",
        network.name,
        Contender("ours", "mouse_up of a stroke, blur", lambda: None),
        Rival(
            Contender("a pass + 100 ms", "model(inputs) under no_grad, and 0.1 s", lambda: None),
            Bound("at_most", 1.0),
        ),
        ours,
        [seconds + _BEYOND for seconds in bare],
        "ms",
        1e3,
    )


def _draw(brush: xw.OcclusionBrush) -> None:
    """A stroke of some moves, whose answers on the way have come."""
    brush.clear()
    _send(brush, "mouse_down", 40, 60)
    for across in range(50, 300, 25):
        _send(brush, "mouse_move", across, 60)
    brush.wait()


def _send(brush: xw.OcclusionBrush, event: str, x: float, y: float) -> None:
    layer: Any = brush._canvas.widget[3]
    layer._handle_frontend_event(layer, {"event": event, "x": x, "y": y}, [])
