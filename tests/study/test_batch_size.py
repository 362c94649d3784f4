"""How many pictures go through a model at once: measured by what one takes and the memory there is."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from xcnn_widgets.passes.fast.memory import out_of_memory
from xcnn_widgets.study.batch_size import BatchSize, graph_bytes, room_in_container

from ..widgets.gallery.parts import ColourModel, WatchedModel


def test_the_graph_of_one_picture_is_measured_without_the_weights() -> None:
    model = nn.Sequential(ColourModel(), nn.Linear(3, 50_000))
    one = 4 * 3 * 100 * 150
    # The input and the ReLU's result, and the scores.
    assert 2 * one <= graph_bytes(model, torch.rand(1, 3, 100, 150)) <= 5 * one + 4 * 50_000


def test_a_picture_on_which_measuring_fails_leaves_it_to_the_next() -> None:
    model = WatchedModel()
    size = BatchSize(None)
    size.measure(model, torch.ones(1, 3, 12, 20))
    assert size.value == 1
    size.measure(model, torch.rand(1, 3, 12, 20))
    assert size.value == 32
    hungry = WatchedModel()
    hungry.most = 0
    size = BatchSize(None)
    size.measure(hungry, torch.rand(1, 3, 12, 20))
    hungry.most = 9
    size.measure(hungry, torch.rand(1, 3, 12, 20))
    assert size.value == 1


def test_photos_go_through_a_processor_by_eights_and_small_pictures_by_more() -> None:
    model = nn.Sequential(nn.Conv2d(3, 64, 3, stride=2), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU())
    sizes = []
    for height, width in ((240, 320), (80, 100), (12, 16)):
        size = BatchSize(None)
        size.measure(model, torch.rand(1, 3, height, width))
        sizes.append(size.value)
    assert sizes[0] == 8
    assert 8 < sizes[1] < 32
    assert sizes[2] == 32


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (MemoryError(), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_errors_that_say_that_memory_ran_out_are_known(error: Exception, is_memory: bool) -> None:
    assert out_of_memory(error) is is_memory


def test_a_containers_limit_counts(tmp_path: Path) -> None:
    assert room_in_container(tmp_path) is None
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("300\n")
    assert room_in_container(tmp_path) is None
    (tmp_path / "memory.max").write_text("1000\n")
    assert room_in_container(tmp_path) == 700
    old = tmp_path / "old" / "memory"
    old.mkdir(parents=True)
    (old / "memory.limit_in_bytes").write_text("500")
    (old / "memory.usage_in_bytes").write_text("100")
    assert room_in_container(tmp_path / "old") == 400
