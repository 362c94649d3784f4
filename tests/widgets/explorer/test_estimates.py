"""RISE in the explorer: an estimate that gets better, Stop that keeps it, and the latest choice that wins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets import ExplainerWidget
from xcnn_widgets.network import Cancelled

from ..conftest import to_input


class Counted(nn.Module):
    """A model that lets so many batches through, and then waits for more."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.conv, self.fc = nn.Conv2d(3, 4, 3), nn.Linear(4, 3)
        self.may, self.waiting = threading.Semaphore(0), threading.Event()

    def forward(self, x: Tensor) -> Tensor:
        if len(x) > 1 and not self.may.acquire(blocking=False):
            self.waiting.set()
            assert self.may.acquire(timeout=60)
        return self.fc(self.conv(x).relu().mean((2, 3)))

    def let(self, batches: int) -> None:
        """Let so many more through, and wait until the next one comes."""
        self.waiting.clear()
        for _ in range(batches):
            self.may.release()
        assert self.waiting.wait(6)


@pytest.fixture
def counted(pictures: Any) -> Iterator[tuple[ExplainerWidget, Counted]]:
    model = Counted()
    widget = ExplainerWidget(
        model, pictures, transform=to_input, methods=["grad_cam", "rise", "occlusion"]
    )
    yield widget, model
    for _ in range(4000):
        model.may.release()
    widget.wait(60)
    widget.close()


def test_the_estimate_gets_better_on_screen_while_it_is_made(counted: Any) -> None:
    widget, model = counted
    maps: list[Any] = []
    widget.observe(lambda change: maps.append(change.new), "_map")
    widget.set_state({"method": "rise"})
    assert model.waiting.wait(60)
    assert (widget.progress, widget._keeps_estimate) == (0, False)
    model.let(1)
    assert widget.shown.map["method"] == "rise"
    assert widget.note.startswith("An estimate so far, after ")
    assert widget._keeps_estimate
    assert widget.progress > 0
    first = widget.heatmap.copy()
    model.let(10)
    assert not np.array_equal(widget.heatmap, first)
    for _ in range(4000):
        model.may.release()
    widget.wait(60)
    assert 5 < len(maps) < 40
    assert (widget.note, widget.progress, widget._keeps_estimate) == ("", None, False)
    inputs = widget.exploration.prepared(0).input[None]
    whole = xw.explain(model, inputs, "rise", exact=False).heatmaps()[0]
    np.testing.assert_allclose(widget.heatmap, whole, atol=1e-4)


def test_stop_keeps_the_estimate_and_says_how_far_it_came(counted: Any) -> None:
    widget, model = counted
    widget.set_state({"method": "rise"})
    assert model.waiting.wait(60)
    model.let(3)
    widget.set_state({"_cancel": 1})
    assert widget.status.startswith("Stopping")
    model.may.release()
    widget.wait(60)
    assert (widget.method, widget.shown.map["method"]) == ("rise", "rise")
    assert "Stopped after " in widget.note
    assert " of 1000 masks." in widget.note
    assert (widget.error, widget.progress, widget._keeps_estimate) == ("", None, False)
    stopped = widget.heatmap.copy()
    # It is no answer: who asks once more gets the whole one.
    widget.method = "grad_cam"
    for _ in range(4000):
        model.may.release()
    widget.method = "rise"
    assert widget.note == ""
    assert not np.array_equal(widget.heatmap, stopped)


def test_before_the_first_estimate_cancel_goes_back(counted: Any) -> None:
    widget, model = counted
    widget.set_state({"method": "rise"})
    assert model.waiting.wait(60)
    widget.set_state({"_cancel": 1})
    assert (widget.method, widget.progress) == ("grad_cam", None)
    assert widget.status.startswith("Cancelled")
    model.may.release()
    widget.wait(60)
    assert widget.shown.map["method"] == "grad_cam"


def test_the_latest_choice_wins_over_an_estimate(counted: Any) -> None:
    widget, model = counted
    before = widget.heatmap.copy()
    widget.set_state({"method": "rise"})
    assert model.waiting.wait(60)
    model.let(2)
    widget.set_state({"method": "grad_cam"})
    assert widget.shown.map["method"] == "grad_cam"
    np.testing.assert_array_equal(widget.heatmap, before)
    model.may.release()
    widget.wait(60)
    assert widget.shown.map["method"] == "grad_cam"
    assert (widget.note, widget.progress, widget._keeps_estimate) == ("", None, False)


@pytest.mark.parametrize(
    "name", ["score_cam", "ablation_cam", "integrated_gradients", "smooth_grad", "occlusion"]
)
def test_each_slow_method_tells_its_progress_and_is_cancelled(
    model: nn.Module, pictures: Any, name: str
) -> None:
    widget = ExplainerWidget(model, pictures, transform=to_input, methods=["saliency", name])
    shares: list[float] = []
    widget.observe(lambda change: shares.append(change.new), "progress")
    widget.method = name
    told = [share for share in shares if share is not None]
    assert told == sorted(told)
    assert told[-1] == 1
    widget.method = "saliency"
    inputs = widget.exploration.prepared(0).input[None]
    direct: list[float] = []
    xw.explain(model, inputs, name, progress=direct.append)
    assert direct[-1] == 1
    with pytest.raises(Cancelled):
        xw.explain(model, inputs, name, cancelled=lambda: True)
    widget.close()


def test_a_method_of_other_code_runs_without_telling_how_far_it_is(
    model: nn.Module, pictures: Any
) -> None:
    def silent(net: nn.Module, inputs: Tensor, target: Tensor, layer: Any) -> Tensor:
        return inputs.sum(dim=1).detach() + net(inputs).sum().detach()

    mine = xw.method("silent", "Silent", silent, "perturbation")
    widget = ExplainerWidget(model, pictures, transform=to_input, methods=["grad_cam", mine])
    shares: list[float | None] = []
    widget.observe(lambda change: shares.append(change.new), "progress")
    widget.method = "silent"
    assert widget.status.startswith("Silent for ")
    assert shares == [0.0, None]
    widget.close()
