"""Every method on a net so small that its numbers can be worked out on paper.

The net, on one channel of 2 x 3 pixels, with two classes:

    a1 = relu(x)          a2 = relu(-x + 1)                   layer "1": (B, 2, 2, 3)
    score_0 = sum(a1) - 2 sum(a2)        score_1 = -sum(a1) + sum(a2)

The two samples:

    x[0] = [[ 2, -1, 0.5],     a1 = [[2, 0, 0.5],     a2 = [[0, 2, 0.5],
            [-3,  3,   4]]           [0, 3,   4]]           [4, 0,   0]]
    x[1] = [[-1, -1,   2],     a1 = [[0, 0,   2],     a2 = [[2, 2,   0],
            [ 2,  2,   2]]           [2, 2,   2]]           [0, 0,   0]]

    scores of x[0]: 9.5 - 2 * 6.5 = -3.5 and -9.5 + 6.5 = -3;   of x[1]: 8 - 2 * 4 = 0 and -8 + 4 = -4
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.methods.explanation import explain
from xcnn_widgets.passes.forward_pass import ForwardPass

X = torch.tensor(
    [
        [[[2.0, -1.0, 0.5], [-3.0, 3.0, 4.0]]],
        [[[-1.0, -1.0, 2.0], [2.0, 2.0, 2.0]]],
    ]
)
# Sample 0 is explained as class 0, sample 1 as class 1.
TARGETS = [0, 1]


@pytest.fixture
def net() -> nn.Module:
    convolution, head = nn.Conv2d(1, 2, 1), nn.Linear(12, 2, bias=False)
    net = nn.Sequential(convolution, nn.ReLU(), nn.Flatten(), head)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1))
        convolution.bias.copy_(torch.tensor([0.0, 1.0]))
        head.weight[0] = torch.tensor([1.0] * 6 + [-2.0] * 6)
        head.weight[1] = torch.tensor([-1.0] * 6 + [1.0] * 6)
    return net


def assert_values(found: Tensor, expected: Sequence[object]) -> None:
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float32))


def test_the_scores_are_those_worked_out(net: nn.Module) -> None:
    forward = ForwardPass(net, X, ["1"])
    assert_values(forward.logits, [[-3.5, -3.0], [0.0, -4.0]])
    assert_values(forward.scores(TARGETS), [-3.5, -4.0])
    assert_values(forward.scores(), [-3.0, 0.0])  # the predicted classes are 1 and 0


def test_the_activation_is_what_the_layer_returned(net: nn.Module) -> None:
    assert_values(
        ForwardPass(net, X, ["1"]).activation("1"),
        [
            [[[2, 0, 0.5], [0, 3, 4]], [[0, 2, 0.5], [4, 0, 0]]],
            [[[0, 0, 2], [2, 2, 2]], [[2, 2, 0], [0, 0, 0]]],
        ],
    )


def test_the_gradient_at_the_layer_is_the_weight_of_each_sample_s_class(net: nn.Module) -> None:
    gradient = ForwardPass(net, X, ["1"]).gradient(TARGETS, layer="1")
    assert_values(gradient[0, :, 0, 0], [1, -2])
    assert_values(gradient[1, :, 0, 0], [-1, 1])
    assert_values(gradient.std(dim=(2, 3)), [[0, 0], [0, 0]])


def test_grad_cam(net: nn.Module) -> None:
    # Sample 0: relu(1 a1 - 2 a2);  sample 1: relu(-a1 + a2).
    assert_values(
        explain(net, X, "grad_cam", TARGETS, "1").values,
        [[[2, 0, 0], [0, 3, 4]], [[2, 2, 0], [0, 0, 0]]],
    )


def test_saliency(net: nn.Module) -> None:
    # d score_0 / dx = 1 [x > 0] + 2 [x < 1];  d score_1 / dx = -1 [x > 0] - 1 [x < 1].
    assert_values(
        explain(net, X, "saliency", TARGETS).values,
        [[[[1, 2, 3], [2, 1, 1]]], [[[-1, -1, -1], [-1, -1, -1]]]],
    )


def test_guided_backpropagation(net: nn.Module) -> None:
    # Only positive gradients pass a ReLU: of class 0 that at a1 (1), of class 1 that at a2 (1), which
    # reaches x with the weight -1.
    assert_values(
        explain(net, X, "guided_backprop", TARGETS).values,
        [[[[1, 0, 1], [0, 1, 1]]], [[[-1, -1, 0], [0, 0, 0]]]],
    )


def test_deconvnet(net: nn.Module) -> None:
    # As guided, but wherever x is: the sign of the ReLU's input does not matter.
    assert_values(
        explain(net, X, "deconvnet", TARGETS).values,
        [[[[1, 1, 1], [1, 1, 1]]], [[[-1, -1, -1], [-1, -1, -1]]]],
    )


def test_guided_grad_cam(net: nn.Module) -> None:
    # The product of the two, here of one size.
    assert_values(
        explain(net, X, "guided_grad_cam", TARGETS, "1").values,
        [[[[2, 0, 0], [0, 3, 4]]], [[[-2, -2, 0], [0, 0, 0]]]],
    )


def test_occlusion_with_windows_of_one_pixel(net: nn.Module) -> None:
    # Covered with 0 a pixel adds a1 = 0 and a2 = 1: -2 to score_0, +1 to score_1.
    # x = 2: 2 -> -2, a drop of 4;  -1: -4 -> -2, a drop of -2;  0.5: -0.5 -> -2, a drop of 1.5; ...
    values = explain(net, X, "occlusion", TARGETS, patch=1, stride=1).values
    assert_values(
        values,
        [[[4, -2, 1.5], [-6, 5, 6]], [[1, 1, -3], [-3, -3, -3]]],
    )


def test_occlusion_averages_over_the_windows_that_cover_a_pixel(net: nn.Module) -> None:
    # Windows of 2 x 2 at columns 0-1 and, cut by the edge with stride 2, column 2. The drops of a
    # window are the sums of its pixels' drops above: 4 - 2 - 6 + 5 = 1 and 1.5 + 6 = 7.5.
    values = explain(net, X, "occlusion", TARGETS, patch=2, stride=2).values
    assert_values(values, [[[1, 1, 7.5], [1, 1, 7.5]], [[-4, -4, -6], [-4, -4, -6]]])
    # With stride 1 the windows are columns 0-1 (1) and 1-2 (-2 + 1.5 + 5 + 6 = 10.5); the middle
    # column is covered by both, and gets (1 + 10.5) / 2.
    values = explain(net, X[:1], "occlusion", 0, patch=2, stride=1).values
    assert_values(values, [[[1, 5.75, 10.5], [1, 5.75, 10.5]]])


def test_occlusion_covers_with_the_baseline(net: nn.Module) -> None:
    # Covered with 1 a pixel adds a1 = 1, a2 = 0: score_0 gets 1.
    values = explain(net, X[:1], "occlusion", 0, patch=1, stride=1, baseline=1.0).values
    assert_values(values, [[[1, -5, -1.5], [-9, 2, 3]]])
    grey = torch.tensor([[[0.0, 0.0, 1.0]]])
    values = explain(net, X[:1], "occlusion", 0, patch=1, stride=1, baseline=grey).values
    assert_values(values, [[[4, -2, -1.5], [-6, 5, 3]]])


def test_a_callable_target_is_differentiated(net: nn.Module) -> None:
    # score_0 - score_1: the weights at a1 and a2 are 2 and -3.
    values = explain(net, X[:1], "saliency", lambda scores: scores[:, 0] - scores[:, 1]).values
    assert_values(values, [[[[2, 3, 5], [3, 2, 2]]]])


def test_the_ranges_and_heatmaps_of_a_grad_cam(net: nn.Module) -> None:
    result = explain(net, X, "grad_cam", TARGETS, "1")
    assert result.ranges() == [(0, 4), (0, 2)]
    assert_values(
        torch.from_numpy(result.heatmaps()),
        [[[0.5, 0, 0], [0, 0.75, 1]], [[1, 1, 0], [0, 0, 0]]],
    )


def test_one_channel_and_the_saliency_s_heatmap(net: nn.Module) -> None:
    result = explain(net, X[:1], "saliency", 0)
    assert_values(result.maps(), [[[1, 2, 3], [2, 1, 1]]])
    assert_values(torch.from_numpy(result.heatmaps()), [[[0, 0.5, 1], [0.5, 0, 0]]])
