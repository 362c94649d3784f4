"""What is kept for exploring: the last few pictures, up to a number of bytes, until the widget is closed."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from xcnn_widgets.passes.forward_pass import ForwardPass
from xcnn_widgets.study.batch_size import graph_bytes
from xcnn_widgets.study.exploration import Exploration
from xcnn_widgets.study.kept_passes import KeptPasses, saved_bytes
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ..widgets.conftest import to_input

SIDES = (24, 32)


@pytest.fixture
def runs(model: nn.Module) -> Iterator[list[int]]:
    """One entry for each run of the model."""
    ran: list[int] = []
    handle = model.register_forward_hook(lambda *_: ran.append(1))
    yield ran
    handle.remove()


@pytest.fixture
def record(model: nn.Module) -> Callable[[int, int], ForwardPass]:
    inputs = torch.rand(1, 3, *SIDES)
    return lambda index, gradients: ForwardPass(model, inputs, ["7"], cache_bytes=gradients)


@pytest.fixture
def one(record: Callable[[int, int], ForwardPass]) -> int:
    """The bytes of one pass before anything was asked of it; the first also finds out what is written into."""
    record(0, 0)
    forward = record(0, 0)
    return saved_bytes(forward) + forward.bytes


def test_the_graph_of_a_recorded_pass_is_measured_without_recording_it_again(
    model: nn.Module, runs: list[int]
) -> None:
    inputs = torch.rand(1, 3, *SIDES)
    forward = ForwardPass(model, inputs, [])
    before = len(runs)
    measured = saved_bytes(forward)
    assert len(runs) == before
    assert measured == graph_bytes(model, inputs)
    assert measured > 4 * 8 * SIDES[0] * SIDES[1]


def test_measuring_does_not_compute_again_what_a_model_chose_not_to_keep() -> None:
    ran = []

    class Thrifty(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)

        def part(self, x: torch.Tensor) -> torch.Tensor:
            ran.append(1)
            return self.conv(x).relu()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.fc(checkpoint(self.part, x, use_reentrant=False).mean((2, 3)))

    forward = ForwardPass(Thrifty(), torch.rand(1, 3, *SIDES), [])
    before = len(ran)
    assert saved_bytes(forward) < 4 * 4 * SIDES[0] * SIDES[1]
    assert len(ran) == before


def test_the_passes_of_the_last_few_pictures_are_kept(
    record: Callable[[int, int], ForwardPass],
) -> None:
    passes = KeptPasses(2**30, record)
    made = [passes.obtain(index) for index in range(4)]
    assert passes.obtain(0) is made[0]
    passes.obtain(4)
    assert [passes.get(index) is not None for index in range(5)] == [True, False, True, True, True]


def test_bytes_bound_what_is_kept_and_the_picture_seen_longest_ago_goes_first(
    record: Callable[[int, int], ForwardPass], one: int
) -> None:
    passes = KeptPasses(int(2.5 * one), record)
    for index in (0, 1, 0, 2):
        passes.obtain(index)
        passes.trim()
        assert passes.bytes <= 2.5 * one
    assert [passes.get(index) is not None for index in range(3)] == [True, False, True]


def test_gradients_count_as_well(record: Callable[[int, int], ForwardPass], one: int) -> None:
    passes = KeptPasses(2 * one + 100, record)
    passes.obtain(0)
    passes.obtain(1)
    assert passes.bytes == 2 * one
    passes.obtain(1).gradient(0, "7")
    assert passes.bytes > 2 * one + 100
    passes.trim()
    assert passes.get(0) is None
    assert passes.get(1) is not None


def test_room_is_made_before_the_next_pass_is_recorded(
    record: Callable[[int, int], ForwardPass], one: int
) -> None:
    kept_while_recording = []

    def watched(index: int, gradients: int) -> ForwardPass:
        kept_while_recording.append(len(passes))
        return record(index, gradients)

    passes = KeptPasses(int(2.5 * one), watched)
    for index in range(4):
        passes.obtain(index)
    assert kept_while_recording == [0, 1, 1, 1]


def test_a_pass_that_is_let_go_of_is_freed(
    record: Callable[[int, int], ForwardPass], one: int
) -> None:
    passes = KeptPasses(int(1.5 * one), record)
    first = weakref.ref(passes.obtain(0))
    passes.obtain(1)
    gc.collect()
    assert first() is None


def test_with_no_bytes_every_answer_is_right_and_nothing_is_kept(
    model: nn.Module, pictures: Any, widget: ExplainerWidget
) -> None:
    thrifty = ExplainerWidget(model, pictures, transform=to_input, graph_bytes=0)
    for choice in (
        {"layer": "4"},
        {"target": 2},
        {"image_index": 1},
        {"method": "guided_grad_cam"},
    ):
        thrifty.set_state(choice)
        widget.set_state(choice)
        assert thrifty.error == ""
        assert not any(thrifty.exploration.keeps(index) for index in range(3))
        np.testing.assert_array_equal(thrifty.heatmap, widget.heatmap)
    thrifty.close()


def test_going_back_to_a_picture_that_is_kept_does_not_run_the_model(
    widget: ExplainerWidget, runs: list[int]
) -> None:
    for index in (0, 1, 2):
        widget.image_index = index
    runs.clear()
    for index in (0, 1, 2):
        widget.image_index = index
        widget.target = index
    assert runs == []


@pytest.mark.parametrize("wrong", [-1, 1.5, "1 GB", True])
def test_a_wrong_number_of_bytes_is_refused_by_name(
    model: nn.Module, pictures: Any, wrong: Any
) -> None:
    with pytest.raises(ValueError, match="graph_bytes is"):
        ExplainerWidget(model, pictures, transform=to_input, graph_bytes=wrong)


def test_closing_frees_the_graphs_also_of_work_that_ends_later(
    model: nn.Module, pictures: Any
) -> None:
    exploration = Exploration(model, pictures, transform=to_input)
    kept = exploration.forward(0)
    exploration.close()
    with pytest.raises(RuntimeError, match="was closed"):
        kept.gradient(0)
    late = weakref.ref(exploration.forward(1))
    gc.collect()
    assert late() is None
    assert exploration._passes.bytes == 0
