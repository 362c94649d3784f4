"""The brush from Python: what is hidden, what the network answers, what stays as it was."""

from __future__ import annotations

import gc
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from IPython.core.formatters import DisplayFormatter
from PIL import Image
from torch import nn
from traitlets import TraitError

from xcnn_widgets import OcclusionBrush, explain, mask_from_heatmap

from ..conftest import NAMES, on_page, to_input
from .by_page import choose, drag, open_widgets

SIZE = (40, 56)


@pytest.fixture
def brush(model: nn.Module, pictures: dict[str, Any]) -> Iterator[OcclusionBrush]:
    """A brush on the small network."""
    made = OcclusionBrush(model, pictures, NAMES, transform=to_input)
    yield made
    made.close()


def window(top: int, left: int, height: int, width: int) -> Any:
    mask = np.zeros(SIZE, bool)
    mask[top : top + height, left : left + width] = True
    return mask


@pytest.mark.parametrize("target", [None, 1, "blue"])
def test_a_rectangle_gives_the_same_drop_as_occlusions_window_there(brush, model, pictures, target):
    brush.target = target
    inputs = to_input(pictures["ant"])[None]
    # Windows of occlusion that do not overlap: each pixel holds its own window's drop.
    brush.mask = window(20, 28, 20, 28)
    cover = brush.masked_input[:, 20, 28]
    options = {"patch": 20, "stride": 20, "baseline": cover}
    drops = explain(model, inputs, "occlusion", brush.target, **options).values
    brush.mask = window(20, 20, 20, 20)
    assert brush.history[-1]["score_drop"] == pytest.approx(float(drops[0, 25, 25]), abs=1e-5)


@pytest.mark.parametrize("fill", ["mean", "blur", "noise", "black"])
def test_nothing_outside_the_mask_changes_by_one_bit(brush, pictures, fill):
    brush.fill = fill
    brush.mask = window(3, 5, 11, 17)
    before, after = to_input(pictures["ant"]), brush.masked_input
    outside = ~torch.from_numpy(brush.mask.copy())
    bits = [values.view(torch.int32)[:, outside] for values in (before, after)]
    assert torch.equal(*bits)
    assert not torch.equal(before, after)


def test_the_answer_is_that_of_the_network_on_the_masked_input(brush, model):
    brush.mask = window(0, 0, 30, 30)
    with torch.no_grad():
        shares = model.eval()(brush.masked_input[None]).softmax(1)[0]
    for change in (*brush.answer.classes, brush.answer.target):
        assert change.after == pytest.approx(float(shares[change.index]), abs=1e-6)
        assert change.points == pytest.approx(100 * (change.after - change.before))
    assert brush.answer.hidden == pytest.approx(900 / 2240)
    assert brush.answer.target.name in brush.status
    assert "40.2% hidden" in brush.status


def test_undo_redo_clear_and_invert(brush):
    first, second = window(0, 0, 5, 5), window(9, 9, 9, 9)
    brush.mask, brush.mask = first, second
    brush.invert()
    assert np.array_equal(brush.mask, ~second)
    brush.undo()
    brush.undo()
    assert np.array_equal(brush.mask, first)
    brush.undo()
    brush.undo()
    assert not brush.mask.any()
    assert brush.answer.target.points == 0
    brush.redo()
    assert np.array_equal(brush.mask, first)
    brush.clear()
    assert not brush.mask.any()
    brush.undo()
    assert np.array_equal(brush.mask, first)


def test_history_tells_each_attempt_once_and_leads_back(brush):
    brush.mask = window(0, 0, 10, 10)
    brush.fill = "black"
    brush.image_index = 1
    brush.mask = window(2, 2, 4, 4)
    brush.undo()
    brush.redo()
    assert [(each["image"], each["fill"]) for each in brush.history] == [
        ("ant", "mean"),
        ("ant", "black"),
        ("bee", "black"),
    ]
    first = brush.history[0]
    assert first["hidden"] == 100 / 2240
    assert first["drop"] == pytest.approx(100 * (first["before"] - first["after"]))
    brush.return_to(0)
    assert (brush.image_index, brush.fill) == (0, "mean")
    assert np.array_equal(brush.mask, window(0, 0, 10, 10))
    assert len(brush.history) == 3
    assert brush.answer.target.after == first["after"]


