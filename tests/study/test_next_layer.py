"""A layer whose map is zero names the nearest one before it whose map is not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.transforms import ToTensor

from xcnn_widgets import ExplainerWidget

LAYERS = ["1", "3", "5"]


def turned_round(last: float = -1.0) -> nn.Sequential:
    """Layer 1 answers with what is bright, 3 and 5 with what is dark; the first class is minus that."""
    first, second, third = (nn.Conv2d(i, 1, 1) for i in (3, 1, 1))
    linear = nn.Linear(1, 2, bias=False)
    with torch.no_grad():
        for conv, weight, bias in ((first, 1.0, 0.0), (second, -1.0, 5.0), (third, 1.0, 0.0)):
            conv.weight.fill_(weight)
            conv.bias.fill_(bias)
        linear.weight.copy_(torch.tensor([[last], [0.0]]))
    relus = (nn.ReLU(), nn.ReLU(), nn.ReLU())
    return nn.Sequential(
        first,
        relus[0],
        second,
        relus[1],
        third,
        relus[2],
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        linear,
    ).eval()


@pytest.fixture
def widget() -> Iterator[ExplainerWidget]:
    picture = np.random.default_rng(0).integers(30, 255, (10, 14, 3), np.uint8)
    made = ExplainerWidget(
        turned_round(),
        picture,
        ["dark is bad", "nothing"],
        transform=ToTensor(),
        layers=LAYERS,
        layer="5",
        target=0,
    )
    yield made
    made.close()


def test_the_nearest_layer_before_it_that_says_something_is_named(widget: ExplainerWidget) -> None:
    assert not widget.heatmap.any()
    assert widget.note.startswith(
        "The map is zero everywhere: at every place layer '5' speaks against"
    )
    assert "The nearest layer before it whose map is not zero is '1'." in widget.note
    widget.layer = "1"
    assert widget.heatmap.any()
    assert "nearest" not in widget.note


def test_where_no_layer_says_anything_that_is_said(widget: ExplainerWidget) -> None:
    widget.target = 1
    assert "zero everywhere" in widget.note
    assert "The map is zero at each layer offered before it, too." in widget.note
    widget.layer = "1"
    assert "zero everywhere" in widget.note
    assert "before it" not in widget.note


def test_to_find_it_the_model_does_not_run_again(widget: ExplainerWidget) -> None:
    runs = []
    handle = widget.exploration.model.register_forward_hook(lambda *_: runs.append(1))
    widget.layer = "3"
    assert "is '1'." in widget.note
    handle.remove()
    assert runs == []
