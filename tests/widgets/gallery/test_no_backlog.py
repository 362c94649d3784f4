"""Every control of a gallery flooded at once, from the browser and from code: the last wish stands."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from torch import nn

from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from ..flood import Hand, from_browser, from_code, turns
from .parts import (
    noise,
    opened,
    rows_of,
    show,
)

CONTROLS: dict[str, list[Any]] = {
    "rows": ["pictures", "layers", "classes"],
    "image_index": [0, 3],
    "layer": ["1", "4", "7"],
    "target": ["predicted", 0, 2],
    "methods": [["grad_cam"], ["grad_cam", "guided_grad_cam"], ["saliency", "guided_backprop"]],
    "page": [1, 2],
    "page_size": [2, 3],
    "order": ["given", "disagreement"],
    "selected": [None, 0],
    "opacity": [0.0, 0.5],
    "colormap": ["inferno", "jet"],
}
LAST: dict[str, Any] = {
    "rows": "pictures",
    "layer": "4",
    "target": 1,
    "methods": ["grad_cam", "guided_grad_cam"],
    "page_size": 3,
    "order": "given",
}
TURNS = 150
# One hand may take away the second method while the other asks for their disagreement.
TAKEN_AWAY = "takes two methods"


@pytest.fixture(autouse=True)
def _threads_change_often() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def ends_in_the_last_wish(gallery: GalleryWidget, model: nn.Module) -> None:
    gallery.set_state(LAST)
    rows = show(gallery, page=2)
    assert gallery.error == "" and gallery.progress is None
    assert {name: getattr(gallery, name) for name in LAST} == LAST
    with opened(model, noise(6), **LAST) as calm:
        expected = show(calm, page=2)
    for row, other in zip(rows, expected, strict=True):
        assert (row["name"], row["maps"]) == (other["name"], other["maps"])


@pytest.mark.parametrize(
    "hands", [(from_browser, partial(from_code, allowed=TAKEN_AWAY)), (from_browser, from_browser)]
)
def test_a_flood_on_two_threads_ends_in_the_last_wish(
    model: nn.Module, hands: tuple[Callable[[GalleryWidget], Hand], ...]
) -> None:
    start = threading.Barrier(2)

    def flood(turn: Hand, seed: int) -> None:
        start.wait(60)
        for name, value in turns(CONTROLS, TURNS, seed):
            turn(name, value)

    with opened(model, noise(6), page_size=3) as gallery:
        with ThreadPoolExecutor(2) as threads:
            floods = [threads.submit(flood, hand(gallery), seed) for seed, hand in enumerate(hands)]
            for one in floods:
                one.result(120)
        gallery.wait(60)
        rows_of(gallery)
        ends_in_the_last_wish(gallery, model)


def test_a_flood_on_one_thread_ends_in_the_last_wish(model: nn.Module) -> None:
    with opened(model, noise(6), page_size=3) as gallery:
        browser, code = from_browser(gallery), from_code(gallery, TAKEN_AWAY)
        for turn, (name, value) in enumerate(turns(CONTROLS, TURNS, 5)):
            (browser if turn % 3 else code)(name, value)
        ends_in_the_last_wish(gallery, model)


def test_what_code_sets_is_asked_for_when_it_returns_also_while_the_browser_is_heard(
    model: nn.Module,
) -> None:
    over = threading.Event()

    def turn_looks(gallery: GalleryWidget) -> None:
        while not over.is_set():
            for value in CONTROLS["opacity"]:
                gallery.set_state({"opacity": value})

    with opened(model, noise(2)) as gallery:
        other = threading.Thread(target=turn_looks, args=(gallery,))
        other.start()
        try:
            for _ in range(100):
                for layer in CONTROLS["layer"]:
                    gallery.layer = layer
                    gallery.wait(60)
                    shown = {row["maps"]["grad_cam"]["layer"] for row in rows_of(gallery)}
                    assert shown == {layer}
        finally:
            over.set()
            other.join(60)
