"""Rows hold what `explain` gives for the same picture: over pictures, layers and classes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets.metrics.agreement import disagreement

from ..conftest import to_input
from .parts import (
    names,
    noise,
    opened,
    page_of,
    rows_of,
    sent_of,
    show,
    values_of,
)

ALL = ("grad_cam", "guided_grad_cam", "guided_backprop", "saliency", "deconvnet")


def expect(
    model: nn.Module, inputs: Tensor, state: dict[str, Any], method: str, target: Any, layer: Any
) -> None:
    """A row's map is that of `explain`, to half a grey level."""
    uses_layer = method.endswith("grad_cam")
    alone = xw.explain(
        model, inputs[None], method, target=target, layer=layer if uses_layer else None
    )
    assert not callable(alone.target)
    true = alone.maps()[0].numpy()
    low, high = alone.ranges()[0]
    assert tuple(state["shape"]) == true.shape
    np.testing.assert_allclose(state["range"], (low, high), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(
        values_of(state), true, atol=0.505 * (high - low) / 255 + 1e-6 * abs(high)
    )
    assert state["layer"] == (layer if uses_layer else None)
    assert state["target"]["index"] == (alone.target[0] if target is None else target)
    assert alone.logits is not None
    likely = torch.softmax(alone.logits[0], 0)[state["target"]["index"]]
    assert state["target"]["probability"] == pytest.approx(float(likely), abs=1e-5)


@pytest.fixture(scope="module")
def mixed() -> dict[str, Any]:
    """Eleven pictures of three shapes, one after the other and mixed."""
    shapes = [(16, 24)] * 4 + [(24, 16), (16, 24), (20, 36), (24, 16)] + [(20, 36)] * 3
    return {f"{i}": noise(1, *shape, seed=i)[0] for i, shape in enumerate(shapes)}


@pytest.mark.parametrize("target", ["predicted", 2])
@pytest.mark.parametrize("layer", ["4", "7"])
def test_each_picture_has_the_numbers_of_explain_whatever_batch_it_came_in(
    model: nn.Module, mixed: dict[str, Any], target: Any, layer: str
) -> None:
    with opened(model, mixed, target=target, layer=layer, methods=ALL) as gallery:
        rows = rows_of(gallery)
        assert names(rows) == list(mixed)
        for row in rows:
            inputs = to_input(mixed[row["name"]])
            assert row["size"] == list(inputs.shape[1:])
            assert list(row["maps"]) == list(ALL)
            fixed = None if target == "predicted" else target
            for method in ALL:
                expect(model, inputs, row["maps"][method], method, fixed, layer)
            probabilities = torch.softmax(model(inputs[None]).detach()[0], 0)
            assert row["prediction"]["index"] == int(probabilities.argmax())
            assert row["prediction"]["probability"] == pytest.approx(
                float(probabilities.max()), abs=1e-5
            )
            two = [
                xw.explain(
                    model, inputs[None], method, target=row["maps"][method]["target"]["index"],
                    layer=layer,
                ).maps()
                for method in ALL[:2]
            ]  # fmt: skip
            assert row["disagreement"] == pytest.approx(float(disagreement(*two)), abs=2e-3)


def test_the_picture_of_a_row_is_a_jpeg_aligned_with_the_input(model: nn.Module) -> None:
    gradient = np.linspace(0, 255, 24 * 40).reshape(24, 40).astype(np.uint8)
    picture = np.stack([gradient, gradient[::-1], gradient[:, ::-1]], axis=2)
    with opened(model, {"slope": picture}) as gallery:
        (row,) = rows_of(gallery)
        drawn = Image.open(io.BytesIO(row["picture"]))
        assert (drawn.format, drawn.size) == ("JPEG", (40, 24))
        assert np.abs(np.array(drawn).astype(int) - picture).mean() < 4


def test_over_layers_each_row_is_a_layer_of_one_picture(
    model: nn.Module, mixed: dict[str, Any]
) -> None:
    with opened(model, mixed, rows="layers", image_index=4) as gallery:
        rows = rows_of(gallery)
        assert [row["title"].split()[0] for row in rows] == ["1", "4", "7"]
        assert rows[1]["title"] == "4 (12 x 12 x 8)"
        assert {row["index"] for row in rows} == {4}
        assert [row["picture"] is None for row in rows] == [False, True, True]
        for row, layer in zip(rows, ("1", "4", "7"), strict=True):
            for method, state in row["maps"].items():
                expect(model, to_input(mixed["4"]), state, method, None, layer)
        for row in show(gallery, target=3, image_index=6):
            for method, state in row["maps"].items():
                expect(model, to_input(mixed["6"]), state, method, 3, row["title"].split()[0])
        assert (page_of(gallery)["pages"], page_of(gallery)["page"]) == (1, 0)


def test_over_layers_only_those_named_are_compared(model: nn.Module) -> None:
    with opened(model, noise(2), rows="layers", layers=["0", "3"]) as gallery:
        assert [row["title"].split()[0] for row in rows_of(gallery)] == ["0", "3"]
        assert [layer["name"] for layer in sent_of(gallery, "_layers")] == ["0", "3"]


def test_over_classes_each_row_is_a_likely_class_the_likeliest_first(
    model: nn.Module, mixed: dict[str, Any]
) -> None:
    with opened(model, mixed, rows="classes", image_index=6, layer="4") as gallery:
        rows = rows_of(gallery)
        inputs = to_input(mixed["6"])
        order = model(inputs[None])[0].argsort(descending=True).tolist()
        probabilities = torch.softmax(model(inputs[None]).detach()[0], 0)
        for row, target in zip(rows, order, strict=True):
            assert row["title"].endswith(f"({float(probabilities[target]):.1%})")
            for method, state in row["maps"].items():
                expect(model, inputs, state, method, target, "4")


def test_a_model_without_a_grid_is_compared_by_the_methods_that_need_none() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 24, 5), nn.ReLU(), nn.Linear(5, 4))
    with opened(model, noise(3)) as gallery:
        assert gallery.layer is None
        assert gallery.methods == ["saliency", "guided_backprop"]
        assert [row["error"] for row in rows_of(gallery)] == ["", "", ""]
        assert all(row["maps"]["saliency"]["shape"] == [16, 24] for row in rows_of(gallery))
        assert len(show(gallery, rows="classes")) == 4
        assert show(gallery, rows="layers") == []


