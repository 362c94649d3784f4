"""Targets in a dense output on a net that can be worked out on paper.

The scores of a pixel are a, 2 - a and -5 for classes 0, 1 and 2, where a = relu(x). So a pixel is of
class 0 where x > 1, else of class 1, and nowhere of class 2.

    x[0] = [[2, -1, 0.5],     a = [[2, 0, 0.5],     2 - a = [[0, 2, 1.5],     class = [[0, 1, 1],
            [0,  9, 0.5]]          [0, 9, 0.5]]              [2, -7, 1.5]]             [1, 0, 1]]

    areas 2, 4, 0;  scores of the classes 2 + 9 = 11, 2 + 1.5 + 2 + 1.5 = 7, and 0
    x[1] = [[3, 3, 3], [3, 3, 0]]: areas 5, 1, 0; scores 15, 2, 0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import xcnn_widgets as xw

from ..models.segmenters import Answering, on_paper

X = torch.tensor([[[[2.0, -1, 0.5], [0, 9, 0.5]]], [[[3.0, 3, 3], [3, 3, 0]]]])
INSIDE: dict[str, Any] = {"patch": 1, "stride": 1}


@pytest.fixture
def net() -> nn.Module:
    return on_paper()


def assert_values(found: Tensor, expected: Sequence[object]) -> None:
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float32))


def test_a_class_scores_the_sum_over_the_pixels_predicted_as_it(net: nn.Module) -> None:
    forward = xw.ForwardPass(net, X)
    assert_values(forward.logits, [[11, 7, 0], [15, 2, 0]])
    assert_values(forward.scores([0, 1]), [11, 2])
    assert xw.class_areas(net(X)).tolist() == [[2, 4, 0], [5, 1, 0]]


def test_without_a_target_the_class_with_the_largest_area_is_explained(net: nn.Module) -> None:
    # In sample 0 that is class 1, though class 0 has the larger score.
    assert xw.explain(net, X, "saliency").target == (1, 0)


def test_saliency_and_grad_cam_of_a_class(net: nn.Module) -> None:
    # d score_0 / dx = 1 where x > 0 in its region; d score_1 / dx = -1.
    found = xw.explain(net, X, "saliency", [0, 1]).values[:, 0]
    assert_values(found, [[[1, 0, 0], [0, 1, 0]], [[0, 0, 0], [0, 0, 0]]])
    found = xw.explain(net, X[:1], "saliency", 1).values[:, 0]
    assert_values(found, [[[0, 0, -1], [0, 0, -1]]])
    # The mean gradient is 2 / 6.
    found = xw.explain(net, X[:1], "grad_cam", 0, "1").values
    assert_values(found, [[[2 / 3, 0, 1 / 6], [0, 3, 1 / 6]]])


@pytest.mark.parametrize("exact", [True, False])
def test_occlusion_keeps_the_region_of_the_input_as_it_was_given(
    net: nn.Module, exact: bool
) -> None:
    # Covered with 0 a pixel of class 0 becomes one of class 1, and yet does not count for class 1.
    ask = {**INSIDE, "exact": exact}
    found = xw.explain(net, X[:1], "occlusion", 1, **ask).values
    assert_values(found, [[[0, 0, -0.5], [0, 0, -0.5]]])
    found = xw.explain(net, X, "occlusion", [1, 0], **ask).values
    assert_values(found, [[[0, 0, -0.5], [0, 0, -0.5]], [[3, 3, 3], [3, 3, 0]]])


FORMS: dict[str, tuple[Any, Any]] = {
    "out": (lambda dense: {"out": dense, "aux": dense * 0}, None),
    "logits": (lambda dense: {"features": dense * 0, "logits": dense}, None),
    "in a list": (lambda dense: [dense], None),
    "a key": (lambda dense: {"a": dense * 0, "b": dense}, "b"),
    "an index": (lambda dense: (dense * 0, dense), 1),
    "a callable": (lambda dense: (dense * 0, [dense]), lambda output: output[1][0]),
}
TARGETS: dict[str, tuple[Any, list[float]]] = {
    "a class": (0, [11, 15]),
    "the largest": (None, [7, 15]),
    "a pixel": (xw.pixel(0, 0, 1), [0, -1]),
    "the class at a pixel": (xw.pixel(0, 2), [1.5, 3]),
    "a region": (xw.region(torch.tensor([[True, False, True], [False] * 3]), 1), [1.5, -2]),
    # Over the pixels of class 0: 11 - (0 - 7) / 2, and 15 - 5 * (-1) / 2.
    "a contrast": (xw.contrast(0, 1, 0.5), [14.5, 17.5]),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("target", TARGETS)
def test_scores_are_found_wherever_the_dense_output_is(
    net: nn.Module, form: str, target: str
) -> None:
    make, output = FORMS[form]
    asked, expected = TARGETS[target]
    model = Answering(net, make)
    assert_values(xw.ForwardPass(model, X, output=output).scores(asked), expected)
    gradient = xw.explain(model, X, "saliency", asked, output=output).values
    assert torch.equal(gradient, xw.explain(net, X, "saliency", asked).values)


def test_the_class_at_a_pixel_stays_when_the_pixel_is_covered(net: nn.Module) -> None:
    # Of sample 0 it is class 0 at (1, 1): 9 falls to 0. It does not turn to class 1.
    found = xw.explain(net, X[:1], "occlusion", xw.pixel(1, 1), **INSIDE)
    assert str(found.target) == "pixel (1, 1), class 0"
    assert_values(found.values, [[[0, 0, 0], [0, 9, 0]]])


def test_each_sample_has_its_own_class_at_a_pixel(net: nn.Module) -> None:
    found = xw.explain(net, X, "occlusion", xw.pixel(0, 2), **INSIDE)
    assert str(found.target) == "pixel (0, 2), class 1, 0"
    assert_values(found.values, [[[0, 0, -0.5], [0, 0, 0]], [[0, 0, 3], [0, 0, 0]]])


def test_a_region_may_be_of_a_class_that_is_not_predicted_there(net: nn.Module) -> None:
    mask = np.array([[True, True, False], [False, False, False]])
    found = xw.explain(net, X[:1], "saliency", xw.region(mask, 1))
    assert_values(found.values[:, 0], [[[-1, 0, 0], [0, 0, 0]]])
    assert str(found.target) == "region of 2 pixels, class 1"


def test_pixels_and_masks_are_scaled_to_a_smaller_output(net: nn.Module) -> None:
    # Each cell of the output stands for 2 x 2 pixels of the picture.
    pooled = nn.Sequential(nn.AvgPool2d(2), net)
    larger = X.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    forward = xw.ForwardPass(pooled, larger)
    assert_values(forward.scores(xw.pixel(1, 5, 0)), [0.5, 3])
    assert_values(forward.scores(xw.pixel(2, 3, 0)), [9, 3])
    mask = torch.zeros(4, 6, dtype=torch.bool)
    mask[2:, 2:] = True
    assert_values(forward.scores(xw.region(mask, 0)), [9.5, 3])
    with pytest.raises(ValueError, match=r"pixel \(4, 0\), class 0 is outside .* 4 rows and 6"):
        forward.scores(xw.pixel(4, 0, 0))


def test_a_class_without_pixels_says_so(net: nn.Module) -> None:
    found = xw.explain(net, X[:1], "saliency", 2)
    assert "No pixel is predicted as class 2" in found.note
    assert "xw.pixel(row, column, class_index)" in found.note
    noted = xw.explain(net, X, "saliency", [0, 2]).note
    assert "No pixel of sample 1 is predicted as class 2" in noted
    assert "No pixel" not in xw.explain(net, X, "saliency", [0, 1]).note


def test_one_channel_is_predicted_where_it_is_above_zero() -> None:
    # The score is x - 1: above 0 at 2 and 9, which gives 1 + 8.
    net = nn.Conv2d(1, 1, 1)
    with torch.no_grad():
        net.weight.fill_(1)
        net.bias.fill_(-1)
    forward = xw.ForwardPass(net, X[:1])
    assert_values(forward.logits, [[9]])
    assert xw.class_areas(net(X)).tolist() == [[2], [5]]
    assert_values(forward.gradient(), [[[[1, 0, 0], [0, 1, 0]]]])
    assert str(forward.resolved(xw.pixel(0, 1))) == "pixel (0, 1), class 0"


def test_an_output_of_one_cell_is_a_row_of_logits(net: nn.Module) -> None:
    pooled = nn.Sequential(net, nn.AdaptiveAvgPool2d(1))
    expected = net(X).mean(dim=(2, 3))
    torch.testing.assert_close(xw.ForwardPass(pooled, X).logits, expected)
    assert not xw.explain(pooled, X, "saliency", 2).note.startswith("No pixel")


def test_a_kept_pass_answers_each_question_of_a_dense_output(net: nn.Module) -> None:
    forward = xw.ForwardPass(net, X, ["1"])
    first = xw.explain_pass(forward, "grad_cam", 0, "1").values
    # Asking at another layer runs the model again.
    forward.gradient(0, layer="0")
    again = xw.explain_pass(forward, "grad_cam", 0, "1").values
    assert torch.equal(first, again)
    assert torch.equal(first, xw.explain(net, X, "grad_cam", 0, "1").values)


def test_of_a_dense_signal_a_region_can_be_asked() -> None:
    net = nn.Conv1d(1, 2, 1)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([1.0, -1.0]).reshape(2, 1, 1))
        net.bias.zero_()
    signal = torch.tensor([[[1.0, 2, -4, 3]]])
    forward = xw.ForwardPass(net, signal)
    mask = torch.tensor([True, False, True, False])
    assert_values(forward.scores(xw.region(mask, 1)), [3])
    with pytest.raises(ValueError, match=r"a pixel is a place in \(B, C, H, W\)"):
        forward.scores(xw.pixel(0, 1))
    # By its shape alone, (B, C, L) may as well be a class for each of C tokens.
    with pytest.raises(ValueError, match=r"shape \(1, 2, 4\).*xw.region"):
        forward.scores(1)


def test_changed_copies_keep_the_regions_of_what_they_are_copies_of(net: nn.Module) -> None:
    forward = xw.ForwardPass(net, X[:1])
    darker = replace(forward.subject, inputs=torch.zeros(1, 1, 2, 3))
    # All are of class 1 now; class 0 keeps its two pixels and class 1 its four.
    assert_values(xw.ForwardPass.of(darker).logits, [[0, 8, 0]])
    assert_values(xw.ForwardPass(net, darker.inputs).logits, [[0, 12, 0]])


def test_what_does_not_fit_is_refused_with_what_was_expected(net: nn.Module) -> None:
    rows = nn.Sequential(net, nn.Flatten())
    with pytest.raises(ValueError, match=r"shape \(2, 18\); expected dense class scores"):
        xw.explain(rows, X, "saliency", xw.pixel(0, 0, 1))
    with pytest.raises(ValueError, match=r"expected dense class scores"):
        xw.class_areas(rows(X))
    with pytest.raises(ValueError, match="target 3 is out of range: the model has 3 classes"):
        xw.explain(net, X, "saliency", xw.pixel(0, 0, 3))
    with pytest.raises(ValueError, match="target 7 is out of range"):
        xw.explain(net, X, "saliency", xw.region(torch.ones(2, 3, dtype=torch.bool), 7))
    with pytest.raises(ValueError, match=r"the mask has the shape \(3,\)"):
        xw.explain(net, X, "saliency", xw.region(torch.ones(3, dtype=torch.bool), 1))
    with pytest.raises(TypeError, match=r"mask holds torch.float32; expected booleans"):
        xw.region(torch.ones(2, 3), 1)
    with pytest.raises(ValueError, match="nowhere True"):
        xw.region(torch.zeros(2, 3, dtype=torch.bool), 1)
    with pytest.raises(TypeError, match=r"row 0.5 is a float"):
        xw.pixel(0.5, 1)  # type: ignore[arg-type]
    thin = torch.zeros(20, 30, dtype=torch.bool)
    thin[0, 0] = True
    with pytest.raises(ValueError, match="nothing is left of the mask"):
        xw.explain(net, X, "saliency", xw.region(thin, 1))


def test_the_scores_themselves_are_no_layer_to_choose(net: nn.Module) -> None:
    wide = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), net)
    picture = torch.rand(1, 1, 8, 12, generator=torch.Generator().manual_seed(1))
    offered = xw.target_layers(wide, picture)
    assert "3" not in offered
    assert "3.2" not in offered
    assert "3.2" in xw.target_layers(wide, picture, "all")
    assert xw.default_layer(wide, picture) == offered[-1]
