"""Runs in the kernel: the widgets that a network is measured with in the browser."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

import xcnn_widgets as xw

from .networks import Placement, network

# All that answer at once; occlusion shows its progress instead.
METHODS = ["grad_cam", "guided_grad_cam", "guided_backprop", "saliency", "deconvnet"]


def explorer(name: str, device: str, pictures: int, *, ahead: bool = True) -> xw.ExplainerWidget:
    """A network with some pictures: photos of its own size, or noise where its weights are random as well."""
    if name == "demo":
        photos = dict(list(xw.demo.photos().items())[:pictures])
        return xw.ExplainerWidget(
            xw.demo.load(), photos, methods=METHODS, device=device, ahead=ahead
        )
    measured = network(name, Placement(device))
    noise = {f"noise {seed}": _noise(measured.side, seed) for seed in range(pictures)}
    return xw.ExplainerWidget(
        measured.model,
        noise,
        transform=_as_it_is,
        layers=measured.layers,
        methods=METHODS,
        ahead=ahead,
    )


def large_picture(name: str, side: int) -> xw.ExplainerWidget:
    """One picture of a given side."""
    measured = network(name)
    images = {"noise": _noise(side, 0)}
    return xw.ExplainerWidget(
        measured.model, images, transform=_as_it_is, layers=measured.layers, methods=["grad_cam"]
    )


def choose(widget: xw.ExplainerWidget, index: int) -> None:
    """Where a walk through a picture's views begins: Grad-CAM at the last layer for the likeliest class."""
    widget.image_index = index
    widget.method = METHODS[0]
    widget.layer = widget._layers[-1]["name"]
    widget.target = widget.predictions[0]["index"]


def choices(widget: xw.ExplainerWidget) -> dict[str, int]:
    """How many views a person can step through."""
    return {
        "class": len(widget.predictions),
        "layer": len(widget._layers),
        "method": len(widget._methods),
    }


def _noise(side: int, seed: int) -> Tensor:
    return torch.rand(3, side, side, generator=torch.Generator().manual_seed(seed))


def _as_it_is(picture: Any) -> Tensor:
    from torchvision.transforms.functional import pil_to_tensor

    pixels: Tensor = pil_to_tensor(picture)
    return pixels.float() / 255
