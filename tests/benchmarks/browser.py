"""From the hand to the pixel, in JupyterLab and Chromium: how long a choice takes until other pixels are drawn."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import torch

from .networks import Network
from .rows import Row, row
from .timing import QUICK, Effort

if TYPE_CHECKING:
    from ..browser.lab import Lab
    from ..browser.server import Kernel
    from .drag import Drag
    from .views_on_screen import Trial

# Beyond the round trip of an empty slider, and for a frame of a drag, in milliseconds.
_BEYOND_SLIDER, _FRAME = 60.0, 16.0
_LARGE = 512


@dataclass(frozen=True)
class Plan:
    """How much to look at.

    Attributes
    ----------
    pictures, steps, times
        How many pictures; how many steps away from the first view of each, in classes, layers and methods, and back;
        and how often.
    moves
        How many steps the mouse takes on the opacity slider.
    ahead
        Whether the widget answers ahead, as it does for a person; what is new before it is asked for is then left to the
        machine's speed.
    """

    pictures: int = 2
    steps: int = 4
    times: int = 2
    moves: int = 200
    ahead: bool = True


QUICK_PLAN = Plan(pictures=1, steps=1, times=1, moves=4, ahead=False)


def missing() -> str:
    """What this machine lacks for the question; empty if nothing."""
    lacking = [name for name in ("jupyterlab", "playwright") if find_spec(name) is None]
    if lacking:
        return f"{' and '.join(lacking)} cannot be imported; `make setup` installs both"
    from ..browser.chromium import MISSING, chromium

    return MISSING if chromium() is None else ""


def screen(network: Network, effort: Effort) -> Iterator[Row]:
    """From a key to changed pixels in JupyterLab and Chromium, against the empty slider's median round trip and 60 ms; and the work of a frame while the opacity is dragged."""
    from playwright.sync_api import ViewportSize, sync_playwright

    from ..browser.chromium import launch
    from ..browser.lab import Lab
    from ..browser.processes import PATIENCE
    from ..browser.server import running_server

    plan = QUICK_PLAN if effort == QUICK else Plan()
    with ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory())
        server = running.enter_context(running_server(Path(folder)))
        chromium = launch(running.enter_context(sync_playwright()))
        running.callback(chromium.close)
        context = chromium.new_context(viewport=ViewportSize(width=1180, height=900))
        context.set_default_timeout(1000 * PATIENCE)
        kernel = server.start_kernel()
        running.callback(kernel.close)
        lab = Lab(context, server)
        yield from in_lab(lab, kernel, network.name, plan, torch.get_num_threads())


def in_lab(lab: Lab, kernel: Kernel, network: str, plan: Plan, threads: int) -> Iterator[Row]:
    """Measure a network in a page of JupyterLab."""
    from .drag import drag
    from .views_on_screen import looked_around, opened

    with opened(lab, kernel, network, plan.pictures, threads, ahead=plan.ahead) as shown:
        slider, trials = looked_around(shown, plan.pictures, plan.steps, plan.times)
    yield from _rows_of_trials(network, median(slider), trials)
    yield _row_of_drag(network, drag(lab, kernel, network, _LARGE, plan.moves))


def _rows_of_trials(network: str, slider: float, trials: list[Trial]) -> Iterator[Row]:
    limit = slider + _BEYOND_SLIDER
    for kind, known in product(("class", "layer", "method"), (True, False)):
        alike = [trial for trial in trials if (trial.kind, trial.is_known) == (kind, known)]
        seen = [trial for trial in alike if trial.total is not None]
        totals = [trial.total for trial in seen if trial.total is not None]
        if not totals:
            continue
        away = median(trial.away for trial in seen)
        messages, back = (
            median(counts)
            for counts in zip(*((trial.messages, trial.bytes_back) for trial in seen), strict=True)
        )
        note = (
            f"p95 {p95(totals):.0f} ms; slider {slider:.0f}, to the kernel and back {away:.0f}, "
            f"in the page {median(totals) - away:.0f}; {messages:g} message, {back:g} bytes back"
        )
        yield row(
            f"screen {kind}, {'known' if known else 'new'}",
            network,
            "empty slider + 60 ms",
            totals,
            [limit] * len(totals),
            "ms",
            at_most=True,
            note=note,
        )


def _row_of_drag(network: str, found: Drag) -> Row:
    return row(
        "screen drag",
        network,
        "16 ms",
        found.work,
        [_FRAME] * len(found.work),
        "ms",
        at_most=True,
        note=f"p95 {p95(found.work):.0f} ms; {found.messages} messages in {found.moves} moves",
    )


def p95(samples: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(samples, n=20, method="inclusive")[-1] if len(samples) > 1 else samples[0]
