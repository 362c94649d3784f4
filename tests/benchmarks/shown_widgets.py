"""Runs in the kernel: the widgets that a network is measured with in the browser."""

from __future__ import annotations

from functools import cache
from typing import Any

import xcnn_widgets as xw

from .networks import Network, as_it_is, network, noise_pictures

# All that answer at once; occlusion shows its progress instead.
METHODS = ["grad_cam", "guided_grad_cam", "guided_backprop", "saliency", "deconvnet"]


def explorer(name: str, pictures: int, *, ahead: bool = True) -> xw.ExplainerWidget:
    """A network with some pictures: photos of its own size, or noise where its weights are random as well."""
    measured = _measured(name)
    options: dict[str, Any] = {"layers": measured.layers, "methods": METHODS, "ahead": ahead}
    if name == "demo":
        photos = dict(list(xw.demo.photos().items())[:pictures])
        return xw.ExplainerWidget(xw.demo.load(), photos, **options)
    noise = noise_pictures(measured.side, pictures)
    return xw.ExplainerWidget(measured.model, noise, transform=as_it_is, **options)


def large_picture(name: str, side: int) -> xw.ExplainerWidget:
    """One picture of a given side."""
    model, noise = _measured(name).model, noise_pictures(side, 1)
    return xw.ExplainerWidget(model, noise, transform=as_it_is, methods=["grad_cam"])


def choose(widget: xw.ExplainerWidget, name: str, index: int) -> dict[str, int]:
    """Go to where the views of a picture begin: Grad-CAM at the last layer for the likeliest class.

    Returns how many classes, layers and methods there are to step through.
    """
    layers = _measured(name).layers
    widget.image_index = index
    widget.method, widget.layer = METHODS[0], layers[-1]
    widget.target = widget.predictions[0]["index"]
    return {"class": len(widget.predictions), "layer": len(layers), "method": len(METHODS)}


def view(widget: xw.ExplainerWidget) -> list[object]:
    """What is shown; Grad-CAM's layer is kept while a method is shown that needs none."""
    return [widget.image_index, widget.method, widget.layer, widget.target]


@cache
def _measured(name: str) -> Network:
    return network(name)
