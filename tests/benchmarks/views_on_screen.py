"""From view to view of some pictures with the keyboard, in a page of JupyterLab."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from playwright.sync_api import expect

from ..browser.explorer import Explorer, read_png
from ..browser.lab import Lab
from ..browser.server import Kernel
from ..browser.small_network import EXPECTED
from .stopwatch import Stopwatch

_PREPARE = """
import sys
sys.path.insert(0, {root!r})
import ipywidgets, torch
from tests.benchmarks import shown_widgets
torch.set_num_threads({threads})
"""
_ROOT = Path(__file__).parents[2]
# The keys that lead away from the view shown first, and back.
_KEYS = {
    "class": ("ArrowDown", "ArrowUp"),
    "layer": ("ArrowUp", "ArrowDown"),
    "method": ("ArrowDown", "ArrowUp"),
}
# On a slider that nobody listens to.
_PRESSES = 10


@dataclass(frozen=True)
class Trial:
    """One choice, from the key to the pixels, in milliseconds.

    Attributes
    ----------
    kind
        What was chosen: ``class``, ``layer`` or ``method``.
    is_known
        Whether the view was shown before.
    total
        From the key to the end of the frame in which the canvas shows something else; None where the new view's pixels
        are those of the old one.
    away
        The part of it from the page's websocket to the kernel and back; the rest is the page's own work.
    messages, bytes_back
        The widgets' messages to the kernel, and the bytes that came back.
    """

    kind: str
    is_known: bool
    total: float | None
    away: float
    messages: int
    bytes_back: int


@dataclass
class Screen:
    """A notebook with the empty slider and the explorer `w` of a network."""

    lab: Lab
    kernel: Kernel
    network: str
    stopwatch: Stopwatch
    explorer: Explorer
    seen: set[str] = field(default_factory=set)
    """The views that were shown."""

    def round_trips(self) -> Iterator[float]:
        """The milliseconds from keys on the empty slider to the kernel's first word in return."""
        self.lab.page.locator(".jp-OutputArea .noUi-handle").first.focus()
        for _ in range(_PRESSES):
            stamps = self.stopwatch.to_answer(partial(self._press, "ArrowRight"))
            # As after a trial: how fast a small message gets through depends on what went before it.
            self._is_known()
            self._expect_pixels()
            yield stamps.answered - stamps.hand

    def look_around(self, index: int, steps: int) -> Iterator[Trial]:
        """Go some steps away from a picture's first view, by class, layer and method, and back."""
        known = self.kernel.ask(f"shown_widgets.choose(w, {self.network!r}, {index})")
        self._is_known()
        self._expect_pixels()
        for kind, (away, back) in _KEYS.items():
            there = min(steps, known[kind] - 1)
            self._focus(kind)
            for key in [away] * there + [back] * there:
                yield self._trial(kind, key)

    def _trial(self, kind: str, key: str) -> Trial:
        wire = self.lab.wire
        wire.forget()
        canvas = self.explorer.canvas.first
        stamps = self.stopwatch.to_pixels(partial(self._press, key), canvas)
        messages, received = len(wire.sent()), wire.received()
        is_known = self._is_known()
        # That other pixels came is not enough: they are those that Python paints.
        self._expect_pixels()
        return Trial(
            kind,
            is_known,
            None if stamps.pixels is None else stamps.pixels - stamps.hand,
            stamps.answered - stamps.sent,
            messages,
            sum(message.frame_bytes for message in received),
        )

    def _is_known(self) -> bool:
        """Whether what is shown was shown before; from now on it was."""
        view = json.dumps(self.kernel.ask("shown_widgets.view(w)"))
        is_known = view in self.seen
        self.seen.add(view)
        return is_known

    def _focus(self, kind: str) -> None:
        if kind == "class":
            self.explorer.control("class-option").locator("input:checked").focus()
        else:
            self.explorer.control(kind).focus()

    def _press(self, key: str) -> None:
        self.lab.page.keyboard.press(key)

    def _expect_pixels(self) -> None:
        drawn = self.kernel.ask("painted(w, colormap=w.colormap)")
        self.explorer.expect_pixels(read_png(base64.b64decode(drawn)))


@contextmanager
def opened(
    lab: Lab, kernel: Kernel, network: str, pictures: int, threads: int, *, ahead: bool
) -> Iterator[Screen]:
    """Show the empty slider and an explorer; the page is left as it was."""
    kernel.run(_PREPARE.format(root=str(_ROOT), threads=threads))
    kernel.run(EXPECTED)
    path = lab.server.write_notebook(
        "hand-to-pixel",
        "slider = ipywidgets.IntSlider(max=1000); slider",
        f"w = shown_widgets.explorer({network!r}, {pictures}, ahead={ahead}); w",
    )
    lab.open(path, kernel.identity)
    lab.run_all()
    explorer = lab.explorer()
    expect(explorer.status).not_to_be_empty()
    stopwatch = Stopwatch(lab.page)
    try:
        yield Screen(lab, kernel, network, stopwatch, explorer)
    finally:
        stopwatch.close()
        lab.close_notebook()


def looked_around(
    screen: Screen, pictures: int, steps: int, times: int
) -> tuple[list[float], list[Trial]]:
    """The empty slider's round trips, in milliseconds, and the trials among which they were made."""
    # The first ones of all are thrown away.
    list(screen.round_trips())
    round_trips: list[float] = []
    trials: list[Trial] = []
    for _ in range(times):
        for index in range(pictures):
            round_trips += screen.round_trips()
            trials += screen.look_around(index, steps)
    return round_trips, trials
