"""One batch is one forward pass, as large as memory allows."""

from __future__ import annotations

import weakref
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from ..conftest import to_input
from .parts import (
    ColourModel,
    WatchedModel,
    noise,
    opened,
    plain,
    rows_of,
    show,
    values_of,
)

COLOURS = ["red", "green", "blue"]
ALL = ("grad_cam", "guided_grad_cam", "guided_backprop", "saliency", "deconvnet")


def test_a_batch_is_one_forward_pass_for_all_methods() -> None:
    model = WatchedModel()
    with opened(model, noise(8), COLOURS, methods=ALL, page_size=4, batch_size=4) as gallery:
        model.batches.clear()
        show(gallery, page=2)
        assert model.batches == [4]


def test_grad_cam_with_guided_grad_cam_goes_back_twice() -> None:
    model = WatchedModel()
    with opened(model, noise(8), COLOURS, page_size=4, batch_size=4) as gallery:
        model.backwards = 0
        show(gallery, page=2)
        assert model.backwards == 2


@pytest.mark.parametrize("exact", [True, False])
def test_batches_fold_batch_norms_unless_asked_for_the_exact_way(*, exact: bool) -> None:
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(5)
    nn.init.normal_(norm.weight, 1, 0.2)
    head = nn.Linear(5, 3)
    nn.init.uniform_(head.weight)
    model = nn.Sequential(
        nn.Conv2d(3, 5, 3), norm, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), head
    ).eval()
    nodes: list[str] = []
    norm.register_forward_hook(lambda _, __, output: nodes.append(str(output.grad_fn)))
    pictures = noise(8)
    with opened(model, pictures, COLOURS, page_size=4, batch_size=4, exact=exact) as gallery:
        show(gallery, page=2)
        nodes.clear()
        rows = show(gallery, target=1)
        assert len(nodes) == 1
        assert ("BatchNorm" in nodes[0]) is exact
        for picture, row in zip(pictures[4:], rows, strict=True):
            alone = xw.explain(model, to_input(picture)[None], "guided_grad_cam", 1).maps()[0]
            low, high = float(alone.min()), float(alone.max())
            shown = torch.from_numpy(values_of(row["maps"]["guided_grad_cam"]))
            apart = (shown - alone).abs() * 255 / (high - low)
            assert (apart <= (0.51 if exact else 2)).float().mean() >= 0.995


def test_a_comparison_runs_the_model_once_for_all_layers_classes_and_methods(
    model: nn.Module,
) -> None:
    passes = []
    with opened(model, noise(3), methods=ALL) as gallery:
        handle = model.register_forward_hook(lambda *_: passes.append(1))
        try:
            show(gallery, rows="layers", image_index=1)
            show(gallery, rows="classes")
            show(gallery, rows="layers", target=3)
        finally:
            handle.remove()
    assert len(passes) == 1


def test_what_is_known_is_not_computed_again() -> None:
    model = WatchedModel()
    with opened(model, noise(6), COLOURS, page_size=3, methods=["grad_cam"]) as gallery:
        show(gallery, page=2)
        show(gallery, target=0)
        model.batches.clear()
        for choices in (
            {"page": 1, "target": "predicted"},
            {"page": 2},
            {"target": 0},
            {"rows": "pictures", "common_range": True},
        ):
            show(gallery, **choices)
        assert model.batches == []
        model.backwards = 0
        # A second column takes one backward pass more, and the disagreement one for the first.
        show(gallery, methods=["grad_cam", "saliency"])
        assert (len(model.batches), model.backwards) == (1, 2)
        show(gallery, methods=["grad_cam", "saliency", "deconvnet"])
        assert (len(model.batches), model.backwards) == (2, 3)


