"""Write made.json: the state of pages that make guided maps themselves, and what a kernel shows of each.

Usage: python js/tests/golden/make_made.py
"""

from __future__ import annotations

import base64
import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torchvision.transforms import ToTensor

import xcnn_widgets as xw
from xcnn_widgets.pages.html import in_json

NAMES = ["red", "green", "blue"]
METHODS = ["guided_grad_cam", "guided_backprop", "deconvnet"]
STYLES = ["in colour", "positive and negative"]


def main() -> None:
    """Ask a widget for guided maps of two classes at two layers, painted in two ways."""
    torch.manual_seed(20261129)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 12, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(12, len(NAMES)),
    )
    random = np.random.default_rng(5)
    pictures = {"ant": random.integers(0, 256, (20, 28, 3), np.uint8)}
    written = []
    for style in STYLES:
        widget = xw.ExplainerWidget(model, pictures, NAMES, transform=ToTensor(), ahead=False)
        widget.painted = style
        layers = [layer["name"] for layer in widget.get_state()["_layers"]]
        # Grad-CAM of one class only: the other one's goes beside each map.
        widget.precompute(methods=["grad_cam"], targets=["red"])
        widget.precompute(methods=METHODS, targets=["red", "blue"])
        state = json.loads(in_json(widget.page_state()))
        del state["_colormaps"], state["_thumbnails"]
        views = [shown(widget, *choice) for choice in product(METHODS, layers, ("red", "blue"))]
        widget.close()
        written.append({"state": state, "views": views})
    Path(__file__).with_name("made.json").write_text(json.dumps(written) + "\n")


def shown(widget: xw.ExplainerWidget, method: str, layer: str, target: str) -> dict[str, Any]:
    """What a kernel shows of a choice."""
    widget.method, widget.layer, widget.target = method, layer, target
    assert widget.shown is not None
    sent = widget.shown.map
    parts = {name: in_text(sent[name]["data"]) for name in ("colour", "signed") if name in sent}
    choices = {"method": method, "layer": layer, "target": NAMES.index(target)}
    return {"choices": choices, "heat": in_text(sent["data"]), **parts}


def in_text(data: bytes) -> str:
    """Bytes as JSON can hold them."""
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    main()
