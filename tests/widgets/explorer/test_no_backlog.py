"""Every control flooded at once, from the browser and from code: the last wish stands, and the model is as it was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ..conftest import NAMES, to_input
from ..flood import Hand, from_browser, from_code, turns

# What a person can turn, and what each can be turned to.
CONTROLS: dict[str, list[Any]] = {
    "image_index": [0, 1, 2],
    "method": ["grad_cam", "saliency", "guided_grad_cam", "occlusion", "guided_backprop"],
    "layer": ["1", "4", "7"],
    "target": [None, 0, 1, 2, 3],
    "patch": [8, 12],
    "stride": [6, 8],
    "opacity": [0.0, 0.25, 1.0],
    "threshold": [0.0, 0.5],
    "colormap": ["inferno", "gray", "jet"],
    "display": ["overlay", "heatmap"],
}
LAST: dict[str, Any] = {
    "image_index": 2,
    "method": "guided_grad_cam",
    "layer": "4",
    "target": 1,
    "patch": 12,
    "stride": 6,
    "opacity": 0.75,
    "threshold": 0.25,
    "colormap": "viridis",
    "display": "overlay",
}
TURNS = 120
# The browser may well cancel what code is waiting for; nothing else may go wrong.
CANCELLED = "it was cancelled"


@pytest.fixture
def flooded(model: nn.Module, pictures: Any) -> Iterator[ExplainerWidget]:
    """A widget whose model has to come back as it was, in whatever a session leaves behind."""
    with untouched(model):
        widget = ExplainerWidget(
            model, pictures, NAMES, transform=to_input, graph_bytes=200_000, patch=8, stride=6
        )
        widget.wait(60)
        yield widget
        widget.close()


@pytest.mark.parametrize("seed", range(2))
def test_a_flood_from_the_browser_and_from_code_on_one_thread_ends_in_the_last_wish(
    flooded: ExplainerWidget, seed: int
) -> None:
    browser, code = from_browser(flooded), from_code(flooded, CANCELLED)
    for turn, (name, value) in enumerate(turns(CONTROLS, TURNS, seed)):
        (browser if turn % 3 else code)(name, value)
    ends_in_the_last_wish(flooded)


@pytest.mark.parametrize("seed", range(2))
def test_a_flood_from_the_browser_on_one_thread_and_from_code_on_another_ends_in_the_last_wish(
    flooded: ExplainerWidget, seed: int
) -> None:
    start = threading.Barrier(2)

    def flood(turn: Hand, seed: int) -> None:
        start.wait(60)
        for name, value in turns(CONTROLS, TURNS, seed):
            turn(name, value)

    with ThreadPoolExecutor(2) as threads:
        floods = [
            threads.submit(flood, from_browser(flooded), seed),
            threads.submit(flood, from_code(flooded, CANCELLED), seed + 100),
        ]
        for one in floods:
            one.result(120)
    flooded.wait(60)
    what_is_chosen_is_what_is_shown(flooded)
    ends_in_the_last_wish(flooded)


def test_two_subshells_of_the_browser_end_in_the_last_wish(flooded: ExplainerWidget) -> None:
    def flood(seed: int) -> None:
        turn = from_browser(flooded)
        for name, value in turns(CONTROLS, TURNS, seed):
            turn(name, value)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(flood, (3, 4)))
    flooded.wait(60)
    what_is_chosen_is_what_is_shown(flooded)
    ends_in_the_last_wish(flooded)


def test_what_code_sets_is_computed_when_it_returns_also_while_the_browser_is_heard(
    flooded: ExplainerWidget,
) -> None:
    over = threading.Event()

    def turn_looks() -> None:
        while not over.is_set():
            for value in CONTROLS["opacity"]:
                flooded.set_state({"opacity": value})

    other = threading.Thread(target=turn_looks)
    other.start()
    try:
        for _ in range(20):
            for layer in CONTROLS["layer"]:
                flooded.layer = layer
                assert flooded._map is not None
                assert flooded._map["layer"] == layer
    finally:
        over.set()
        other.join(60)


def what_is_chosen_is_what_is_shown(widget: ExplainerWidget) -> None:
    assert widget.error == ""
    assert widget.progress is None
    assert widget._shown is not None
    assert widget._choice().question == widget._shown.question


def ends_in_the_last_wish(widget: ExplainerWidget) -> None:
    """After one more message from the browser, everything is as in a widget that never saw another."""
    widget.set_state(LAST)
    widget.wait(60)
    what_is_chosen_is_what_is_shown(widget)
    assert {name: getattr(widget, name) for name in LAST} == LAST
    calm = ExplainerWidget(
        widget._exploration.model,
        {
            name: widget._exploration.pictures.open(i)
            for i, name in enumerate(("ant", "bee", "cow"))
        },
        NAMES,
        transform=to_input,
        **LAST,
    )
    np.testing.assert_array_equal(widget.heatmap, calm.heatmap)
    assert (widget._map, widget._picture) == (calm._map, calm._picture)
    assert (widget.predictions, widget.status) == (calm.predictions, calm.status)
    calm.close()


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    def state() -> tuple[Any, ...]:
        modules = list(model.modules())
        return (
            [module.training for module in modules],
            [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in modules],
            [getattr(module, "inplace", None) for module in modules],
            [(weight.requires_grad, weight.grad) for weight in model.parameters()],
        )

    def values() -> list[Tensor]:
        return [value.clone() for value in model.state_dict().values()]

    before, kept = state(), values()
    yield
    assert state() == before
    assert all(torch.equal(a, b) for a, b in zip(kept, values(), strict=True))
