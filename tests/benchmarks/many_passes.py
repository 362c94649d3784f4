"""Questions that take many passes of one network: methods that ask it again and again, and metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets import metrics

from .bare import input_gradients
from .networks import Network
from .rows import Race, Rival, bare
from .slow_peers import CamsByPasses, CaptumByPasses, pixel_flipping, road_combined

_TARGET = 3
_NEW_CAMS = ("grad_cam_plus_plus", "hires_cam", "layer_cam", "xgrad_cam", "eigen_cam")
# How many points of a path, or noisy copies.
_POINTS = 20
# Of deletion; Quantus' steps have to divide the pixels of a channel without rest.
_STEPS = 12
# How many inputs at once: which is best depends on the network and the machine.
_AT_ONCE = (4, 16)


def five_cams(network: Network) -> Race:
    """Grad-CAM++, HiResCAM, LayerCAM, XGrad-CAM and Eigen-CAM at the last layer of one forward pass; against one Grad-CAM."""
    inputs, layer = network.inputs, network.layers[-1]

    def ours() -> None:
        forward = xw.ForwardPass(network.model, inputs, [layer], input_gradient=False)
        for method in _NEW_CAMS:
            xw.explain_pass(forward, method, _TARGET, layer)

    one = Rival(
        "one Grad-CAM",
        lambda: xw.explain(network.model, inputs, "grad_cam", _TARGET, layer),
        is_limit=True,
    )
    return Race(ours, (one,))


def score_cam(network: Network) -> Race:
    """Score-CAM with all channels of the first layer, exact=False; bare, a forward pass a channel."""
    inputs, layer = network.inputs, network.layers[0]
    frozen, peer = network.frozen_copy(), CamsByPasses(network, layer)

    def ours(*, exact: bool = False) -> object:
        return xw.explain(
            network.model, inputs, "score_cam", _TARGET, layer, channels=None, exact=exact
        )

    return Race(
        ours,
        (
            *_bare(frozen, inputs, _channels(network, layer), _forward),
            Rival("ours, exact=True", lambda: ours(exact=True)),
            *(
                Rival(
                    f"pytorch-grad-cam, {size} at once",
                    partial(peer.score_cam, inputs, _TARGET, size),
                )
                for size in _AT_ONCE
            ),
        ),
    )


def ablation_cam(network: Network) -> Race:
    """Ablation-CAM with all channels of the first layer; bare, a forward pass a channel."""
    inputs, layer = network.inputs, network.layers[0]
    frozen, peer = network.frozen_copy(), CamsByPasses(network, layer)
    return Race(
        lambda: xw.explain(network.model, inputs, "ablation_cam", _TARGET, layer, channels=None),
        (
            *_bare(frozen, inputs, _channels(network, layer), _forward),
            *(
                Rival(
                    f"pytorch-grad-cam, {size} at once",
                    partial(peer.ablation_cam, inputs, _TARGET, size),
                )
                for size in _AT_ONCE
            ),
        ),
    )


def integrated_gradients(network: Network) -> Race:
    """Integrated gradients in 20 steps, exact=False; bare, a forward and a backward pass a step."""
    return _race_of_gradients(network, "integrated_gradients", "steps")


def smooth_grad(network: Network) -> Race:
    """SmoothGrad of 20 noisy copies, exact=False; bare, a forward and a backward pass a copy."""
    return _race_of_gradients(network, "smooth_grad", "samples")


def _race_of_gradients(network: Network, method: str, points: str) -> Race:
    inputs, frozen = network.inputs, network.frozen_copy()
    theirs = getattr(CaptumByPasses(network), method)

    def ours(*, exact: bool = False) -> object:
        more: dict[str, Any] = {points: _POINTS}
        return xw.explain(network.model, inputs, method, _TARGET, exact=exact, **more)

    return Race(
        ours,
        (
            *_bare(frozen, inputs, _POINTS, _forward_and_back),
            Rival("ours, exact=True", lambda: ours(exact=True)),
            *(
                Rival(f"Captum, {size} at once", partial(theirs, inputs, _TARGET, _POINTS, size))
                for size in _AT_ONCE
            ),
        ),
    )


def road(network: Network) -> Race:
    """ROAD of a random map of one picture, 9 percentiles; bare, 19 forward passes."""
    inputs, maps = network.inputs, _maps(network.inputs)
    return Race(
        lambda: metrics.road(network.model, inputs, maps, _TARGET),
        (
            *_bare(network.frozen_copy(), inputs, 19, _forward),
            Rival("pytorch-grad-cam", lambda: road_combined(network, inputs, maps, _TARGET)),
        ),
    )


def deletion(network: Network) -> Race:
    """Deletion of random maps of 4 pictures in 12 steps; bare, 13 forward passes of each."""
    inputs = network.batch[:4]
    maps = _maps(inputs)
    frozen = network.frozen_copy()

    def passes() -> None:
        for _ in range(_STEPS + 1):
            _forward(frozen, inputs)

    return Race(
        lambda: metrics.deletion(network.model, inputs, maps, _TARGET, steps=_STEPS),
        (
            bare(passes),
            Rival("Quantus", lambda: pixel_flipping(network, inputs, maps, _TARGET, _STEPS)),
        ),
    )


def _bare(
    frozen: nn.Module, inputs: Tensor, count: int, run: Callable[[nn.Module, Tensor], None]
) -> Iterator[Rival]:
    """So many passes, with several numbers of inputs at once."""

    def passes(at_once: int) -> None:
        for start in range(0, count, at_once):
            run(frozen, inputs.repeat(min(at_once, count - start), 1, 1, 1))

    for size in _AT_ONCE:
        yield Rival(f"bare torch, {size} at once", partial(passes, size), is_limit=True)


def _forward(frozen: nn.Module, inputs: Tensor) -> None:
    with torch.no_grad():
        frozen(inputs)


def _forward_and_back(frozen: nn.Module, inputs: Tensor) -> None:
    input_gradients(frozen, inputs, [_TARGET])


def _channels(network: Network, layer: str) -> int:
    return xw.ForwardPass(network.model, network.inputs, [layer]).activation(layer).shape[1]


def _maps(inputs: Tensor) -> Tensor:
    """One a picture, no two pixels equal."""
    samples, _, *size = inputs.shape
    return torch.rand(samples, *size, generator=torch.Generator().manual_seed(2))
