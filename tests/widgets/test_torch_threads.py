"""Torch's helper threads make way for each other, and come back."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from xcnn_widgets.widgets.explorer.widget import ExplainerWidget
from xcnn_widgets.widgets.torch_threads import alone, leave_a_core, let_helpers_go
from xcnn_widgets.widgets.worker import Worker

PATIENCE = 60
needs_gnu = pytest.mark.skipif(
    sys.platform != "linux", reason="torch comes with GNU's OpenMP on Linux only"
)


@pytest.fixture
def three_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def _compute() -> torch.Tensor:
    return torch.ones(3_000_000).exp()


def _threads() -> int:
    """How many threads there are that Python does not know, as torch's helpers are."""
    known = {str(thread.native_id) for thread in threading.enumerate()}
    return sum(1 for task in Path("/proc/self/task").iterdir() if task.name not in known)


def _expect_fewer(before: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while _threads() >= before:
        assert time.monotonic() < deadline, "nobody has gone"
        time.sleep(0.01)


@pytest.mark.usefixtures("three_threads")
def test_a_core_is_left_to_others() -> None:
    counts: dict[str, int] = {}

    def count(name: str) -> None:
        counts[name] = torch.get_num_threads()

    def work() -> None:
        leave_a_core()
        count("ahead")

    for target, args in ((work, ()), (count, ("a new thread",))):
        thread = threading.Thread(target=target, args=args)
        thread.start()
        thread.join()
    count("here")
    assert counts == {"ahead": 2, "a new thread": 3, "here": 3}


@needs_gnu
@pytest.mark.usefixtures("three_threads")
def test_helpers_go_and_come_again() -> None:
    _compute()
    with_helpers = _threads()
    let_helpers_go()
    _expect_fewer(with_helpers - 1)
    assert torch.equal(_compute(), torch.full((3_000_000,), torch.e))
    assert torch.get_num_threads() == 3 and _threads() == with_helpers


@needs_gnu
@pytest.mark.usefixtures("three_threads")
def test_a_worker_has_the_cores_for_itself() -> None:
    """Helpers of whoever asked for its work are gone when it computes."""
    _compute()
    with_helpers = _threads()
    go = threading.Event()
    worker = Worker("xcnn-test")
    worker.start(lambda _: _wait_and_compute(go))
    _expect_fewer(with_helpers - 1)
    go.set()
    worker.wait(PATIENCE)


def _wait_and_compute(go: threading.Event) -> None:
    assert go.wait(PATIENCE)
    _compute()


@needs_gnu
@pytest.mark.usefixtures("three_threads")
def test_a_thread_computes_alone_and_no_other_does() -> None:
    counts: list[int] = []
    _let_all_go()
    without_helpers = _threads()
    with pytest.raises(KeyError), alone():
        torch.ones(3_000_000).add_(1)
        assert _threads() == without_helpers
        thread = threading.Thread(target=lambda: counts.append(torch.get_num_threads()))
        thread.start()
        thread.join()
        counts.append(torch.get_num_threads())
        raise KeyError
    counts.append(torch.get_num_threads())
    assert counts == [3, 1, 3]
    torch.ones(3_000_000).add_(1)
    assert _threads() > without_helpers


@needs_gnu
@pytest.mark.usefixtures("three_threads")
def test_a_thread_that_begins_alone_goes_on_as_every_other() -> None:
    counts: list[int] = []

    def begin() -> None:
        for context in (alone(), nullcontext()):
            with context:
                torch.ones(3_000_000).add_(1)
                counts.append(torch.get_num_threads())

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    assert counts == [1, 3]


@needs_gnu
@pytest.mark.usefixtures("three_threads")
def test_a_look_at_what_is_known_waits_for_no_helper() -> None:
    """Also of a heatmap large enough for torch to divide it; who observes it computes as ever."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    side, seen = 512, []
    widget = ExplainerWidget(
        model, {"noise": torch.rand(3, side, side)}, transform=_as_it_is, ahead=False, target=0
    )
    widget.target = 1
    _compute()
    _let_all_go()
    without_helpers = _threads()
    widget.target = 0
    assert _threads() == without_helpers and widget.heatmap.shape == (side, side)
    widget.observe(lambda _: seen.append(torch.get_num_threads()), "heatmap")
    widget.target = 1
    assert seen == [3]


def _as_it_is(picture: object) -> torch.Tensor:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 255


def _let_all_go() -> None:
    """Until the last helper has gone."""
    _compute()
    with_helpers = _threads()
    let_helpers_go()
    _expect_fewer(with_helpers - 1)
