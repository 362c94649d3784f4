"""From the hand to the pixel, in JupyterLab and Chromium: how long a choice takes until other pixels are drawn."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from .rows import Bound, Row

if TYPE_CHECKING:
    from ..browser.lab import Lab
    from ..browser.server import Kernel
    from .drag import Drag
    from .walk import Trial

# Beyond the round trip of an empty slider, and for a frame of a drag, in milliseconds.
_BEYOND_BARE, _FRAME = 60.0, 16.0
_LARGE = 512
_PARTS = ("compute", "kernel", "wire", "drawing")


@dataclass(frozen=True)
class Plan:
    """How much to look at.

    Attributes
    ----------
    pictures, steps, walks
        How many pictures; how many steps away from the first view of each, in classes, layers and methods, and back;
        and how often.
    presses, moves
        How often a key is pressed on the empty slider before each picture; how many steps the mouse takes on the
        opacity slider.
    ahead
        Whether the widget answers ahead, as it does for a person; what is new before it is asked for is then left to the
        machine's speed.
    """

    pictures: int = 5
    steps: int = 4
    walks: int = 2
    presses: int = 10
    moves: int = 200
    ahead: bool = True


QUICK_PLAN = Plan(pictures=1, steps=1, walks=1, presses=1, moves=4, ahead=False)


def missing() -> str:
    """What this machine lacks for the question; empty if nothing."""
    lacking = [name for name in ("jupyterlab", "playwright") if find_spec(name) is None]
    if lacking:
        return f"{' and '.join(lacking)} cannot be imported; `make setup` installs both"
    from ..browser.chromium import MISSING, chromium

    return MISSING if chromium() is None else ""


def browser(network: str, device: str, plan: Plan, threads: int) -> Iterator[Row]:
    """Start JupyterLab and Chromium, and measure a network there."""
    from playwright.sync_api import ViewportSize, sync_playwright

    from ..browser.chromium import launch
    from ..browser.lab import Lab
    from ..browser.server import PATIENCE, running_server

    with ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory())
        server = running.enter_context(running_server(Path(folder)))
        chromium = launch(running.enter_context(sync_playwright()))
        running.callback(chromium.close)
        context = chromium.new_context(viewport=ViewportSize(width=1180, height=900))
        context.set_default_timeout(1000 * PATIENCE)
        kernel = server.start_kernel()
        running.callback(kernel.close)
        yield from in_lab(Lab(context, server), kernel, network, device, plan, threads)


def in_lab(
    lab: Lab, kernel: Kernel, network: str, device: str, plan: Plan, threads: int
) -> Iterator[Row]:
    """Measure a network in a page of JupyterLab."""
    from .drag import drag
    from .walk import Trial, opened, walk

    shown = f"{network!r}, {device!r}, {plan.pictures}, ahead={plan.ahead}"
    with opened(lab, kernel, shown, threads) as screen:
        found = list(walk(screen, plan.pictures, plan.steps, plan.walks, plan.presses))
    trials = [each for each in found if isinstance(each, Trial)]
    bare = [each for each in found if not isinstance(each, Trial)]
    yield from _rows_of_trials(network, bare, trials)
    yield from _rows_of_drag(network, drag(lab, kernel, network, _LARGE, plan.moves))


def _rows_of_trials(network: str, bare: list[float], trials: list[Trial]) -> Iterator[Row]:
    round_trip = median(bare)
    for kind, cached in product(("class", "layer", "method"), (True, False)):
        alike = [trial for trial in trials if (trial.kind, trial.cached) == (kind, cached)]
        seen = [trial for trial in alike if trial.total is not None]
        if not seen:
            continue
        totals = [trial.total for trial in seen if trial.total is not None]
        parts = {part: [trial.parts[part] for trial in seen] for part in _PARTS}
        details = {"median": median(totals), "p95": p95(totals)}
        details |= {part: median(values) for part, values in parts.items()}
        details |= {f"{part} p95": p95(values) for part, values in parts.items()}
        details |= {name: median(t.messages[name] for t in seen) for name in seen[0].messages}
        details |= {"slider": round_trip, "slider p95": p95(bare), "same": len(alike) - len(seen)}
        known = "known" if cached else "new"
        yield _row(
            f"9 {kind} to pixels, {known} view",
            network,
            "empty slider + 60 ms",
            totals,
            round_trip + _BEYOND_BARE,
            Bound("at_most", 1.0 if cached else None),
            ("a key on the control, until the canvas read back after a frame is another", "p95"),
            details,
        )


def _rows_of_drag(network: str, found: Drag) -> Iterator[Row]:
    details = {
        "median": median(found.work),
        "p95": p95(found.work),
        "interval": median(found.intervals),
        "interval p95": p95(found.intervals),
        "frames": len(found.work),
        "moves": found.moves,
    }
    called = f"the mouse on the opacity slider, {_LARGE} x {_LARGE} pixels"
    yield _row(
        "9 opacity drag, frame",
        network,
        "16 ms",
        found.work,
        _FRAME,
        Bound("at_most", 1.0),
        (called, "p95 of a frame's work in the page"),
        details,
    )
    yield Row(
        question="9 opacity drag, messages",
        network=network,
        rival="none",
        ratio=found.messages,
        low=found.messages,
        high=found.messages,
        side="at_most",
        must=0.0,
        aim=None,
        met=found.messages == 0,
        reached=None,
        ours=found.messages,
        theirs=0.0,
        unit="messages",
        ours_called=called,
        rival_called="messages of widgets to the kernel",
        samples=found.moves,
    )


def p95(samples: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(samples, n=20, method="inclusive")[-1] if len(samples) > 1 else samples[0]


def _row(
    question: str,
    network: str,
    rival: str,
    samples: list[float],
    limit: float,
    bound: Bound,
    called: tuple[str, str],
    details: Mapping[str, float],
) -> Row:
    """The 95th percentile of some milliseconds against a limit."""
    slowest = p95(samples)
    low, _, high = quantiles(samples, n=4, method="inclusive") if len(samples) > 1 else samples * 3
    ours_called, rival_called = called
    return Row(
        question=question,
        network=network,
        rival=rival,
        ratio=slowest / limit,
        low=low / limit,
        high=high / limit,
        side=bound.side,
        must=bound.must,
        aim=bound.aim,
        met=bound.keeps(slowest / limit, bound.must),
        reached=bound.keeps(slowest / limit, bound.aim),
        ours=slowest,
        theirs=limit,
        unit="ms",
        ours_called=ours_called,
        rival_called=rival_called,
        samples=len(samples),
        details=details,
    )