def test_a_model_of_one_channel_and_one_class_is_shown(model: nn.Module) -> None:
    def grey(picture: Any) -> Tensor:
        return to_input(picture.convert("L"))

    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 1)
    )
    with opened(net, noise(2), None, transform=grey) as gallery:
        for row, picture in zip(rows_of(gallery), noise(2), strict=True):
            inputs = grey(Image.fromarray(picture))
            score = float(net(inputs[None]).detach())
            assert row["prediction"] == {
                "index": 0, "name": "score", "value": pytest.approx(score, abs=1e-5),
            }  # fmt: skip
            drawn = np.array(Image.open(io.BytesIO(row["picture"])))
            assert drawn.shape == (16, 24, 3)


def test_probabilities_do_not_depend_on_the_batch() -> None:
    class Scores(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x: Tensor) -> Tensor:
            # Of black pictures the scores happen to add up to 1.
            return torch.relu(self.conv(x)).mean((2, 3)) * 0 + x.mean((1, 2, 3))[:, None] + 1 / 3

    pictures = [np.full((12, 20, 3), level, np.uint8) for level in (0, 200)]
    with opened(Scores(), pictures, None) as gallery:
        together = [row["prediction"]["probability"] for row in rows_of(gallery)]
        alone = []
        for picture in pictures:
            with opened(Scores(), [picture], None) as single:
                alone += [row["prediction"]["probability"] for row in rows_of(single)]
        assert together == pytest.approx(alone)


@pytest.mark.parametrize("images", [noise(1)[0], [noise(1)[0]]])
def test_one_picture_is_a_gallery_too(model: nn.Module, images: Any) -> None:
    with opened(model, images) as gallery:
        assert len(rows_of(gallery)) == 1
        assert gallery.status == "1 of 1 picture shown"
        assert repr(gallery).startswith("GalleryWidget(1 picture, ")


def test_the_model_is_as_it_was(model: nn.Module) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.train()
    first = next(model.parameters())
    first.requires_grad_(False)
    try:
        with opened(model, noise(5)) as gallery:
            for rows in ("layers", "classes", "pictures"):
                show(gallery, rows=rows)
            show(gallery, order="disagreement", target=1)
        assert all(module.training for module in model.modules())
        assert not first.requires_grad
    finally:
        first.requires_grad_(True)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert all(torch.equal(before[n], tensor) for n, tensor in model.state_dict().items())


def columns(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    """The methods of each row."""
    return [list(row["maps"]) for row in rows]


def test_columns_stand_in_the_order_chosen(model: nn.Module) -> None:
    with opened(model, noise(3)) as gallery:
        for methods in (["saliency", "grad_cam"], ["deconvnet"], ["grad_cam", "saliency"]):
            assert columns(show(gallery, methods=methods)) == [methods] * 3
        assert show(gallery, methods=["deconvnet"])[0]["disagreement"] is None
