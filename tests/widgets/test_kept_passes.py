"""How many recorded forward passes a widget keeps, and that it lets go of them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.attribution.forward_pass import ForwardPass
from xcnn_widgets.widgets.explainer_widget import ExplainerWidget
from xcnn_widgets.widgets.kept_passes import KeptPasses, recorded_bytes

from .conftest import to_input


@contextmanager
def counted(model: nn.Module) -> Iterator[list[int]]:
    """The runs of a model, while open."""
    runs: list[int] = []
    handle = model.register_forward_hook(lambda *_: runs.append(1))
    try:
        yield runs
    finally:
        handle.remove()


@pytest.fixture
def many() -> dict[str, Any]:
    random = np.random.default_rng(2)
    return {f"p{i}": random.integers(0, 256, (40, 56, 3), dtype=np.uint8) for i in range(6)}


def explorer(model: nn.Module, images: Any, **options: Any) -> ExplainerWidget:
    widget = ExplainerWidget(model, images, transform=to_input, **options)
    widget.wait(60)
    return widget


def test_going_back_to_one_of_the_last_four_pictures_does_not_run_the_model(
    model: nn.Module, many: Any
) -> None:
    widget = explorer(model, many)
    for index in range(6):
        widget.image_index = index
    with counted(model) as runs:
        for index in (2, 3, 4, 5):
            widget.image_index = index
            widget.target = 1
            widget.target = None
    assert runs == []
    with counted(model) as runs:
        widget.image_index = 0
        widget.target = 2
    assert len(runs) == 1
    widget.close()


def test_without_room_only_the_pass_of_the_picture_shown_is_kept(
    model: nn.Module, many: Any
) -> None:
    widget = explorer(model, many, graph_bytes=0)
    kept = widget._exploration._passes
    widget.image_index = 1
    assert len(kept) == 1
    assert 1 in kept
    with counted(model) as runs:
        widget.target = 3
    assert runs == []
    widget.close()


def test_the_bytes_kept_stay_below_the_limit_also_when_gradients_are_added(
    model: nn.Module, many: Any
) -> None:
    one = explorer(model, many)
    alone = one._exploration._passes.bytes
    one.close()
    limit = int(2.7 * alone)
    widget = explorer(model, many, graph_bytes=limit)
    kept = widget._exploration._passes
    for index in range(4):
        for target in range(4):
            widget.set_state({"image_index": index, "target": target, "method": "saliency"})
            widget.set_state({"method": "guided_grad_cam", "layer": "1"})
            assert len(kept) == 1 or kept.bytes <= limit
            assert index in kept
    assert widget.error == ""
    widget.image_index = 0
    widget.image_index = 1
    assert len(kept) == 2
    widget.close()


def test_the_bytes_of_a_graph_are_what_backward_needs() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    ).eval()
    forward = ForwardPass(model, torch.rand(1, 3, 8, 10), ["1"])
    # The convolution keeps its input, the ReLU its output.
    assert recorded_bytes(forward) == 4 * (3 * 8 * 10 + 4 * 8 * 10)


def test_measuring_a_graph_leaves_nothing_behind(model: nn.Sequential) -> None:
    forward = ForwardPass(model, torch.rand(1, 3, 40, 56))
    outputs: list[weakref.ref[Tensor]] = []
    with_hook = model[1].register_forward_hook(
        lambda _, __, output: outputs.append(weakref.ref(output))
    )
    gc.disable()
    try:
        recorded_bytes(forward)
        assert [output() for output in outputs] == [None]
    finally:
        gc.enable()
        with_hook.remove()


def test_closing_a_widget_frees_the_graphs_and_nothing_is_kept_afterwards(
    model: nn.Sequential, many: Any
) -> None:
    widget = explorer(model, many)
    widget.image_index = 1
    exploration = widget._exploration
    inputs = [weakref.ref(exploration.forward(index)._recording.input) for index in (0, 1)]
    assert all(each() is not None for each in inputs)
    widget.close()
    assert [each() for each in inputs] == [None, None]
    exploration.forward(2)
    assert len(exploration._passes) == 0


@pytest.mark.parametrize(
    ("limit", "error", "says"),
    [
        (-1, ValueError, "expected 0 or more"),
        (1.5, TypeError, "whole number"),
        (True, TypeError, "whole number"),
    ],
)
def test_a_limit_that_is_no_number_of_bytes_is_refused(
    limit: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=f"graph_bytes is {limit}.*{says}"):
        KeptPasses(limit)
