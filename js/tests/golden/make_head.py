"""Write head.json: the state of a page that answers every class, and what a kernel shows of each.

Usage: python js/tests/golden/make_head.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torchvision.transforms import ToTensor

import xcnn_widgets as xw
from xcnn_widgets.pages.html import in_json
from xcnn_widgets.study.wire import quantised

NAMES = ["red", "green", "blue", "grey", "black", "white"]
PAIRS = [("red", "blue"), ("black", "green")]


def main() -> None:
    """Ask a widget for every class of two pictures, and for some classes rather than others."""
    torch.manual_seed(20261128)
    model = nn.Sequential(
        nn.Conv2d(3, 7, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(7, len(NAMES)),
    )
    with torch.no_grad():
        model[4].weight.mul_(6)
        # Nothing speaks for the last one anywhere.
        model[4].weight[5] = -model[4].weight[5].abs()
    random = np.random.default_rng(3)
    pictures = {name: random.integers(0, 256, (6, 8, 3), np.uint8) for name in ("ant", "bee")}
    widget = xw.ExplainerWidget(model, pictures, NAMES, transform=ToTensor(), ahead=False)
    widget.precompute(methods=["grad_cam", "saliency"], targets=["red"], classes="all")
    state = json.loads(in_json(widget.page_state()))
    del state["_colormaps"], state["_thumbnails"]
    views = [shown(widget, image, name) for image in (0, 1) for name in NAMES]
    pairs = [shown(widget, 0, a, b) for a, b in PAIRS]
    terms = terms_of(model, widget)
    widget.close()
    written = {"state": state, "views": views, "pairs": pairs, "terms": terms}
    Path(__file__).with_name("head.json").write_text(json.dumps(written) + "\n")


def shown(
    widget: xw.ExplainerWidget, image: int, name: str, rather_than: str | None = None
) -> dict[str, Any]:
    """What a kernel shows of a class."""
    widget.image_index, widget.target = image, name
    if rather_than is not None:
        widget.rather_than = rather_than
    assert widget.explanation is not None
    assert widget.shown is not None
    values = widget.explanation.maps()[0].numpy()
    low, high = widget.explanation.ranges()[0]
    return {
        "image_index": image,
        "target": NAMES.index(name),
        "rather_than": None if rather_than is None else NAMES.index(rather_than),
        "levels": quantised(values, low, high).flatten().tolist(),
        "range": [low, high],
        "said": {k: v for k, v in widget.shown.map["target"].items() if k != "index"},
        "status": widget.status,
        "note": widget.note,
    }


def terms_of(model: nn.Module, widget: xw.ExplainerWidget) -> dict[str, Any]:
    """The terms of the first picture's first class."""
    inputs = widget.exploration.prepared(0).input.unsqueeze(0)
    terms = xw.channel_terms(model, inputs, 0, widget.exploration.layers(0)[-1])
    return {
        "weights": terms.weights[0].tolist(),
        "means": terms.means[0].tolist(),
        "shares": terms.shares[0].tolist(),
        "map": terms.maps[0, 2].flatten().tolist(),
    }


if __name__ == "__main__":
    main()