def test_predicting_takes_no_gradient_and_goes_in_full_batches() -> None:
    model = WatchedModel()
    with opened(model, noise(20), COLOURS, page_size=2, batch_size=6) as gallery:
        model.batches.clear()
        model.backwards = 0
        show(gallery, order="confidence", show="all")
        # Two are known from the first page; the page of the new order is explained after.
        assert model.batches[:3] == [6, 6, 6]
        assert sum(model.batches[3:]) <= 2
        assert model.backwards <= 2


def test_neighbours_of_one_shape_go_together() -> None:
    pictures = [*noise(3, 12, 20), *noise(2, 20, 12), *noise(1, 12, 20), *noise(2, 12, 22)]
    model = WatchedModel()
    with opened(model, pictures, COLOURS, batch_size=4) as gallery:
        # The first is run folded as well, and of each new shape one picture is looked at for its layers.
        assert model.batches[2:] == [3, 3, 1, 2, 1, 1, 2]
        assert [row["size"] for row in rows_of(gallery)] == [list(p.shape[:2]) for p in pictures]


def test_without_memory_for_a_batch_it_is_halved_until_it_fits_with_a_note() -> None:
    model = WatchedModel()
    model.most = 3
    with opened(model, noise(20), COLOURS, page_size=20, batch_size=16) as gallery:
        assert all(row["error"] == "" for row in rows_of(gallery))
        assert gallery.note == "Memory ran out; going on with 2 pictures at a time."
        assert gallery.failures == {}
        tried = [size for size in model.batches if size > 1]
        # Of the first that fits, one run more sees whether it answers the same when it is folded.
        assert tried == [16, 8, 4, 2, 2, 2, 4, 2, 2, 8, 4, 2, 2, 4, 2, 2, 2, 2]
        model.batches.clear()
        show(gallery, order="confidence", target=1)
        assert max(model.batches) == 2


def test_without_memory_for_a_single_picture_its_row_says_so() -> None:
    model = WatchedModel()
    with opened(model, noise(4), COLOURS, page_size=2) as gallery:
        model.most = 0
        rows = show(gallery, page=2)
        assert all("OutOfMemoryError" in row["error"] for row in rows)
        assert "1 picture at a time" in gallery.note
        model.most = 10
        assert all(row["error"] == "" for row in show(gallery, target=2))


def test_the_tensors_of_a_batch_that_did_not_fit_are_gone_when_its_halves_are_tried() -> None:
    alive: list[int] = []
    held: list[weakref.ref[Tensor]] = []

    class Hungry(ColourModel):
        def forward(self, x: Tensor) -> Tensor:
            alive.append(sum(ref() is not None for ref in held))
            if len(x) > 2:
                large = x.repeat(1, 1, 1, 1)
                held.append(weakref.ref(large))
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().forward(x)

    with opened(Hungry(), noise(8), COLOURS, batch_size=8) as gallery:
        assert all(row["error"] == "" for row in rows_of(gallery))
    assert len(held) == 3
    assert not any(alive)


def test_the_size_is_measured_once_and_large_enough_for_small_models() -> None:
    model = WatchedModel()
    with opened(model, noise(40), COLOURS, page_size=8) as gallery:
        assert gallery.work.batch_size.value == 32
        model.batches.clear()
        show(gallery, order="confidence")
        assert model.batches[0] == 32


def test_the_size_is_measured_on_the_first_picture_that_the_model_takes() -> None:
    bright, *good = plain((255, 255, 255), (200, 10, 10), (10, 200, 10), (10, 10, 200))
    model = WatchedModel()
    with opened(model, [good[0], bright, *good[1:]], COLOURS) as gallery:
        assert gallery.work.batch_size.value > 1


@pytest.mark.parametrize("wrong", [0, -3, True, 2.5, "8"])
def test_a_batch_size_that_is_none_is_refused_by_name(wrong: Any) -> None:
    with pytest.raises(ValueError, match=f"batch_size is {wrong!r}; expected a whole number"):
        GalleryWidget(ColourModel(), noise(2), COLOURS, transform=to_input, batch_size=wrong)
