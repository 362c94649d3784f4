"""Slow methods: progress, cancelling, and the latest request wins."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from traitlets import TraitError

from xcnn_widgets.network.cancelling import Cancelled
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget
from xcnn_widgets.widgets.worker import Job, Worker

from ..conftest import to_input


class Gated(nn.Module):
    """A model that lets batches of more than one through only while its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.conv, self.fc = nn.Conv2d(3, 4, 3), nn.Linear(4, 3)
        self.gate, self.waiting = threading.Event(), threading.Event()
        self.batches = 0

    def forward(self, x: Tensor) -> Tensor:
        if len(x) > 1:
            self.batches += 1
            self.waiting.set()
            assert self.gate.wait(60)
        return self.fc(self.conv(x).relu().mean((2, 3)))


@pytest.fixture
def gated(pictures: Any) -> Any:
    model = Gated()
    widget = ExplainerWidget(model, pictures, transform=to_input, patch=4, stride=2)
    widget.wait(60)
    yield widget, model
    model.gate.set()
    widget.close()


def test_occlusion_from_the_browser_returns_at_once_tells_its_progress_and_is_shown(
    gated: Any,
) -> None:
    widget, model = gated
    shares: list[Any] = []
    widget.observe(lambda change: shares.append(change.new), "progress")
    widget.set_state({"method": "occlusion"})
    assert model.waiting.wait(60)
    assert widget.progress == 0
    assert widget.shown.map["method"] == "grad_cam"
    model.gate.set()
    widget.wait(60)
    assert widget.shown.map["method"] == "occlusion"
    assert widget.progress is None
    told = [share for share in shares if share is not None]
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1] == 1


def test_cancel_keeps_what_was_shown_and_stops_the_work(gated: Any) -> None:
    widget, model = gated
    before = widget.heatmap.copy()
    widget.set_state({"method": "occlusion"})
    assert model.waiting.wait(60)
    widget.set_state({"_cancel": 1})
    assert widget.method == "grad_cam"
    assert widget.progress is None
    assert widget.status.startswith("Cancelled")
    model.gate.set()
    widget.wait(60)
    assert model.batches == 1
    assert widget.error == ""
    np.testing.assert_array_equal(widget.heatmap, before)


def test_the_latest_choice_wins_over_work_in_the_background(gated: Any) -> None:
    widget, model = gated
    widget.set_state({"method": "occlusion"})
    assert model.waiting.wait(60)
    model.gate.set()
    widget.set_state({"method": "saliency"})
    assert widget.shown.map["method"] == "saliency"
    widget.wait(60)
    assert widget.shown.map["method"] == "saliency"
    assert widget.progress is None


def test_a_newer_request_replaces_an_older_one(gated: Any) -> None:
    widget, model = gated
    widget.set_state({"method": "occlusion"})
    assert model.waiting.wait(60)
    widget.set_state({"patch": 8})
    widget.set_state({"patch": 6})
    model.gate.set()
    widget.wait(60)
    direct = ExplainerWidget(model, {"ant": widget.exploration.pictures.open(0)}, transform=to_input,
                             method="occlusion", patch=6, stride=2)  # fmt: skip
    np.testing.assert_allclose(widget.heatmap, direct.heatmap, atol=1e-6)


def test_what_goes_wrong_in_the_background_is_told_and_raised_by_wait(gated: Any) -> None:
    widget, model = gated
    model.gate.set()
    widget.set_state({"method": "occlusion", "patch": 3, "stride": 30})
    with pytest.raises(ValueError, match="stride 30 is larger than patch 3"):
        widget.wait(60)
    assert "stride 30 is larger than patch 3" in widget.error
    assert widget.progress is None
    widget.set_state({"stride": 3})
    widget.wait(60)
    assert widget.error == ""
    assert widget.shown.map["method"] == "occlusion"


def test_python_waits_for_slow_methods_and_learns_that_they_were_cancelled(gated: Any) -> None:
    widget, model = gated

    def cancel() -> None:
        assert model.waiting.wait(60)
        widget.set_state({"_cancel": 1})
        model.gate.set()

    other = threading.Thread(target=cancel)
    other.start()
    with pytest.raises(TraitError, match=r"method = 'occlusion'.*cancelled"):
        widget.method = "occlusion"
    other.join(60)
    assert widget.method == "grad_cam"
    widget.method = "occlusion"
    assert widget.shown.map["method"] == "occlusion"


def test_choices_from_two_threads_end_in_a_state_that_fits_together(
    model: nn.Module, pictures: Any
) -> None:
    # What works ahead runs the model too, also while its flags are looked at.
    widget = ExplainerWidget(model, pictures, transform=to_input, ahead=False)
    widget.wait(60)

    def flood(values: list[dict[str, Any]]) -> None:
        for _ in range(20):
            for value in values:
                widget.set_state(value)

    threads = [
        threading.Thread(
            target=flood, args=([{"layer": "1"}, {"layer": "4"}, {"target": 0}, {"target": 1}],)
        ),
        threading.Thread(
            target=flood,
            args=([{"method": "saliency"}, {"image_index": 1}, {"method": "grad_cam"}],),
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    widget.set_state({"layer": "7", "target": 2, "image_index": 2, "method": "grad_cam"})
    widget.wait(60)
    assert widget.error == ""
    assert widget.shown is not None
    assert (
        widget.shown.map["layer"],
        widget.shown.map["target"]["index"],
        widget.shown.map["image_index"],
    ) == (
        "7",
        2,
        2,
    )
    assert not any(module._forward_hooks for module in model.modules())
    assert all(module.training for module in model.modules())


def test_a_worker_raises_an_error_once_and_forgets_cancelled_work() -> None:
    worker = Worker("test")

    def fail(job: Job) -> None:
        raise ValueError("no")

    def stop(job: Job) -> None:
        raise Cancelled

    worker.start(fail)
    with pytest.raises(ValueError, match="no"):
        worker.wait(60)
    worker.wait(60)
    job = worker.start(stop)
    worker.wait(60)
    assert job.cancelled()
    assert not worker.busy


def test_waiting_too_long_is_a_timeout() -> None:
    worker, go = Worker("test"), threading.Event()

    def wait(job: Job) -> None:
        go.wait(60)

    worker.start(wait)
    with pytest.raises(TimeoutError, match=r"after 0\.01 s"):
        worker.wait(0.01)
    go.set()
    worker.wait(60)


def test_work_runs_in_the_context_of_whoever_asks_for_it() -> None:
    # A kernel keeps there which request is being answered, and takes what is said for an answer to it.
    asked_by: ContextVar[str] = ContextVar("asked_by")
    worker, found = Worker("test"), []
    for name in ("a cell", "the page"):
        asked_by.set(name)
        worker.start(lambda _: found.append(asked_by.get()))
        worker.wait(60)
    assert found == ["a cell", "the page"]
