"""A walk through the views of some pictures, with the keyboard, in a page of JupyterLab."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playwright.sync_api import expect

from ..browser.explorer import Explorer, read_png
from ..browser.lab import Lab
from ..browser.server import Kernel
from ..browser.small_network import EXPECTED
from .stopwatch import Stamps, Stopwatch

_PREPARE = """
import sys
sys.path.insert(0, {root!r})
import ipywidgets, torch
from tests.benchmarks import on_screen
from tests.benchmarks.kernel_clock import KernelClock
torch.set_num_threads({threads})
"""
_ROOT = Path(__file__).parents[2]
# The keys that lead away from the view shown first, and back.
_KEYS = {
    "class": ("ArrowDown", "ArrowUp"),
    "layer": ("ArrowUp", "ArrowDown"),
    "method": ("ArrowDown", "ArrowUp"),
}


@dataclass(frozen=True)
class Trial:
    """One choice, from the key to the pixels, in milliseconds.

    Attributes
    ----------
    kind
        What was chosen: ``class``, ``layer`` or ``method``.
    cached
        Whether the view was known in the kernel.
    total
        From the key to the end of the frame in which the canvas shows something else; None where the new view's pixels
        are those of the old one.
    parts
        ``compute``: explaining, in the kernel; ``kernel``: the rest of the kernel's work on the message, up to its
        answer; ``wire``: from the page's websocket back to it, less these two; ``drawing``: all in the page, before
        the message and after its answer. They add up to the total.
    messages
        The widgets' messages and the bytes of their frames, both ways.
    """

    kind: str
    cached: bool
    total: float | None
    parts: dict[str, float]
    messages: dict[str, float]


@dataclass(frozen=True)
class Screen:
    """A notebook with an empty slider and the explorer `w`."""

    lab: Lab
    kernel: Kernel
    stopwatch: Stopwatch
    explorer: Explorer


@contextmanager
def opened(lab: Lab, kernel: Kernel, shown: str, threads: int) -> Iterator[Screen]:
    """Show the empty slider and an explorer, `shown` as the kernel calls it; the page is left as it was."""
    kernel.run(_PREPARE.format(root=str(_ROOT), threads=threads))
    kernel.run(EXPECTED)
    path = lab.server.write_notebook(
        "hand-to-pixel",
        "slider = ipywidgets.IntSlider(max=1000); slider",
        f"w = on_screen.explorer({shown}); clock = KernelClock(w); w",
    )
    lab.open(path, kernel.identity)
    lab.run_all()
    explorer = lab.explorer()
    expect(explorer.status).not_to_be_empty()
    stopwatch = Stopwatch(lab.page)
    try:
        yield Screen(lab, kernel, stopwatch, explorer)
    finally:
        stopwatch.close()
        lab.close_notebook()


def walk(
    screen: Screen, pictures: int, steps: int, walks: int, presses: int
) -> Iterator[Trial | float]:
    """Go some steps away from the first view of each picture, by class, layer and method, and back.

    Before each picture, keys are pressed on the slider that nobody listens to: the milliseconds until the kernel's
    first word come among the trials. Two more, at the start, are thrown away.
    """
    list(_bare_round_trips(screen, 2))
    for _ in range(walks):
        for index in range(screen.kernel.ask(f"min({pictures}, len(w._images))")):
            yield from _bare_round_trips(screen, presses)
            screen.kernel.run(f"on_screen.choose(w, {index})")
            _expect_pixels(screen)
            for kind, (away, back) in _KEYS.items():
                known = screen.kernel.ask(f"on_screen.choices(w)[{kind!r}]")
                there = min(steps, known - 1)
                _focus(screen.explorer, kind)
                for key in [away] * there + [back] * there:
                    yield _trial(screen, kind, key)


def _bare_round_trips(screen: Screen, presses: int) -> Iterator[float]:
    screen.lab.page.locator(".jp-OutputArea .noUi-handle").first.focus()
    for _ in range(presses):
        stamps = screen.stopwatch.to_answer(partial(_press, screen, "ArrowRight"))
        # As after a trial: how fast a small message gets through depends on what went before it.
        _in_kernel(screen)
        _expect_pixels(screen)
        yield stamps.answered - stamps.hand


def _trial(screen: Screen, kind: str, key: str) -> Trial:
    wire = screen.lab.wire
    wire.forget()
    canvas = screen.explorer.canvas.first
    stamps = screen.stopwatch.to_pixels(partial(_press, screen, key), canvas)
    sent, received = wire.sent(), wire.received()
    in_kernel = _in_kernel(screen)
    # That other pixels came is not enough: they are those that Python paints.
    _expect_pixels(screen)
    return Trial(
        kind,
        bool(in_kernel["cached"]),
        None if stamps.pixels is None else stamps.pixels - stamps.hand,
        _parts(stamps, in_kernel["compute"], in_kernel["kernel"]),
        {
            "messages sent": len(sent),
            "received": len(received),
            "bytes sent": sum(message.frame_bytes for message in sent),
            "bytes received": sum(message.frame_bytes for message in received),
        },
    )


def _in_kernel(screen: Screen) -> dict[str, float]:
    found: dict[str, float] = screen.kernel.ask("{**clock.last, 'cached': clock.cached}")
    return found


def _parts(stamps: Stamps, compute: float, kernel: float) -> dict[str, float]:
    away = stamps.answered - stamps.sent
    parts = {"compute": compute, "kernel": kernel, "wire": away - compute - kernel}
    if stamps.pixels is not None:
        parts["drawing"] = stamps.sent - stamps.hand + stamps.pixels - stamps.answered
    return parts


def _focus(explorer: Explorer, kind: str) -> None:
    if kind == "class":
        explorer.control("class-option").locator("input:checked").focus()
    else:
        explorer.control(kind).focus()


def _press(screen: Screen, key: str) -> None:
    screen.lab.page.keyboard.press(key)


def _expect_pixels(screen: Screen) -> None:
    drawn = screen.kernel.ask("painted(w, colormap=w.colormap)")
    screen.explorer.expect_pixels(read_png(base64.b64decode(drawn)))