def test_paint_map_hides_the_share_that_the_heatmap_values_most(brush):
    brush.method, brush.target = "saliency", "green"
    brush.paint_map(0.25)
    assert brush.mask.sum() == 560
    assert np.array_equal(brush.mask, mask_from_heatmap(brush.heatmap, 0.25))
    assert brush.heatmap[brush.mask].min() >= brush.heatmap[~brush.mask].max()


def test_paint_map_without_a_heatmap_shows_the_first_one(brush):
    brush.paint_map()
    assert brush.method == "grad_cam"
    assert brush.mask.sum() == 224


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("mask", np.zeros((56, 40), bool), r"\(56, 40\).*\(40, 56\)"),
        ("mask", np.zeros(SIZE), "float64.*bool"),
        ("fill", "grey", "'grey'.*'blur'"),
        ("target", "rde", "rde"),
        ("target", 4, "4 classes"),
        ("image_index", 3, "3 pictures"),
        ("method", "grad-cam", "'grad_cam'"),
        ("layer", "nope", "nope"),
        ("tool", "pen", "pen"),
        ("size", 0, "size = 0.0: expected a share"),
        ("size", 12, "size = 12.0: expected a share of the picture's shorter side"),
        ("opacity", 1.5, "opacity"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_lost(brush, name, value, told):
    brush.mask = window(1, 2, 3, 4)
    shown = brush.answer
    with pytest.raises(TraitError, match=f"(?s){told}"):
        setattr(brush, name, value)
    assert np.array_equal(brush.mask, window(1, 2, 3, 4))
    assert brush.answer == shown
    assert repr(brush).startswith("OcclusionBrush(image='ant', fill='mean'")


class FailsOnRequest(nn.Module):
    """A network that can be told to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.trouble: str | None = None

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        if self.trouble is not None:
            raise RuntimeError(self.trouble)
        return self.layers(inputs)


def test_what_fails_raises_in_python_and_is_told_on_the_page(pictures):
    model = FailsOnRequest()
    brush = OcclusionBrush(model, pictures, transform=to_input)
    brush.mask = window(0, 0, 5, 5)
    model.trouble = "<b>out of memory</b>"
    with pytest.raises(TraitError, match=r"fill = 'black'.*out of memory"):
        brush.fill = "black"
    assert (brush.fill, brush.error) == ("mean", "")
    choose(brush, fill="black")
    assert "<b>out of memory" in on_page(brush)["error"]
    assert np.array_equal(brush.mask, window(0, 0, 5, 5))
    model.trouble = None
    choose(brush, fill="blur")
    assert on_page(brush)["error"] == ""
    assert brush.history[-1]["fill"] == "blur"
    brush.close()


class AloneOnly(FailsOnRequest):
    """A network that answers one picture at a time, and so has no map of occlusion."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.trouble = "one at a time" if len(inputs) > 1 else None
        return super().forward(inputs)


def test_a_map_that_failed_is_told_until_there_is_another_one(pictures):
    brush = OcclusionBrush(AloneOnly(), pictures, transform=to_input)
    choose(brush, method="occlusion")
    assert "one at a time" in brush.error
    choose(brush, fill="black")
    drag(brush, (10, 12), (20, 12))
    assert len(brush.history) == 1
    assert "one at a time" in brush.error
    choose(brush, method="saliency")
    assert brush.error == ""
    brush.close()


def test_unknown_arguments_are_refused(model, pictures):
    with pytest.raises(TypeError, match="'fil'; did you mean 'fill'"):
        OcclusionBrush(model, pictures, transform=to_input, fil="black")


def test_a_brush_that_is_refused_leaves_no_widget_behind(model, pictures):
    OcclusionBrush(model, pictures, transform=to_input).close()
    before = open_widgets()
    with pytest.raises(TraitError, match="pen"):
        OcclusionBrush(model, pictures, transform=to_input, tool="pen")
    assert open_widgets() == before


def test_close_frees_every_widget_and_says_so(model, pictures):
    OcclusionBrush(model, pictures, transform=to_input).close()
    before = open_widgets()
    brush = OcclusionBrush(model, pictures, transform=to_input, method="grad_cam")
    brush.mask = window(0, 0, 9, 9)
    brush.close()
    brush.close()
    assert open_widgets() == before
    assert repr(brush) == "OcclusionBrush(nothing shown)"
    gc.collect()


def test_the_model_stays_as_it_was(model, pictures):
    model.train()
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    brush = OcclusionBrush(model, pictures, transform=to_input, method="grad_cam")
    brush.mask = window(0, 0, 9, 9)
    brush.close()
    assert all(module.training for module in model.modules())
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())
    assert all(weight.grad is None and weight.requires_grad for weight in model.parameters())
    assert not any(module._forward_hooks for module in model.modules())
    model.eval()


