"""How far a question travels through the package: ``python -m tests.benchmarks.trips``.

A trip is what runs between a choice and its answer, in every thread. It has two figures:

files
    The distinct files of the package of which a function runs.
moves
    The steps from one of these files into another. Coming in from outside is one. After that, a call whose nearest caller
    within the package stands in another file is one, and its return is one. Code outside the package between the two
    (torch, traitlets, a hook's caller) does not count.

The trips are made on ResNet-18 with random weights: a layer chosen as the page chooses it, for the first time and again;
`explain` with a layer; and a page of four pictures in a gallery with its two usual methods. Each is made a few times
after one that is thrown away, and the shortest counts: a thread that has to wait for another adds some moves.

It is a thermometer of the floor plan, not a goal.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Self

import xcnn_widgets as xw

from .networks import Network, as_it_is, network, noise_pictures

_ATTEMPTS = 3
_ROWS_A_PAGE = 4


@dataclass(frozen=True)
class Trip:
    """The distinct files that ran, and the moves between them."""

    files: int
    moves: int


class Trace:
    """Counts trips through the package in a folder, made by this thread and by those that start under the trace."""

    def __init__(self, package: Path) -> None:
        self._inside = f"{package}/"
        self._counting = False
        # Appending is safe from several threads at once; adding up is not.
        self._calls: list[tuple[str | None, str]] = []

    def __enter__(self) -> Self:
        self._before = sys.getprofile(), threading.getprofile()
        threading.setprofile(self._see)
        sys.setprofile(self._see)
        return self

    def __exit__(self, *_: object) -> None:
        mine, of_new_threads = self._before
        sys.setprofile(mine)
        threading.setprofile(of_new_threads)

    def count(self, trip: Callable[[], object]) -> Trip:
        """Make a trip."""
        self._calls.clear()
        self._counting = True
        try:
            trip()
        finally:
            self._counting = False
        into_another = sum(caller not in (None, file) for caller, file in self._calls)
        return Trip(len({file for _, file in self._calls}), 1 + 2 * into_another)

    def _see(self, frame: FrameType, event: str, _: Any) -> None:
        if self._counting and event == "call" and self._is_inside(frame):
            self._calls.append((self._nearest(frame.f_back), frame.f_code.co_filename))

    def _nearest(self, frame: FrameType | None) -> str | None:
        """The file of the nearest frame within the package, up from this one."""
        while frame is not None and not self._is_inside(frame):
            frame = frame.f_back
        return None if frame is None else frame.f_code.co_filename

    def _is_inside(self, frame: FrameType) -> bool:
        return frame.f_code.co_filename.startswith(self._inside)


def trips(measured: Network) -> dict[str, Trip]:
    """Make each trip through the installed package on a network."""
    found: dict[str, list[Trip]] = {}
    with Trace(Path(xw.__file__).parent) as trace:
        for _ in range(1 + _ATTEMPTS):
            for name, trip in _once(measured, trace):
                found.setdefault(name, []).append(trip)
    return {name: min(some[1:], key=lambda trip: trip.moves) for name, some in found.items()}


def _once(measured: Network, trace: Trace) -> Iterator[tuple[str, Trip]]:
    pictures = noise_pictures(measured.side, 2 * _ROWS_A_PAGE)
    last, earlier = measured.layers[-1], measured.layers[-3]
    # Neither answers ahead of the hand nor thumbnails are to come in between.
    explorer = xw.ExplainerWidget(measured.model, pictures, transform=as_it_is, ahead=False)
    explorer.wait()
    yield "a layer, first time", trace.count(lambda: explorer.set_state({"layer": earlier}))
    yield "a layer, known view", trace.count(lambda: explorer.set_state({"layer": last}))
    explorer.close()
    yield (
        "explain with a layer",
        trace.count(lambda: xw.explain(measured.model, measured.inputs, layer=earlier)),
    )
    gallery = xw.GalleryWidget(measured.model, pictures, transform=as_it_is, page_size=_ROWS_A_PAGE)
    gallery.wait()

    def turn_the_page() -> None:
        gallery.set_state({"page": 1})
        gallery.wait()

    yield "a gallery page", trace.count(turn_the_page)
    gallery.close()


def main() -> int:
    """Print the table of trips."""
    print(f"{'trip':<22}{'files':>7}{'moves':>7}")
    for name, trip in trips(network("resnet18")).items():
        print(f"{name:<22}{trip.files:>7}{trip.moves:>7}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
