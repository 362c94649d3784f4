"""The further CAMs on a net so small that its numbers can be worked out on paper.

The net, on one channel of 1 x 2 pixels, which are not negative, with two classes:

    a1 = x          a2 = 2 x                                    layer "1": (B, 2, 1, 2)
    score_0 = 3 a1[0] - a1[1] + a2[0]        score_1 = -a1[0] - a2[1]

The input is x = [1, 3], so a1 = [1, 3] and a2 = [2, 6]. Of class 0 the gradients are g1 = [3, -1] and g2 = [1, 0].

    Grad-CAM      weights 1 and 0.5                              1 a1 + 0.5 a2 = [2, 6]
    HiResCAM      3 * 1 + 1 * 2, -1 * 3 + 0 * 6                  [5, -3], so [5, 0]
    LayerCAM      3 * 1 + 1 * 2, 0                               [5, 0]
    XGrad-CAM     weights (3 - 3) / 4 and 2 / 8                  0 a1 + 0.25 a2 = [0.5, 1.5]
    Grad-CAM++    alpha1 = 1 / (2 + 4 * 3) at the first place;   alpha2 = 1 / (2 + 8 * 1)
                  weights 3 / 14 and 1 / 10                      [3/14 + 0.2, 9/14 + 0.6]
    Eigen-CAM     A = [[1, 2], [3, 6]] has one direction,        (1, 2) / sqrt(5), on which [1, 2] lies
                                                                 at sqrt(5) and [3, 6] at 3 sqrt(5)
    Score-CAM     masks: both channels stretched are [0, 1], so x * m = [0, 3] for both, with one score: weights 0.5
                                                                 0.5 a1 + 0.5 a2 = [1.5, 4.5]
    Ablation-CAM  score 3 - 3 + 2 = 2; without a1 2, without a2 0;  weights 0 and 2:  2 a2 = [4, 12]
"""

from __future__ import annotations

from math import sqrt

import pytest
import torch
from torch import nn

from xcnn_widgets import explain

X = torch.tensor([[[[1.0, 3.0]]]])


@pytest.fixture
def net() -> nn.Sequential:
    convolution, head = nn.Conv2d(1, 2, 1, bias=False), nn.Linear(4, 2, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor([1.0, 2.0]).reshape(2, 1, 1, 1))
        head.weight.copy_(torch.tensor([[3.0, -1.0, 1.0, 0.0], [-1.0, 0.0, 0.0, -1.0]]))
    return nn.Sequential(convolution, nn.ReLU(), nn.Flatten(), head)


BY_HAND = {
    "grad_cam": [2.0, 6.0],
    "hires_cam": [5.0, 0.0],
    "layer_cam": [5.0, 0.0],
    "xgrad_cam": [0.5, 1.5],
    "grad_cam_plus_plus": [3 / 14 + 0.2, 9 / 14 + 0.6],
    "eigen_cam": [sqrt(5), 3 * sqrt(5)],
    "score_cam": [1.5, 4.5],
    "ablation_cam": [4.0, 12.0],
}


@pytest.mark.parametrize("method", BY_HAND)
def test_a_map_is_the_one_worked_out(net: nn.Sequential, method: str) -> None:
    found = explain(net, X, method, target=0, layer="1").values
    torch.testing.assert_close(found, torch.tensor([[BY_HAND[method]]]))


@pytest.mark.parametrize("method", BY_HAND)
def test_each_sample_of_a_batch_has_the_map_that_it_has_alone(
    net: nn.Sequential, method: str
) -> None:
    both = torch.cat([X, torch.tensor([[[[4.0, 0.5]]]])])
    together = explain(net, both, method, target=[0, 1], layer="1").values
    for sample, target in enumerate([0, 1]):
        alone = explain(net, both[sample : sample + 1], method, target=target, layer="1").values
        torch.testing.assert_close(together[sample : sample + 1], alone)


def test_a_channel_that_is_silent_everywhere_has_no_weight(net: nn.Sequential) -> None:
    with torch.no_grad():
        next(net.parameters())[1] = -1
    for method in BY_HAND:
        values = explain(net, X, method, target=0, layer="1").values
        assert values.isfinite().all(), method
    # Without a2 the weight is that of a1 alone: 0.
    assert explain(net, X, "xgrad_cam", target=0, layer="1").values.eq(0).all()


def test_eigen_cam_is_the_same_for_every_class_and_wants_the_positive_direction() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 3, 1), nn.ReLU(), nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(4)
    )
    x = torch.rand(2, 1, 5, 8)
    net(x)
    # Once with more places than channels, once with fewer.
    for layer in ("1", "3"):
        first, second = (explain(net, x, "eigen_cam", target, layer).values for target in (0, 3))
        assert torch.equal(first, second)
        maps = net[: int(layer) + 1](x).flatten(2).double()
        for sample, matrix in enumerate(maps):
            u, s, _ = torch.linalg.svd(matrix.T, full_matrices=False)
            expected = (u[:, 0] * s[0]).abs().reshape(first.shape[1:])
            torch.testing.assert_close(first[sample].double(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", ["score_cam", "ablation_cam"])
def test_the_channels_that_vary_most_are_taken_and_a_note_says_so(
    net: nn.Sequential, method: str
) -> None:
    found = explain(net, X, method, target=0, layer="1", channels=1)
    assert found.note == "Made of the 1 channels of 2 that vary most."
    # Channel 2 varies more. Alone, its softmax is 1; without it the score falls by 2.
    scale = {"score_cam": 1.0, "ablation_cam": 2.0}[method]
    torch.testing.assert_close(found.values, scale * torch.tensor([[[2.0, 6.0]]]))


def test_with_global_pooling_hires_cam_is_grad_cam_up_to_a_factor_and_sums_to_the_logit() -> None:
    torch.manual_seed(1)
    pooled = (nn.AdaptiveAvgPool2d(1), nn.Flatten())
    head = nn.Linear(6, 4)
    net = nn.Sequential(nn.Conv2d(3, 6, 3), *pooled, head).double()
    x = torch.rand(2, 3, 9, 12).double()
    grad_cam, hires = (
        explain(net, x, name, target=2, layer="0").values for name in ("grad_cam", "hires_cam")
    )
    torch.testing.assert_close(grad_cam, hires)
    maps = net[0](x)
    signed = (head.weight[2][None, :, None, None] * maps).mean(dim=(2, 3)).sum(dim=1)
    torch.testing.assert_close(signed, net(x)[:, 2] - head.bias[2])
    # The signed sum of HiResCAM: what the ReLU takes away is the map of the negated score.
    negated = explain(net, x, "hires_cam", target=lambda out: -out[:, 2], layer="0").values
    torch.testing.assert_close((hires - negated).sum(dim=(1, 2)), net(x)[:, 2] - head.bias[2])