def test_choices_can_be_given_at_the_start(model, pictures):
    brush = OcclusionBrush(
        model,
        pictures,
        NAMES,
        target="blue",
        transform=to_input,
        mask=window(0, 0, 20, 56),
        fill="blur",
        image_index=2,
        size=1,
    )
    assert repr(brush) == "OcclusionBrush(image='cow', fill='blur', target='blue', hidden=50.0%)"
    assert len(brush.history) == 1
    brush.close()


def test_the_saved_notebook_shows_a_picture(brush):
    brush.mask = window(0, 0, 20, 56)
    data, _ = DisplayFormatter().format(brush)
    assert data["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in data


def test_a_mask_that_was_given_is_not_the_brushs_own(brush):
    mask = window(0, 0, 5, 5)
    brush.mask = mask
    mask[:] = True
    assert brush.mask.sum() == 25
    with pytest.raises(ValueError, match="read-only"):
        brush.mask[0, 0] = False


def test_what_lies_over_the_picture_is_in_the_state_that_a_notebook_saves(brush, pictures):
    state = on_page(brush)
    assert np.array_equal(decoded(state["_picture"]["data"]), pictures["ant"])
    assert state["_covering"] is None
    brush.fill, brush.mask = "black", window(10, 10, 20, 20)
    covering = decoded(on_page(brush)["_covering"])
    assert np.array_equal(covering[..., 3] > 0, brush.mask)
    assert covering[20, 20].tolist() == [0, 0, 0, 255]
    brush.method, brush.opacity, brush.colormap = "saliency", 0.4, "gray"
    covering = decoded(on_page(brush)["_covering"])
    assert covering[20, 20].tolist() == [0, 0, 0, 255]
    outside = covering[~brush.mask]
    by_heat = brush.heatmap[~brush.mask] * 0.4 * 255
    assert np.abs(outside[:, 3] - by_heat).max() <= 0.5
    assert (outside[:, 0] == outside[:, 1]).all()
    brush.blend = "even"
    assert (decoded(on_page(brush)["_covering"])[~brush.mask, 3] == round(0.4 * 255)).all()
    brush.clear()
    brush.method = None
    assert on_page(brush)["_covering"] is None


def test_a_page_of_its_own_has_the_picture_and_no_canvas(brush, tmp_path):
    brush.mask = window(10, 10, 20, 20)
    brush.to_html(tmp_path / "brush.html", title="Hide")
    text = (tmp_path / "brush.html").read_text(encoding="utf-8")
    state = json.loads(text.partition('id="xcnn-state">')[2].partition("</script>")[0])
    assert (state["_view"], state["_canvas"]) == ("brush", None)
    assert "IPY_MODEL" not in text


def test_reset_goes_back_to_the_choices_of_the_start(model, pictures):
    brush = OcclusionBrush(model, pictures, transform=to_input, fill="blur", size=0.2)
    brush.fill, brush.size, brush.method, brush.target = "black", 0.5, "saliency", 1
    brush.reset()
    assert (brush.fill, brush.size, brush.method, brush.target) == ("blur", 0.2, None, None)
    brush.close()


def decoded(png: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(png)))
